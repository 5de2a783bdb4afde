package dev.holdfast.client;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.info.LockInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Mutual exclusion of owners, across threads, processes and machines. Made by {@link HoldfastClient#createLock}; one
 * object serves any number of lockables. All methods may be called from any thread, virtual ones too.
 *
 * <p>Blocking methods end within the client's request timeout, and an acquire's wait on top. Every method may throw
 * {@link LockUnavailableException} (nothing was done), {@link LockRequestRejectedException} (nothing was done) and
 * {@link LockClientClosedException}; those that change something also {@link LockOutcomeUnknownException}. What a
 * {@linkplain LockHooks before-hook} throws comes through unchanged.
 */
public interface HoldfastLock {

    /** Acquires without waiting, held while this client lives. Not interruptible. */
    AcquireResult acquire(LockOwner owner, Lockable lockable);

    /**
     * Acquires. An acquire that is given up, for whatever reason, is undone in the cluster.
     *
     * @return a grant or a refusal; a refusal is no exception
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     * @throws LockOutcomeUnknownException if no answer came; nothing is held as far as this client knows
     */
    AcquireResult acquire(LockOwner owner, Lockable lockable, AcquireOptions options) throws InterruptedException;

    /**
     * Acquires without blocking. Cancelling the stage's future, or completing it in any way, gives the acquire up, and a
     * late grant is undone.
     */
    CompletionStage<AcquireResult> acquireAsync(LockOwner owner, Lockable lockable, AcquireOptions options);

    /**
     * Acquires, and insists: for use with try-with-resources.
     *
     * @throws LockAlreadyHeldException if it was not granted
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     */
    LockHandle hold(LockOwner owner, Lockable lockable, AcquireOptions options) throws InterruptedException;

    /**
     * Releases what that owner holds, acquired by whatever process; one count of a reentrant lock. Not interruptible.
     *
     * @throws LockNotHeldException if the owner does not hold it
     * @throws LockExpiredException if the owner held it through this client, and lost it by expiry
     */
    void release(LockOwner owner, Lockable lockable);

    CompletionStage<Void> releaseAsync(LockOwner owner, Lockable lockable);

    /**
     * Lets what that owner holds live at least that long from now; never shortens it. Not interruptible.
     *
     * @param ttl positive; rounded up to whole milliseconds
     * @throws LockNotHeldException if the owner does not hold it
     * @throws LockExpiredException if the owner held it through this client, and lost it by expiry
     */
    void extend(LockOwner owner, Lockable lockable, Duration ttl);

    CompletionStage<Void> extendAsync(LockOwner owner, Lockable lockable, Duration ttl);

    /** Takes the lock from whoever holds it. Returns whether anybody did. Not interruptible. */
    boolean forceRelease(Lockable lockable);

    /** Whether anybody holds it, by the leader's word. May be false again by the time it is read. */
    boolean isLocked(Lockable lockable);

    /** Who holds it and who waits for it; empty if nobody holds it. Names at most the first 100 waiters. */
    Optional<LockInfo> get(Lockable lockable);

    /**
     * A view for code that knows only {@link java.util.concurrent.locks.Lock}. It belongs to threads: each acquisition is
     * made under an owner of its own, so that the threads of one process exclude one another. See {@link FencedLock}.
     */
    FencedLock asJavaLock(Lockable lockable);
}
