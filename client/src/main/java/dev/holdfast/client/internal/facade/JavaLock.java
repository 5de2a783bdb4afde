package dev.holdfast.client.internal.facade;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * A {@link FencedLock}. Every acquisition has an owner of its own, so the cluster's queue is the only one, and threads of
 * all processes are served in the order in which they came.
 */
final class JavaLock implements FencedLock {
    private static final String OWNER_TYPE = "thread";

    private final DefaultLock lock;
    private final Lockable lockable;

    /**
     * Who is inside, by thread. More than one only while threads that lost their hold have not unlocked yet. Each entry is
     * touched by its own thread only.
     */
    private final Map<Thread, Inside> inside = new ConcurrentHashMap<>();

    JavaLock(DefaultLock lock, Lockable lockable) {
        this.lock = lock;
        this.lockable = lockable;
    }

    private static final class Inside {
        final LockHandle handle;
        int depth = 1;

        Inside(LockHandle handle) {
            this.handle = handle;
        }
    }

    @Override
    public void lock() {
        if (!isNested()) {
            enter(lock.acquireUninterruptibly(newOwner(), lockable, forEver()).orThrow());
        }
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!isNested()) {
            enter(lock.acquire(newOwner(), lockable, forEver()).orThrow());
        }
    }

    @Override
    public boolean tryLock() {
        return isNested() || enterIfGranted(lock.acquire(newOwner(), lockable));
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return isNested() || enterIfGranted(lock.acquire(newOwner(), lockable, waiting(unit.toNanos(time))));
    }

    private static AcquireOptions forEver() {
        return AcquireOptions.defaults().waitForever();
    }

    private static AcquireOptions waiting(long nanos) {
        if (nanos <= 0) {
            return AcquireOptions.defaults();
        }
        return nanos >= TimeUnit.DAYS.toNanos(365)
                ? forEver()
                : AcquireOptions.defaults().wait(Duration.ofNanos(nanos));
    }

    private boolean enterIfGranted(AcquireResult result) {
        result.handle().ifPresent(this::enter);
        return result.acquired();
    }

    private void enter(LockHandle granted) {
        inside.put(Thread.currentThread(), new Inside(granted));
    }

    /** Goes one level deeper if this thread is inside. */
    private boolean isNested() {
        Inside mine = inside.get(Thread.currentThread());
        if (mine == null) {
            return false;
        }
        if (mine.handle.state() == HoldState.LOST) {
            throw lost(null);
        }
        mine.depth = Math.addExact(mine.depth, 1);
        return true;
    }

    @Override
    public void unlock() {
        Inside mine = mine();
        if (mine.depth > 1) {
            mine.depth--;
            return;
        }
        // When the release fails otherwise, this thread stays inside and may try again.
        try {
            mine.handle.release();
        } catch (LockExpiredException | LockNotHeldException gone) {
            inside.remove(Thread.currentThread());
            throw lost(gone);
        }
        inside.remove(Thread.currentThread());
    }

    @Override
    public long token() {
        Inside mine = mine();
        if (mine.handle.state() == HoldState.LOST) {
            throw lost(null);
        }
        return mine.handle.token();
    }

    private Inside mine() {
        Inside mine = inside.get(Thread.currentThread());
        if (mine == null) {
            throw new IllegalMonitorStateException("this thread does not hold '" + lockable.key() + "'");
        }
        return mine;
    }

    private IllegalMonitorStateException lost(@Nullable Throwable cause) {
        IllegalMonitorStateException lost = new IllegalMonitorStateException(
                "the hold on '" + lockable.key() + "' was lost while this thread was inside");
        if (cause != null) {
            lost.initCause(cause);
        }
        return lost;
    }

    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("a distributed lock has no conditions");
    }

    private static LockOwner newOwner() {
        return LockOwner.unique(OWNER_TYPE);
    }

    @Override
    public String toString() {
        return "Lock on '" + lockable.key() + "'";
    }
}
