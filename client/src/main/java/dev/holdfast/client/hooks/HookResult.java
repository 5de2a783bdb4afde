package dev.holdfast.client.hooks;

import org.jspecify.annotations.Nullable;

/**
 * How an operation ended.
 *
 * @param token the fencing token of the hold that was acquired; 0 for other operations, and if it was not acquired
 * @param failure what the caller sees; {@code null} unless {@link Status#FAILED}
 */
public record HookResult(
        Status status, long token, @Nullable Throwable failure) {

    /** The ways in which an operation may end. */
    public enum Status {
        /** It was done. */
        SUCCEEDED,
        /** The lock was not free, or not in time; or a forced release found nothing to take. */
        REFUSED,
        /** It failed; {@link HookResult#failure()} tells whether it may have been done. */
        FAILED
    }

    public boolean succeeded() {
        return status == Status.SUCCEEDED;
    }

    static HookResult of(Status status, long token) {
        return new HookResult(status, token, null);
    }

    /** For implementations. */
    public static HookResult succeeded(long token) {
        return of(Status.SUCCEEDED, token);
    }

    /** For implementations. */
    public static HookResult refused() {
        return of(Status.REFUSED, 0);
    }

    /** For implementations. */
    public static HookResult failed(Throwable failure) {
        return new HookResult(Status.FAILED, 0, failure);
    }
}
