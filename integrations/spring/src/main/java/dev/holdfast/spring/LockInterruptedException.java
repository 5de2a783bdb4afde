package dev.holdfast.spring;

/**
 * The thread was interrupted before or while it waited for the lock of a {@link Locked} method that does not declare
 * {@link InterruptedException}. Nothing is held, the method was not run, and the thread's interrupt status is set.
 */
public final class LockInterruptedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LockInterruptedException(String key, InterruptedException cause) {
        super(
                "Interrupted before or while waiting for lock '" + key
                        + "'. Nothing is held, and the method was not run.",
                cause);
    }
}
