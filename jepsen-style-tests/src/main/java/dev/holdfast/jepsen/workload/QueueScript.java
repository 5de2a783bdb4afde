package dev.holdfast.jepsen.workload;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.jepsen.workload.Caller.Got;
import dev.holdfast.jepsen.workload.Caller.Spot;
import dev.holdfast.jepsen.workload.Caller.Wish;
import java.time.Duration;

/** Waits in the queue for a mutex, longer than a failover takes; or inspects who waits, and in which order. */
final class QueueScript implements Script {
    private static final Duration WAIT = Duration.ofSeconds(4);
    private static final int INSPECT_ONE_IN = 3;

    @Override
    public boolean once(Caller caller) throws InterruptedException {
        Spot spot = caller.anySpot();
        Lockable lockable = Holdfast.createLockable(spot.key()).of();
        HoldfastLock lock = caller.client.createLock();
        if (caller.random.nextInt(INSPECT_ONE_IN) == 0) {
            return MutexScript.inspect(caller, spot, lock, lockable);
        }
        Wish wish = new Wish(1, 1, false, false, WAIT);
        Got got = caller.acquire(spot, wish, options -> lock.acquire(caller.owner, lockable, options));
        LockHandle handle = got.handle();
        if (handle == null) {
            return got.isKnown();
        }
        caller.believe(spot, handle);
        return caller.release(handle);
    }
}
