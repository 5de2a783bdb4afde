package dev.holdfast.client;

import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The handles of several locks that were acquired together. Each is an ordinary {@link LockHandle}, with a token and
 * listeners of its own: it may be lost by itself, and released by itself. Any thread may call any method.
 */
public interface LockHandles extends AutoCloseable {

    /** The handles, in the order in which the lockables were given. They stay in this list when they are released. */
    List<LockHandle> handles();

    /**
     * The handle of that lockable.
     *
     * @throws LockRequestRejectedException if it is not among those that were acquired together
     */
    LockHandle handle(Lockable lockable);

    /** Whether this client believes in all of the holds right now; see {@link LockHandle#isHeld}. */
    default boolean isHeld() {
        return handles().stream().allMatch(LockHandle::isHeld);
    }

    /** Returns if {@link #isHeld}, and throws if not, for the first that is not held as {@link LockHandle#requireHeld}. */
    default void requireHeld() {
        handles().forEach(LockHandle::requireHeld);
    }

    /**
     * Releases each of them, as {@link LockHandle#release} does; the requests travel together. They are released one by
     * one in the cluster, so some may have been when others fail. Blocks until all have ended, at most for the request
     * timeout. Not interruptible.
     *
     * @throws LockExpiredException if one has expired
     * @throws LockNotHeldException if one was released before, or taken by force
     * @throws LockUnavailableException as {@link LockHandle#release}
     * @throws LockOutcomeUnknownException as {@link LockHandle#release}; if several fail, one failure is thrown, and the
     *     others are suppressed in it
     */
    void release();

    /** {@link #release} without blocking; the stage fails with what that would throw. */
    CompletionStage<Void> releaseAsync();

    /**
     * Releases those that are still held; does nothing for those that are released or lost.
     *
     * @throws LockUnavailableException as {@link #release}
     * @throws LockOutcomeUnknownException as {@link #release}
     */
    @Override
    void close();
}
