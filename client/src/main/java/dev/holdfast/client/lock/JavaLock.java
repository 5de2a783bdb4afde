package dev.holdfast.client.lock;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockExpiredException;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockNotHeldException;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link FencedLock} in two steps: the threads of this process first settle by a local lock who may ask, so the cluster
 * sees one of them at a time; and the local lock knows which thread holds, and how often, without a thread-local variable.
 */
final class JavaLock implements FencedLock {
    private static final String OWNER_TYPE = "thread";

    private final DefaultLock lock;
    private final Lockable lockable;
    private final LongSupplier nanoTime;
    private final ReentrantLock gate = new ReentrantLock();

    /** Guarded by {@link #gate}: there is one while a thread is inside. */
    private @Nullable LockHandle handle;

    JavaLock(DefaultLock lock, Lockable lockable, LongSupplier nanoTime) {
        this.lock = lock;
        this.lockable = lockable;
        this.nanoTime = nanoTime;
    }

    private interface Acquiring {
        AcquireResult acquire() throws InterruptedException;
    }

    @Override
    public void lock() {
        gate.lock();
        boolean inside = false;
        try {
            if (!isNested()) {
                AcquireOptions forEver = AcquireOptions.defaults().waitForever();
                LockHandle granted =
                        lock.acquireUninterruptibly(newOwner(), lockable, forEver).orThrow();
                handle = granted;
            }
            inside = true;
        } finally {
            leaveUnless(inside);
        }
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        gate.lockInterruptibly();
        AcquireOptions forEver = AcquireOptions.defaults().waitForever();
        enter(() -> {
            AcquireResult result = lock.acquire(newOwner(), lockable, forEver);
            result.orThrow();
            return result;
        });
    }

    @Override
    public boolean tryLock() {
        if (!gate.tryLock()) {
            return false;
        }
        try {
            return enter(() -> lock.acquire(newOwner(), lockable));
        } catch (InterruptedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        long begunNanos = nanoTime.getAsLong();
        if (!gate.tryLock(time, unit)) {
            return false;
        }
        long leftNanos = unit.toNanos(time) - (nanoTime.getAsLong() - begunNanos);
        return enter(() -> lock.acquire(newOwner(), lockable, waiting(leftNanos)));
    }

    private static AcquireOptions waiting(long nanos) {
        AcquireOptions options = AcquireOptions.defaults();
        if (nanos <= 0) {
            return options;
        }
        return nanos >= TimeUnit.DAYS.toNanos(365) ? options.waitForever() : options.wait(Duration.ofNanos(nanos));
    }

    /** With the gate in hand: goes in, or gives the gate back. */
    private boolean enter(Acquiring acquiring) throws InterruptedException {
        boolean inside = false;
        try {
            inside = isNested();
            if (!inside) {
                LockHandle granted = acquiring.acquire().handle().orElse(null);
                handle = granted;
                inside = granted != null;
            }
            return inside;
        } finally {
            leaveUnless(inside);
        }
    }

    private void leaveUnless(boolean inside) {
        if (!inside) {
            gate.unlock();
        }
    }

    private boolean isNested() {
        if (gate.getHoldCount() == 1) {
            return false;
        }
        LockHandle held = handle;
        if (held == null || held.state() == HoldState.LOST) {
            throw new IllegalMonitorStateException("the hold on '" + lockable.key()
                    + "' was lost while this thread was inside; it must unlock before it locks again");
        }
        return true;
    }

    @Override
    public void unlock() {
        LockHandle held = checkInside();
        if (gate.getHoldCount() > 1) {
            gate.unlock();
            return;
        }
        // When the release fails otherwise, this thread stays inside and may try again.
        try {
            held.release();
        } catch (LockExpiredException | LockNotHeldException gone) {
            handle = null;
            gate.unlock();
            IllegalMonitorStateException lost = new IllegalMonitorStateException(
                    "the hold on '" + lockable.key() + "' was lost while this thread was inside");
            lost.initCause(gone);
            throw lost;
        }
        handle = null;
        gate.unlock();
    }

    private LockHandle checkInside() {
        if (!gate.isHeldByCurrentThread()) {
            throw new IllegalMonitorStateException("this thread does not hold '" + lockable.key() + "'");
        }
        LockHandle held = handle;
        if (held == null) {
            throw new IllegalMonitorStateException("'" + lockable.key() + "' is not held");
        }
        return held;
    }

    @Override
    public long token() {
        LockHandle held = checkInside();
        if (held.state() == HoldState.LOST) {
            throw new IllegalMonitorStateException("the hold on '" + lockable.key() + "' was lost");
        }
        return held.token();
    }

    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("a lock of the cluster has no conditions");
    }

    private static LockOwner newOwner() {
        return LockOwner.unique(OWNER_TYPE);
    }

    @Override
    public String toString() {
        return "Lock on '" + lockable.key() + "'";
    }
}
