package dev.holdfast.jepsen.workload;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.SemaphoreInfo;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.workload.Caller.Got;
import dev.holdfast.jepsen.workload.Caller.Spot;
import dev.holdfast.jepsen.workload.Caller.Wish;
import java.time.Duration;

/** Acquires some of a semaphore's permits, perhaps more of them while it holds some, and gives them back in parts. */
final class SemaphoreScript implements Script {
    static final int LIMIT = 5;
    private static final int ASKED_MAX = 3;
    private static final int MORE_ONE_IN = 3;
    private static final int INSPECT_ONE_IN = 6;

    @Override
    public boolean once(Caller caller) throws InterruptedException {
        Spot spot = caller.anySpot();
        Lockable lockable = Holdfast.createLockable(spot.key()).of();
        HoldfastSemaphore semaphore = caller.client.createSemaphore(LIMIT);
        if (caller.random.nextInt(INSPECT_ONE_IN) == 0) {
            return Caller.known(caller.record(spot.key(), new Call.Inspect(), () -> {
                SemaphoreInfo info = semaphore.get(lockable);
                return Caller.seen(info.holds(), info.waiters());
            }));
        }
        boolean ttl = caller.random.nextBoolean();
        Wish wish = new Wish(1 + caller.random.nextInt(ASKED_MAX), LIMIT, false, ttl, caller.anyWait());
        Got got = caller.acquire(
                spot, wish, options -> semaphore.acquire(caller.owner, lockable, wish.permits(), options));
        LockHandle first = got.handle();
        if (first == null) {
            return got.isKnown();
        }
        caller.believe(spot, first);
        if (caller.random.nextInt(MORE_ONE_IN) == 0 && !more(caller, spot, semaphore, lockable, got, ttl)) {
            return false;
        }
        return caller.release(first);
    }

    /** Acquires and releases one more permit on top of what is held. Returns whether the outcome is known. */
    private static boolean more(
            Caller caller, Spot spot, HoldfastSemaphore semaphore, Lockable lockable, Got first, boolean ttl)
            throws InterruptedException {
        Got got = caller.acquireMore(
                spot,
                new Wish(1, LIMIT, false, ttl, Duration.ZERO),
                first,
                options -> semaphore.acquire(caller.owner, lockable, 1, options));
        LockHandle second = got.handle();
        if (second == null) {
            return got.isKnown();
        }
        caller.believe(spot, second);
        return caller.release(second);
    }
}
