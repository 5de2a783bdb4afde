package dev.holdfast.jepsen.workload;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.Lockable;
import dev.holdfast.jepsen.workload.Caller.Got;
import dev.holdfast.jepsen.workload.Caller.Spot;
import dev.holdfast.jepsen.workload.Caller.Wish;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Acquires a reentrant mutex up to three times over, and releases it as often. */
final class ReentrantScript implements Script {
    private static final int DEPTH_MAX = 3;
    private static final int INSPECT_ONE_IN = 4;

    @Override
    public boolean once(Caller caller) throws InterruptedException {
        Spot spot = caller.anySpot();
        Lockable lockable = Holdfast.createLockable(spot.key()).of();
        HoldfastLock lock = caller.client.createLock(LockOptions.defaults().reentrant());
        Wish wish = new Wish(1, 1, true, caller.random.nextBoolean(), caller.anyWait());
        Deque<LockHandle> handles = new ArrayDeque<>();
        @Nullable Got last = null;
        for (int depth = 1 + caller.random.nextInt(DEPTH_MAX); depth > 0; depth--) {
            Got got = caller.acquireMore(spot, wish, last, options -> lock.acquire(caller.owner, lockable, options));
            last = got;
            LockHandle handle = got.handle();
            if (handle == null) {
                return got.isKnown() && (handles.isEmpty() || releaseAll(caller, handles));
            }
            if (!handles.isEmpty() && handle.token() != handles.getFirst().token()) {
                // The hold was lost on the way: this is another.
                handles.clear();
                handles.push(handle);
                break;
            }
            handles.push(handle);
            caller.believe(spot, handle);
            if (caller.random.nextInt(INSPECT_ONE_IN) == 0 && !MutexScript.inspect(caller, spot, lock, lockable)) {
                return false;
            }
        }
        return releaseAll(caller, handles);
    }

    private static boolean releaseAll(Caller caller, Deque<LockHandle> handles) throws InterruptedException {
        while (!handles.isEmpty()) {
            if (!caller.release(handles.pop())) {
                return false;
            }
        }
        return true;
    }
}
