package dev.holdfast.node;

import dev.holdfast.statemachine.NewerSnapshotException;
import dev.holdfast.statemachine.UnsupportedSemanticsException;
import org.jspecify.annotations.Nullable;

/**
 * The cluster has switched to what this peer's release does not know, which it does once all members know it. What the peer acknowledged
 * is safe, and its data folder is sound: it goes on from there when it is started with a newer release.
 */
public final class ReleaseTooOldException extends Exception {
    private static final long serialVersionUID = 1;

    private ReleaseTooOldException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What a failure comes to, if this is what it comes from; {@code null} otherwise. */
    static @Nullable ReleaseTooOldException of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnsupportedSemanticsException || cause instanceof NewerSnapshotException) {
                return new ReleaseTooOldException(cause.getMessage() + ". Its data folder is sound", failure);
            }
        }
        return null;
    }
}
