package dev.holdfast.client.errors;

import org.jspecify.annotations.Nullable;

/**
 * What every operation on a lock or semaphore may fail with. The subclasses say what is known after the failure; none of
 * them is ever thrown on a guess.
 *
 * <ul>
 *   <li>The cluster decided against it: {@link LockAlreadyHeldException}, {@link LockNotHeldException},
 *       {@link LockExpiredException}, {@link SemaphoreCapacityExceededException},
 *       {@link SemaphoreWaitTimedOutException}.
 *   <li>The request was wrong, and nothing was done: {@link LockableParamsException},
 *       {@link LockRequestRejectedException}.
 *   <li>It is not allowed to this client, and nothing was done: {@link LockForbiddenException}.
 *   <li>The cluster was not there, and nothing was done: {@link LockUnavailableException}.
 *   <li>It is not known whether it was done: {@link LockOutcomeUnknownException}.
 *   <li>The client's side ended: {@link LockSessionLostException}, {@link LockClientClosedException}.
 *   <li>Work under the lock was stopped before the lock could be lost: {@link LockExpiringException}.
 * </ul>
 */
public abstract sealed class LockException extends RuntimeException
        permits LockAlreadyHeldException,
                LockNotHeldException,
                LockExpiredException,
                SemaphoreCapacityExceededException,
                LockableParamsException,
                LockRequestRejectedException,
                LockForbiddenException,
                LockUnavailableException,
                LockOutcomeUnknownException,
                LockSessionLostException,
                LockClientClosedException,
                LockExpiringException,
                SemaphoreWaitTimedOutException {
    private static final long serialVersionUID = 1;

    LockException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
