package dev.holdfast.client.errors;

import org.jspecify.annotations.Nullable;

/**
 * The request was sent, and no answer came: it may or may not have been done. What to do next depends on the operation.
 *
 * <ul>
 *   <li><b>acquire</b>: the caller does not hold the lock. The client has told the cluster to undo the acquire should it
 *       have been granted, and repeats that for as long as its session lives; a grant with a SESSION lease ends with the
 *       session at the latest, one with a TTL when that runs out. A grant until released may outlive a lost session:
 *       look with {@code get(lockable)}, and release it by its owner.
 *   <li><b>release</b>: the handle is kept, and the release may simply be repeated; a hold that is gone by then is
 *       reported as such, and the hold of another owner is never touched.
 *   <li><b>extend</b>: the earlier deadline is the one to rely on. The extension may be repeated.
 *   <li><b>forceRelease</b>: see who holds it now before repeating it, since it would hit a newer holder.
 * </ul>
 */
public final class LockOutcomeUnknownException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * @param operation what was tried, such as "release of 'order:1' by user:42"
     * @param cause the last failure, if there was one
     */
    public LockOutcomeUnknownException(String operation, @Nullable Throwable cause) {
        super(
                "It is not known whether the " + operation + " was done: it was sent, and no answer came"
                        + (cause == null ? "" : " (" + cause.getMessage() + ")")
                        + ". Look at the lock before acting on either assumption.",
                cause);
    }
}
