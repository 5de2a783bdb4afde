package dev.holdfast.spring;

import org.jspecify.annotations.Nullable;

/** The key expression of a {@link Locked} method has no value that can be a key for this call. Nothing was locked, and the method was not run. */
public final class LockKeyException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    LockKeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
