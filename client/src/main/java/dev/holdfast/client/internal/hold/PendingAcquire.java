package dev.holdfast.client.internal.hold;

import dev.holdfast.client.errors.LockException;
import java.util.concurrent.CompletableFuture;

/**
 * An acquire that was begun.
 *
 * @param <O> what the cluster decides on it
 */
public interface PendingAcquire<O> {
    /** Completes with what the cluster decided, or fails with {@link LockException}. Any thread may ask. */
    CompletableFuture<O> result();

    /** Gives the acquire up; a grant that was made, or will be, is undone. Any thread may call it, any number of times. */
    void abandon();
}
