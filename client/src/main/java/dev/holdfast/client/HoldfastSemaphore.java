package dev.holdfast.client;

import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.info.SemaphoreInfo;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * A number of permits that owners share, across threads, processes and machines. Made by
 * {@link HoldfastClient#createSemaphore}; one object serves any number of lockables, all of the same size. All methods may
 * be called from any thread, virtual ones too.
 *
 * <p>The size travels with each request, so processes that believe in different sizes get along: each is granted permits
 * as long as fewer are held than it believes in. Requests are served in order; a large one at the head of the queue is not
 * overtaken by small ones.
 *
 * <p>An owner's acquires add up to one hold with one fencing token. What may be thrown is told at {@link HoldfastLock};
 * besides, numbers of permits that are not positive are rejected with {@link LockRequestRejectedException}.
 */
public interface HoldfastSemaphore {
    /** The largest size, and the most permits that one hold may count. */
    int PERMITS_MAX = dev.holdfast.protocol.Limits.PERMITS_MAX;

    /** The size by which this object's requests are judged. */
    int max();

    /** Acquires one permit without waiting, held while this client lives. Not interruptible. */
    AcquireResult acquire(LockOwner owner, Lockable lockable);

    /** Acquires permits without waiting, held while this client lives. Not interruptible. */
    AcquireResult acquire(LockOwner owner, Lockable lockable, int permits);

    /**
     * Acquires permits, all or none. An acquire that is given up, for whatever reason, is undone in the cluster.
     *
     * @return a grant or a refusal; a refusal is no exception
     * @throws SemaphoreCapacityExceededException if {@code permits} is above {@link #max()}
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     * @throws LockOutcomeUnknownException if no answer came; nothing more is held as far as this client knows
     */
    AcquireResult acquire(LockOwner owner, Lockable lockable, int permits, AcquireOptions options)
            throws InterruptedException;

    /**
     * Acquires without blocking. Cancelling the stage's future, or completing it in any way, gives the acquire up, and a
     * late grant is undone.
     */
    CompletionStage<AcquireResult> acquireAsync(
            LockOwner owner, Lockable lockable, int permits, AcquireOptions options);

    /**
     * Acquires, and insists: for use with try-with-resources.
     *
     * @throws SemaphoreCapacityExceededException if it was not granted
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     */
    LockHandle hold(LockOwner owner, Lockable lockable, int permits, AcquireOptions options)
            throws InterruptedException;

    /**
     * Releases permits that the owner holds, acquired by whatever process. If this client has handles of the hold, they
     * are taken from the youngest first. Not interruptible.
     *
     * @throws LockNotHeldException if the owner does not hold so many
     * @throws LockExpiredException if the owner held them through this client, and lost them by expiry
     */
    void release(LockOwner owner, Lockable lockable, int permits);

    CompletionStage<Void> releaseAsync(LockOwner owner, Lockable lockable, int permits);

    /**
     * Lets what that owner holds live at least that long from now; never shortens it. Not interruptible.
     *
     * @param ttl positive; rounded up to whole milliseconds
     * @throws LockNotHeldException if the owner holds nothing
     * @throws LockExpiredException if the owner held permits through this client, and lost them by expiry
     */
    void extend(LockOwner owner, Lockable lockable, Duration ttl);

    CompletionStage<Void> extendAsync(LockOwner owner, Lockable lockable, Duration ttl);

    /** Takes all permits from whoever holds them. Returns how many owners held any. Not interruptible. */
    int forceRelease(Lockable lockable);

    /** Permits that nobody holds, by the leader's word. May be wrong again by the time it is read. */
    int available(Lockable lockable);

    /** Who holds permits and who waits for them. Names at most the first 100 waiters. */
    SemaphoreInfo get(Lockable lockable);
}
