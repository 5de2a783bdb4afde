package dev.holdfast.integration;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/** The client's own thread-bound view, with the framework's manners. It has no state of its own. */
class LockView implements RegistryLock {
    private static final boolean DISTRIBUTED_LOCKS = ClassUtils.isPresent(
            "org.springframework.integration.support.locks.DistributedLock", LockView.class.getClassLoader());

    private final HoldfastLock lock;
    private final Lockable lockable;
    private final AcquireOptions lease;
    private final FencedLock view;

    LockView(HoldfastLock lock, Lockable lockable, AcquireOptions lease) {
        this.lock = lock;
        this.lockable = lockable;
        this.lease = lease;
        this.view = lock.asJavaLock(lockable, lease);
    }

    static LockView of(HoldfastLock lock, Lockable lockable, AcquireOptions lease) {
        return DISTRIBUTED_LOCKS
                ? DistributedLockView.create(lock, lockable, lease)
                : new LockView(lock, lockable, lease);
    }

    @Override
    public void lock() {
        settle();
        view.lock();
        entered(lease.ttl(), false);
    }

    @Override
    public void lock(Duration ttl) {
        AcquireOptions once = lease.ttl(ttl);
        settle();
        lock.asJavaLock(lockable, once).lock();
        entered(once.ttl(), true);
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        settle();
        view.lockInterruptibly();
        entered(lease.ttl(), false);
    }

    @Override
    public boolean tryLock() {
        settle();
        return entered(view.tryLock(), lease.ttl(), false);
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        settle();
        return entered(view.tryLock(time, unit), lease.ttl(), false);
    }

    @Override
    public boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException {
        AcquireOptions once = lease.ttl(ttl);
        long waitNanos = TimeUnit.NANOSECONDS.convert(waitTime);
        settle();
        return entered(lock.asJavaLock(lockable, once).tryLock(waitNanos, TimeUnit.NANOSECONDS), once.ttl(), true);
    }

    // An acquire must not take for nested what an unlock left behind.
    private void settle() {
        Leftovers.settle();
        Leftover mine = leftover();
        if (mine == null || Leftover.heldBy(view) == null) {
            return;
        }
        try {
            view.unlock();
        } catch (IllegalMonitorStateException over) {
            // The release in the background was faster.
        }
        Leftovers.drop(mine);
    }

    private @Nullable Leftover leftover() {
        return Leftovers.find(lockable.key(), view);
    }

    private boolean entered(boolean acquired, Optional<Duration> ttl, boolean named) {
        if (acquired) {
            entered(ttl, named);
        }
        return acquired;
    }

    /** @param named whether this acquire has named the TTL; otherwise, that of the outermost comes first */
    private void entered(Optional<Duration> ttl, boolean named) {
        Leftovers.settle();
        LockHandle handle = Leftover.heldBy(view);
        if (handle == null) {
            return; // It was lost at once, and the unlock will say so.
        }
        if (view.getHoldCount() == 1) {
            ttl.ifPresent(each -> Ttls.remember(handle, each));
        } else {
            (named ? ttl : Ttls.of(handle).or(() -> ttl)).ifPresent(each -> prolong(handle, each));
        }
    }

    private void prolong(LockHandle handle, Duration ttl) {
        try {
            handle.extend(ttl);
        } catch (RuntimeException | Error e) {
            view.unlock();
            throw e;
        }
    }

    @Override
    public void unlock() {
        Leftovers.settle();
        if (leftover() != null) {
            throw notOwner();
        }
        Patience patience = new Patience();
        try {
            unlock(patience);
        } finally {
            patience.end();
        }
    }

    // The framework unlocks once. If its thread were still inside after that, it would be for good, and nobody else
    // would
    // get the lock.
    private void unlock(Patience patience) {
        LockHandle handle = Leftover.heldBy(view);
        while (true) {
            try {
                view.unlock();
                return;
            } catch (LockUnavailableException | LockOutcomeUnknownException e) {
                if (!patience.pause()) {
                    leave(handle).releaseInBackground();
                    return;
                }
            } catch (IllegalMonitorStateException e) {
                throw e.getCause() == null ? notOwner() : lost(e);
            } catch (RuntimeException | Error refused) {
                leave(handle).lapseInBackground();
                throw refused;
            }
        }
    }

    private Leftover leave(@Nullable LockHandle handle) {
        Leftover leftover = new Leftover(lockable.key(), view, handle);
        Leftovers.add(leftover);
        return leftover;
    }

    private RuntimeException notOwner() {
        return new IllegalMonitorStateException("The current thread does not own the lock '" + lockable.key() + "'.");
    }

    private RuntimeException lost(IllegalMonitorStateException e) {
        return new ConcurrentModificationException(
                "The lock '" + lockable.key() + "' was lost before it was unlocked, so others may have been inside. "
                        + (e.getCause() == null ? e : e.getCause()).getMessage(),
                e);
    }

    @Override
    public long token() {
        return handle().token();
    }

    @Override
    public LockHandle handle() {
        if (leftover() != null) {
            throw notOwner();
        }
        return view.handle();
    }

    @Override
    public boolean isHeldByCurrentThread() {
        return leftover() == null && view.isHeldByCurrentThread();
    }

    @Override
    public int getHoldCount() {
        return leftover() == null ? view.getHoldCount() : 0;
    }

    @Override
    public Condition newCondition() {
        return view.newCondition();
    }

    @Override
    public String toString() {
        return view.toString();
    }
}
