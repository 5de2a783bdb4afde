package dev.holdfast.client.internal.facade;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.FencedLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.internal.facade.ThreadHolds.Claim;
import dev.holdfast.protocol.LockableKey;
import java.time.Duration;
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
    private final LockableKey key;
    private final AcquireOptions options;
    private final Duration tryTimeout;
    private final ThreadHolds holds;

    /** @param options how to acquire; the wait is that of the method called */
    JavaLock(DefaultLock lock, Lockable lockable, AcquireOptions options, long requestTimeoutNanos, ThreadHolds holds) {
        this.tryTimeout = Duration.ofNanos(requestTimeoutNanos / TRY_LOCK_PART);
        this.lock = lock;
        this.lockable = lockable;
        this.key = LockableKey.mutex(lockable.key());
        this.options = options;
        this.holds = holds;
    }

    @Override
    public void lock() {
        while (!isNested()) {
            try {
                enter(lock.acquireUninterruptibly(newOwner(), lockable, options.waitForever())
                        .orThrow());
                return;
            } catch (LockSessionLostException lost) {
                // Its place in the queue is gone; whoever locks waits for as long as it takes.
            }
        }
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        while (!isNested()) {
            try {
                enter(lock.acquire(newOwner(), lockable, options.waitForever()).orThrow());
                return;
            } catch (LockSessionLostException lost) {
                // As in lock().
            }
        }
    }

    @Override
    public boolean tryLock() {
        return isNested()
                || enterIfGranted(lock.acquireUninterruptibly(newOwner(), lockable, promptly(options.noWait())));
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return isNested() || enterIfGranted(lock.acquire(newOwner(), lockable, waiting(unit.toNanos(time))));
    }

    private AcquireOptions waiting(long nanos) {
        if (nanos <= 0) {
            return promptly(options.noWait());
        }
        return nanos >= TimeUnit.DAYS.toNanos(365) ? options.waitForever() : options.wait(Duration.ofNanos(nanos));
    }

    private AcquireOptions promptly(AcquireOptions withoutWait) {
        return withoutWait.timeout().isPresent() ? withoutWait : withoutWait.timeout(tryTimeout);
    }

    private boolean enterIfGranted(AcquireResult result) {
        result.handle().ifPresent(this::enter);
        return result.acquired();
    }

    private void enter(LockHandle granted) {
        holds.enter(key, granted);
    }

    /** Goes one level deeper if this thread is inside. */
    private boolean isNested() {
        Claim mine = holds.mine(key);
        if (mine == null) {
            return false;
        }
        switch (mine.handle.state()) {
            case HELD, SUSPECT -> {
                mine.depth = Math.addExact(mine.depth, 1);
                return true;
            }
            case IN_DOUBT -> {
                settle(mine);
                return false;
            }
            case RELEASED -> {
                holds.leave(key);
                return false;
            }
            case LOST -> throw lost(null);
        }
        throw new IllegalStateException("no such state");
    }

    // This thread has unlocked, and does not know what became of that. It is outside, and must not take the hold that
    // it may have left behind for a new one.
    private void settle(Claim mine) {
        try {
            mine.handle.release();
        } catch (LockExpiredException | LockNotHeldException gone) {
            // That is what it wanted.
        }
        holds.leave(key);
    }

    @Override
    public void unlock() {
        Claim mine = mine();
        if (mine.depth > 1) {
            mine.depth--;
            return;
        }
        // When the release fails otherwise, this thread stays inside and may try again.
        try {
            mine.handle.release();
        } catch (LockExpiredException | LockNotHeldException | LockClientClosedException gone) {
            holds.leave(key);
            throw lost(gone);
        }
        holds.leave(key);
    }

    @Override
    public long token() {
        return held().token();
    }

    @Override
    public LockHandle handle() {
        return held();
    }

    private LockHandle held() {
        Claim mine = mine();
        if (!mine.handle.isHeld()) {
            throw lost(null);
        }
        return mine.handle;
    }

    @Override
    public boolean isHeldByCurrentThread() {
        Claim mine = holds.mine(key);
        return mine != null && mine.handle.isHeld();
    }

    @Override
    public int getHoldCount() {
        Claim mine = holds.mine(key);
        return mine != null && mine.handle.isHeld() ? mine.depth : 0;
    }

    private Claim mine() {
        Claim mine = holds.mine(key);
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
        Claim mine = holds.mine(key);
        String state = mine == null
                ? "not held by this thread"
                : mine.handle.state() + " by this thread, token " + mine.handle.token() + ", " + mine.depth + " deep";
        return "Lock on '" + lockable.key() + "' (" + state + ")";
    }
}
