package dev.holdfast.client;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockExpiringException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.info.LockableHistory;
import dev.holdfast.protocol.Limits;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Mutual exclusion of owners, across threads, processes and machines. Created by {@link HoldfastClient#createLock}; one
 * object serves any number of lockables. Any thread may call any method, virtual threads included.
 *
 * <p><b>Owners.</b> A lock belongs to an owner, not to a thread. The methods that take no owner give each acquire an owner
 * of its own, so that any two of them exclude each other, even within one thread. Start with those:
 *
 * <pre>{@code
 * try (LockHandle handle = lock.hold(order)) {
 *     repository.save(change, handle.token());
 * }
 * }</pre>
 *
 * <p>Everybody who acquires as the same {@link LockOwner} shares that owner's hold: an acquire by the owner that holds the
 * lock already is granted at once, with the same fencing token, on whatever thread, process or machine. The lease of such a
 * shared hold is the union of what its acquires asked for: a TTL may prolong it and never shortens it, and it lives while
 * any client lives that acquired it for its own lifetime. Unless the lock is reentrant, the first release ends the hold for
 * all of them. Name an owner if that is what you want: for work that moves between threads or processes, or that a restarted
 * process continues.
 *
 * <p><b>Blocking.</b> Blocking methods return within the client's {@linkplain ClientOptions#requestTimeout request timeout},
 * or that of {@link #withRequestTimeout}; an acquire that waits, by the end of its wait and the
 * {@linkplain AcquireOptions#wait grace} after it.
 *
 * <p><b>Failures.</b> Every method may throw {@link LockUnavailableException} (nothing was done),
 * {@link LockRequestRejectedException} (nothing was done) and {@link LockClientClosedException}; those that change something
 * may also throw {@link LockOutcomeUnknownException}. The caller gets what a {@linkplain LockHooks before-hook} throws.
 */
public interface HoldfastLock {
    /** How many locks can be acquired together at most. */
    int TOGETHER_MAX = Limits.LOCKABLES_PER_ACQUIRE_MAX;

    /**
     * Acquires with an owner of its own, or throws; does not wait. The hold lives while this client lives. For use with
     * try-with-resources. Not interruptible.
     *
     * <p>Nobody else is that owner. So this is refused while anybody holds the lock, including the calling thread and even
     * if the lock {@linkplain LockOptions#reentrant is reentrant}: reentrance counts the acquires of one owner. The owner's
     * type is {@code anonymous}, within the scope of this client's {@linkplain HoldfastClient#processOwner process}, which
     * tells whoever inspects the lock where to look.
     *
     * @throws LockAlreadyHeldException if it was refused; the exception names the holder, if it is known
     */
    @CheckReturnValue
    LockHandle hold(Lockable lockable);

    /**
     * Acquires with an owner of its own, as {@link #hold(Lockable)}, or throws; waits as the options say. Name an
     * owner for holds that are {@linkplain AcquireOptions#untilReleased until released}: if such a hold outlives its handle, its
     * owner can only be {@linkplain #get looked up}, or the lock released by force.
     *
     * @throws LockAlreadyHeldException if it was refused, or the wait ran out
     * @throws InterruptedException if interrupted before or while waiting; nothing is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     */
    @CheckReturnValue
    LockHandle hold(Lockable lockable, AcquireOptions options) throws InterruptedException;

    /** As {@link #hold(Lockable)}, but a refusal is returned as an empty result, not thrown. Does not wait. */
    @CheckReturnValue
    Optional<LockHandle> tryHold(Lockable lockable);

    /**
     * As {@link #hold(Lockable, AcquireOptions)}, but a refusal, or a wait that ran out, is returned as an empty result
     * instead of being thrown.
     *
     * @throws InterruptedException if interrupted before or while waiting; nothing is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     */
    @CheckReturnValue
    Optional<LockHandle> tryHold(Lockable lockable, AcquireOptions options) throws InterruptedException;

    /** Acquires with an owner of its own, as {@link #hold(Lockable)}, without blocking. */
    @CheckReturnValue
    CompletionStage<AcquireResult> acquireAsync(Lockable lockable, AcquireOptions options);

    /** Acquires without waiting. The hold lives while this client lives. Not interruptible. */
    @CheckReturnValue
    AcquireResult acquire(LockOwner owner, Lockable lockable);

    /**
     * Acquires. An acquire that is given up, for whatever reason, is undone in the cluster.
     *
     * @return a grant or a refusal; a refusal is returned, not thrown
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     * @throws LockOutcomeUnknownException if no answer came; as far as this client knows, nothing is held
     */
    @CheckReturnValue
    AcquireResult acquire(LockOwner owner, Lockable lockable, AcquireOptions options) throws InterruptedException;

    /**
     * Acquires without blocking. Cancelling the stage's future, or completing it in any other way, gives the acquire up, and
     * a late grant is undone.
     */
    @CheckReturnValue
    CompletionStage<AcquireResult> acquireAsync(LockOwner owner, Lockable lockable, AcquireOptions options);

    /**
     * Acquires or throws, for use with try-with-resources. Two callers who name the same owner do not exclude each other:
     * they share one hold, and closing either handle releases it for both unless the lock is reentrant.
     *
     * @throws LockAlreadyHeldException if it was refused, or the wait ran out
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     */
    LockHandle hold(LockOwner owner, Lockable lockable, AcquireOptions options) throws InterruptedException;

    /**
     * Acquires several locks together with an owner of its own, or throws; does not wait. As {@link #hold(Lockable)} in all
     * else. For use with try-with-resources. Not interruptible.
     *
     * <pre>{@code
     * try (LockHandles accounts = lock.holdAll(List.of(from, to))) {
     *     transfer(from, to, amount);
     * }
     * }</pre>
     *
     * @param lockables as {@link #acquireAll}
     * @throws LockAlreadyHeldException if one of them is held or waited for; the exception names the first such
     */
    @CheckReturnValue
    LockHandles holdAll(Collection<Lockable> lockables);

    /**
     * Acquires several locks together with an owner of its own, or throws; waits as the options say.
     *
     * @param lockables as {@link #acquireAll}
     * @throws LockAlreadyHeldException if it was refused, or the wait ran out
     * @throws InterruptedException if interrupted before or while waiting; nothing is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queues
     */
    @CheckReturnValue
    LockHandles holdAll(Collection<Lockable> lockables, AcquireOptions options) throws InterruptedException;

    /**
     * Acquires several locks together or throws, for use with try-with-resources. Who names an owner shares its holds, as
     * with {@link #hold(LockOwner, Lockable, AcquireOptions)}.
     *
     * @param lockables as {@link #acquireAll}
     * @throws LockAlreadyHeldException if it was refused, or the wait ran out
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     */
    LockHandles holdAll(LockOwner owner, Collection<Lockable> lockables, AcquireOptions options)
            throws InterruptedException;

    /**
     * Acquires several locks together: all of them or none, in one step. In what order they are given does not matter.
     *
     * <p>If it waits, it stands in the queue of each of them, and is granted when it comes first in all and all are free; what
     * its owner holds already counts as free. Until then it holds nothing. But nobody overtakes it: a lock at the head of
     * whose queue it stands is not granted to those behind it, even while it is free. So however the sets of several callers
     * overlap, they never block each other for good. Callers who hold locks while they wait for others can; give those a
     * wait with a limit.
     *
     * <p>An acquire that is given up, for whatever reason, is undone in the cluster, as a whole.
     *
     * @param lockables 1 to {@link #TOGETHER_MAX}, each once. In a cluster with several Raft groups all of them must belong to
     *     one, which depends on their keys
     * @return a grant of all or a refusal; a refusal is returned, not thrown
     * @throws LockRequestRejectedException if these cannot be acquired together, with the reason {@code SEVERAL_GROUPS} if they
     *     belong to different groups; nothing was done
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queues
     * @throws LockOutcomeUnknownException if no answer came; as far as this client knows, nothing is held
     */
    @CheckReturnValue
    AcquireAllResult acquireAll(LockOwner owner, Collection<Lockable> lockables, AcquireOptions options)
            throws InterruptedException;

    /**
     * {@link #acquireAll} without blocking. Cancelling the stage's future, or completing it in any other way, gives the acquire
     * up, and a late grant is undone.
     */
    @CheckReturnValue
    CompletionStage<AcquireAllResult> acquireAllAsync(
            LockOwner owner, Collection<Lockable> lockables, AcquireOptions options);

    /**
     * Releases what that owner holds, no matter which process acquired it; one count of a reentrant lock. Not interruptible.
     *
     * @throws LockNotHeldException if the owner does not hold it
     * @throws LockExpiredException if the owner held it through this client, and it expired
     */
    void release(LockOwner owner, Lockable lockable);

    /** {@link #release} without blocking; the stage fails with what that would throw. */
    CompletionStage<Void> releaseAsync(LockOwner owner, Lockable lockable);

    /**
     * Makes what that owner holds live at least that long from now; never shortens it. Not interruptible.
     *
     * @param ttl positive, at most {@link AcquireOptions#TTL_MAX}; rounded up to whole milliseconds
     * @throws LockNotHeldException if the owner does not hold it
     * @throws LockExpiredException if the owner held it through this client, and it expired
     */
    void extend(LockOwner owner, Lockable lockable, Duration ttl);

    /** {@link #extend} without blocking; the stage fails with what that would throw. */
    CompletionStage<Void> extendAsync(LockOwner owner, Lockable lockable, Duration ttl);

    /** Takes the lock away from whoever holds it. Returns whether anybody did. Not interruptible. */
    boolean forceRelease(Lockable lockable);

    /** {@link #forceRelease} without blocking; the stage fails with what that would throw. */
    CompletionStage<Boolean> forceReleaseAsync(Lockable lockable);

    /**
     * Asks whoever holds the lock to release it. The handles of that hold hear of it
     * ({@link LockHandle#onReleaseRequested}), in whichever process they are; what they do about it is up to them. Changes
     * nothing by itself, and hooks do not run. To get the lock, queue for it as well.
     *
     * <p>Requests do not pile up: until a holder's client has received one, further ones for the same hold are the same to it.
     * Not interruptible.
     *
     * @return whether anybody is asked; false if nobody holds it, or no process is left that would hear of it
     */
    boolean requestRelease(Lockable lockable);

    /** {@link #requestRelease} without blocking; the stage fails with what that would throw. */
    CompletionStage<Boolean> requestReleaseAsync(Lockable lockable);

    /** Whether anybody holds it, as the leader answers. May be out of date by the time the caller reads it. */
    boolean isLocked(Lockable lockable);

    /** Who holds it and who waits for it; empty if nobody holds it. Lists at most the first 100 waiters. */
    Optional<LockInfo> get(Lockable lockable);

    /**
     * What happened to it of late: grants, waits, releases and losses, as far as the leader remembers them. Lists at most the newest
     * 500.
     *
     * @throws LockRequestRejectedException if the release of the member that is asked is too old to know
     */
    LockableHistory history(Lockable lockable);

    /**
     * A view for code that knows only {@link java.util.concurrent.locks.Lock}. It belongs to threads: each acquisition has an
     * owner of its own, so the threads of one process exclude one another. See {@link FencedLock}.
     */
    @CheckReturnValue
    FencedLock asJavaLock(Lockable lockable);

    /**
     * As {@link #asJavaLock(Lockable)}, with a lease and a timeout for each acquisition. The wait in the options does not matter:
     * it is that of the method called.
     */
    @CheckReturnValue
    FencedLock asJavaLock(Lockable lockable, AcquireOptions options);

    /**
     * The same lock, with another request timeout than the client's: each call ends within that time, as do those of the
     * handles that it grants and of its Java views. For acquires, {@link AcquireOptions#timeout} and {@link AcquireOptions#wait}
     * come first. This object is as before; both may be used side by side.
     *
     * <p>When the time is up, a call fails with {@link LockUnavailableException} if nothing was done, and with
     * {@link LockOutcomeUnknownException} if it may have been.
     *
     * @param timeout positive, at most an hour
     * @throws LockRequestRejectedException if it is out of range
     */
    @CheckReturnValue
    HoldfastLock withRequestTimeout(Duration timeout);

    /**
     * Acquires with an owner of its own, as {@link #hold(Lockable)}, does the work on the calling thread, and releases, whatever
     * the work does. Interrupts the work while there is still time to stop it, if the hold is about to be lost:
     *
     * <ul>
     *   <li>when half of the time is over that was left when it became {@link HoldState#SUSPECT}, and no renewal has come. So
     *       work under a lease that lasts while this client lives has a quarter of the session lease left to stop, 2 s by
     *       default, and work under a TTL a tenth of that. To need more time than the TTL, the work extends it before;
     *   <li>when it is lost, at once: also if the work has gone on after an interrupt. So it may be interrupted more than once;
     *   <li>when the client is closed.
     * </ul>
     *
     * <p>No interrupt comes after this method has returned. The status that it has set is cleared then; that of an interrupt from
     * outside is kept, unless it came after this method's own: the two cannot be told apart. Scopes may be nested: each interrupts
     * for its own hold. The work may release the handle before its end, which ends the watch over it. Interrupts reach only this
     * thread, and none can stop a process that is paused: pass the token to whatever the lock protects.
     *
     * <p>What the caller gets tells what became of the hold:
     *
     * <table>
     * <caption>What this method returns or throws</caption>
     * <tr><th>The hold</th><th>The work returns</th><th>The work throws</th></tr>
     * <tr><td>was there to the end</td><td>its result</td><td>its exception</td></tr>
     * <tr><td>was there to the end, but the work was interrupted</td><td>its result</td>
     *     <td>{@link LockExpiringException}</td></tr>
     * <tr><td>was lost</td>
     *     <td colspan="2">{@link LockExpiredException}, {@link LockNotHeldException} or {@link LockClientClosedException}</td></tr>
     * <tr><td>could not be released</td><td>what {@link LockHandle#release} throws</td><td>its exception, with that suppressed</td>
     *     </tr>
     * </table>
     *
     * Where another exception takes the place of the work's, that one is suppressed in it; but an {@link Error} of the work is
     * thrown itself, with the other suppressed.
     *
     * @throws LockAlreadyHeldException if it was refused; the work is not done then
     * @throws E what the work throws
     */
    <T extends @Nullable Object, E extends Exception> T withLock(Lockable lockable, HeldWork<T, E> work) throws E;

    /**
     * As {@link #withLock(Lockable, HeldWork)}, acquiring as {@link #hold(Lockable, AcquireOptions)}.
     *
     * @throws LockAlreadyHeldException if it was refused, or the wait ran out; the work is not done then
     * @throws InterruptedException if interrupted from outside before or while waiting; nothing is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     * @throws E what the work throws
     */
    <T extends @Nullable Object, E extends Exception> T withLock(
            Lockable lockable, AcquireOptions options, HeldWork<T, E> work) throws E, InterruptedException;
}
