package dev.holdfast.spring;

import dev.holdfast.client.LockHandle;
import dev.holdfast.client.fencing.FencingToken;
import java.util.Optional;

/**
 * What the innermost {@link Locked} method that is running on this thread holds. It is that of the calling method again when the
 * called one has returned, and nothing on threads that the method starts.
 */
public final class CurrentLock {

    /** The hold; empty if no such method is running on this thread. It is released for the method. */
    public static Optional<LockHandle> handle() {
        return Optional.ofNullable(ThreadHolds.innermost()).map(Hold::handle);
    }

    /**
     * The fencing token, with the key of the lock that it is for.
     *
     * @throws IllegalStateException if no such method is running on this thread
     */
    public static FencingToken token() {
        return handle().map(FencingToken::of)
                .orElseThrow(() -> new IllegalStateException("No @Locked method is running on thread '"
                        + Thread.currentThread().getName()
                        + "', so there is no fencing token. Call this from a method that was called through its bean's proxy, on "
                        + "the same thread."));
    }

    private CurrentLock() {}
}
