package dev.holdfast.jepsen.workload;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.workload.Caller.Got;
import dev.holdfast.jepsen.workload.Caller.Spot;
import dev.holdfast.jepsen.workload.Caller.Wish;
import java.util.List;

/**
 * Acquires a mutex, with and without waiting, checks what the client believes, extends it and releases it; or only
 * inspects it.
 */
final class MutexScript implements Script {
    private static final int INSPECT_ONE_IN = 6;
    private static final int EXTEND_ONE_IN = 3;

    @Override
    public boolean once(Caller caller) throws InterruptedException {
        Spot spot = caller.anySpot();
        Lockable lockable = Holdfast.createLockable(spot.key()).of();
        HoldfastLock lock = caller.client.createLock();
        if (caller.random.nextInt(INSPECT_ONE_IN) == 0) {
            return inspect(caller, spot, lock, lockable);
        }
        Wish wish = new Wish(1, 1, false, caller.random.nextBoolean(), caller.anyWait());
        Got got = caller.acquire(spot, wish, options -> lock.acquire(caller.owner, lockable, options));
        LockHandle handle = got.handle();
        if (handle == null) {
            return got.isKnown();
        }
        caller.believe(spot, handle);
        boolean extend = wish.ttl() && caller.random.nextInt(EXTEND_ONE_IN) == 0;
        return (!extend || caller.extend(spot, handle)) && caller.release(handle);
    }

    static boolean inspect(Caller caller, Spot spot, HoldfastLock lock, Lockable lockable) throws InterruptedException {
        return Caller.known(caller.record(
                spot.key(),
                new Call.Inspect(),
                () -> lock.get(lockable)
                        .map(info -> Caller.seen(List.of(info.hold()), info.waiters()))
                        .orElse(new Result.Seen(List.of()))));
    }
}
