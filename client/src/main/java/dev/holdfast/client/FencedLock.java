package dev.holdfast.client;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.util.concurrent.locks.Lock;

/**
 * A thread-bound view of one lockable. All views of a lockable that come from one client are one lock.
 *
 * <ul>
 *   <li>Reentrant for the thread that holds it, through whichever view of that client. Threads of one client exclude one
 *       another, as they exclude everybody else.
 *   <li>{@code unlock} by another thread throws {@link IllegalMonitorStateException}. So does the outermost {@code unlock}
 *       after the hold was lost or the client was closed, which ends the thread's claim, and a nested {@code lock} after a loss,
 *       which has no effect.
 *   <li>{@code lock} and {@code tryLock()} are not interruptible; the others are, as {@link Lock} specifies. If the session is
 *       lost while they wait, {@code lock} and {@code lockInterruptibly} queue again, at the end; {@code tryLock} fails.
 *   <li>{@code tryLock()} returns or throws within a {@linkplain #TRY_LOCK_PART fifth} of the
 *       {@linkplain ClientOptions#requestTimeout request timeout}, 2 s by default, also if nobody answers; {@code tryLock} with
 *       a time within that time and the {@linkplain AcquireOptions#wait grace} of a wait; unless the view's options have a
 *       {@linkplain AcquireOptions#timeout timeout} of their own.
 *   <li>Any of them may throw {@link LockException}. After an {@code unlock} that failed with
 *       {@link LockUnavailableException} the thread still holds the lock, and may call {@code unlock} again. After one that
 *       failed with {@link LockOutcomeUnknownException} it may call {@code unlock} again too; if it locks instead, that first
 *       settles the release, and then acquires anew, under a new token.
 *   <li>{@code newCondition} throws {@link UnsupportedOperationException}.
 * </ul>
 */
public interface FencedLock extends Lock {
    /** {@code tryLock()} tries to reach the cluster for one part in so many of the request timeout. */
    int TRY_LOCK_PART = 5;

    /**
     * The fencing token of the hold.
     *
     * @throws IllegalMonitorStateException if the current thread does not hold the lock, the hold was lost, or a release of it is
     *     in doubt
     */
    long token();

    /**
     * The hold itself: its state, its listeners, its lease. Releasing it is up to {@code unlock}.
     *
     * @throws IllegalMonitorStateException as {@link #token}
     */
    LockHandle handle();

    /** Whether this client believes that the current thread holds the lock; false after a loss. */
    boolean isHeldByCurrentThread();

    /** How often the current thread would have to unlock it; 0 if it does not hold it, or not any more. */
    int getHoldCount();
}
