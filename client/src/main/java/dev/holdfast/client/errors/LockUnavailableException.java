package dev.holdfast.client.errors;

import org.jspecify.annotations.Nullable;

/**
 * No leader could be reached within the request timeout, and it is certain that nothing was done. The operation may be
 * repeated as it is; a handle whose release failed so is still held.
 */
public final class LockUnavailableException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * @param operation what was tried, such as "release of 'order:1' by user:42"
     * @param cause the last failure, if there was one
     */
    public LockUnavailableException(String operation, @Nullable Throwable cause) {
        super(
                "The " + operation + " was not done: no leader of the lock cluster answered in time"
                        + (cause == null ? "" : " (" + cause.getMessage() + ")")
                        + ". Nothing was changed; try again when a majority of the peers is up.",
                cause);
    }
}
