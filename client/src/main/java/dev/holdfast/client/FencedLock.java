package dev.holdfast.client;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.util.concurrent.locks.Lock;

/**
 * A thread-bound view of one lockable.
 *
 * <ul>
 *   <li>Reentrant for the thread that holds it, on the same view object. Two views of one lockable exclude one another.
 *   <li>{@code unlock} by another thread throws {@link IllegalMonitorStateException}. So does the outermost {@code unlock}
 *       after the hold was lost, which ends the thread's claim, and a nested {@code lock} after a loss, which has no effect.
 *   <li>{@code lock} and {@code tryLock()} are not interruptible; the others are, as {@link Lock} specifies.
 *   <li>Any of them may throw {@link LockException}. After an {@code unlock} that failed with
 *       {@link LockUnavailableException} or {@link LockOutcomeUnknownException} the thread still holds the view, and may
 *       call {@code unlock} again.
 *   <li>{@code newCondition} throws {@link UnsupportedOperationException}.
 * </ul>
 */
public interface FencedLock extends Lock {
    /**
     * The fencing token of the hold.
     *
     * @throws IllegalMonitorStateException if the current thread does not hold the view, or the hold was lost
     */
    long token();
}
