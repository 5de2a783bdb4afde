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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import org.springframework.util.ClassUtils;

/** The client's own thread-bound view, with the framework's manners. It has no state. */
class LockView implements RegistryLock {
    private static final boolean DISTRIBUTED_LOCKS = ClassUtils.isPresent(
            "org.springframework.integration.support.locks.DistributedLock", LockView.class.getClassLoader());

    private static final long RETRY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

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
        view.lock();
        prolongIfNested(lease);
    }

    @Override
    public void lock(Duration ttl) {
        AcquireOptions once = lease.ttl(ttl);
        lock.asJavaLock(lockable, once).lock();
        prolongIfNested(once);
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        view.lockInterruptibly();
        prolongIfNested(lease);
    }

    @Override
    public boolean tryLock() {
        return prolonged(view.tryLock(), lease);
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        return prolonged(view.tryLock(time, unit), lease);
    }

    @Override
    public boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException {
        AcquireOptions once = lease.ttl(ttl);
        long waitNanos = TimeUnit.NANOSECONDS.convert(waitTime);
        return prolonged(lock.asJavaLock(lockable, once).tryLock(waitNanos, TimeUnit.NANOSECONDS), once);
    }

    private boolean prolonged(boolean acquired, AcquireOptions options) {
        if (acquired) {
            prolongIfNested(options);
        }
        return acquired;
    }

    private void prolongIfNested(AcquireOptions options) {
        if (options.ttl().isEmpty() || view.getHoldCount() < 2) {
            return;
        }
        try {
            view.handle().extend(options.ttl().get());
        } catch (RuntimeException e) {
            view.unlock();
            throw e;
        }
    }

    @Override
    public void unlock() {
        while (!tryUnlock()) {
            LockSupport.parkNanos(RETRY_PAUSE_NANOS);
        }
    }

    // The framework unlocks once. If that were to fail, its thread would be inside for good, and the lock nobody
    // else's.
    private boolean tryUnlock() {
        try {
            view.unlock();
            return true;
        } catch (LockUnavailableException | LockOutcomeUnknownException e) {
            return false;
        } catch (IllegalMonitorStateException e) {
            throw e.getCause() == null ? notOwner() : lost(e);
        }
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
        return view.token();
    }

    @Override
    public LockHandle handle() {
        return view.handle();
    }

    @Override
    public boolean isHeldByCurrentThread() {
        return view.isHeldByCurrentThread();
    }

    @Override
    public int getHoldCount() {
        return view.getHoldCount();
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
