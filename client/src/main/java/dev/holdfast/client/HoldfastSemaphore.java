package dev.holdfast.client;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.errors.SemaphoreWaitTimedOutException;
import dev.holdfast.client.info.LockableHistory;
import dev.holdfast.client.info.SemaphoreInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A number of permits that owners share, across threads, processes and machines. Created by
 * {@link HoldfastClient#createSemaphore}; one object serves any number of lockables, all of the same size. Any thread may call
 * any method, virtual threads included.
 *
 * <p>The size travels with each request, so processes configured with different sizes get along: each is granted permits as
 * long as fewer are held than its own size allows. Requests are served in order; small ones do not overtake a large one at
 * the head of the queue, and those that bring a larger size do not overtake one that asked under a smaller: it would never be
 * served while they come.
 *
 * <p><b>Owners.</b> The methods that take no owner give each acquire an owner, a hold and a fencing token of its own. The
 * acquires of one named {@link LockOwner} add up to one hold with one fencing token and one lease, the union of what they
 * asked for. Permits count either way: two acquires of one permit take two, whoever the owners are.
 *
 * <p>Blocking and failures are as described at {@link HoldfastLock}. In addition, a number of permits that is not positive
 * is rejected with {@link LockRequestRejectedException}.
 */
public interface HoldfastSemaphore {
    /** The largest size, and the most permits that one hold may count. */
    int PERMITS_MAX = dev.holdfast.protocol.Limits.PERMITS_MAX;

    /** The size by which this object's requests are judged. */
    int max();

    /** Acquires one permit with an owner of its own, as {@link #hold(Lockable, int)}. */
    @CheckReturnValue
    LockHandle hold(Lockable lockable);

    /**
     * Acquires permits, all or none, with an owner of its own, or throws; does not wait. The hold lives while this client
     * lives. For use with try-with-resources. Not interruptible.
     *
     * <p>The owner's type is {@code anonymous}, within the scope of this client's
     * {@linkplain HoldfastClient#processOwner process}, which tells whoever inspects the semaphore where to look.
     *
     * @throws SemaphoreCapacityExceededException if it was refused, or {@code permits} is above {@link #max()}
     */
    @CheckReturnValue
    LockHandle hold(Lockable lockable, int permits);

    /**
     * Acquires permits with an owner of its own, as {@link #hold(Lockable, int)}, or throws; waits as the options say. Name an
     * owner for holds that are {@linkplain AcquireOptions#untilReleased until released}: if such a hold outlives its handle, its
     * owner can only be {@linkplain #get looked up}, or all permits released by force.
     *
     * @throws SemaphoreCapacityExceededException if it was refused, or {@code permits} is above {@link #max()}
     * @throws SemaphoreWaitTimedOutException if the wait ran out
     * @throws InterruptedException if interrupted before or while waiting; nothing is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     */
    @CheckReturnValue
    LockHandle hold(Lockable lockable, int permits, AcquireOptions options) throws InterruptedException;

    /** As {@link #hold(Lockable)}, but a refusal is returned as an empty result, not thrown. Does not wait. */
    @CheckReturnValue
    Optional<LockHandle> tryHold(Lockable lockable);

    /**
     * As {@link #hold(Lockable, int)}, but a refusal is returned as an empty result, not thrown. Does not wait.
     *
     * @throws SemaphoreCapacityExceededException if {@code permits} is above {@link #max()}
     */
    @CheckReturnValue
    Optional<LockHandle> tryHold(Lockable lockable, int permits);

    /**
     * As {@link #hold(Lockable, int, AcquireOptions)}, but a refusal, or a wait that ran out, is returned as an empty result,
     * not thrown.
     *
     * @throws SemaphoreCapacityExceededException if {@code permits} is above {@link #max()}
     * @throws InterruptedException if interrupted before or while waiting; nothing is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     */
    @CheckReturnValue
    Optional<LockHandle> tryHold(Lockable lockable, int permits, AcquireOptions options) throws InterruptedException;

    /** Acquires permits with an owner of its own, as {@link #hold(Lockable, int)}, without blocking. */
    @CheckReturnValue
    CompletionStage<AcquireResult> acquireAsync(Lockable lockable, int permits, AcquireOptions options);

    /** Acquires one permit without waiting. The hold lives while this client lives. Not interruptible. */
    @CheckReturnValue
    AcquireResult acquire(LockOwner owner, Lockable lockable);

    /** Acquires permits, all or none, without waiting. The hold lives while this client lives. Not interruptible. */
    @CheckReturnValue
    AcquireResult acquire(LockOwner owner, Lockable lockable, int permits);

    /**
     * Acquires permits, all or none. An acquire that is given up, for whatever reason, is undone in the cluster.
     *
     * @return a grant or a refusal; a refusal is returned, not thrown
     * @throws SemaphoreCapacityExceededException if {@code permits} is above {@link #max()}
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     * @throws LockOutcomeUnknownException if no answer came; as far as this client knows, nothing more is held
     */
    @CheckReturnValue
    AcquireResult acquire(LockOwner owner, Lockable lockable, int permits, AcquireOptions options)
            throws InterruptedException;

    /**
     * Acquires without blocking. Cancelling the stage's future, or completing it in any other way, gives the acquire up, and
     * a late grant is undone.
     */
    @CheckReturnValue
    CompletionStage<AcquireResult> acquireAsync(
            LockOwner owner, Lockable lockable, int permits, AcquireOptions options);

    /**
     * Acquires or throws, for use with try-with-resources. Callers who name the same owner share one hold: its permits add
     * up, and its lease lasts as long as the longest that any of them asked for.
     *
     * @throws SemaphoreCapacityExceededException if it was refused, or {@code permits} is above {@link #max()}
     * @throws SemaphoreWaitTimedOutException if the wait ran out
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     */
    LockHandle hold(LockOwner owner, Lockable lockable, int permits, AcquireOptions options)
            throws InterruptedException;

    /**
     * Acquires all permits that are free right now, with an owner of its own, as
     * {@link #drain(LockOwner, Lockable, AcquireOptions)}. The hold lives while this client lives.
     */
    AcquireResult drain(Lockable lockable);

    /**
     * Acquires all permits that are free right now by this object's size, at least one, in one step. The handle's
     * {@link LockHandle#permits()} tells how many they were, and the result's {@link AcquireResult#count()} what the owner
     * holds now, which is more if it held some before. Like any acquire it does not overtake those who wait: while anybody does
     * it is refused, however many are free. It does not wait itself. Not interruptible. To hooks it is an acquire of one.
     *
     * @param options the lease, and a timeout if there is one
     * @return a grant, or a refusal if none was free or others wait for them
     * @throws LockRequestRejectedException if the options ask for a wait
     * @throws LockOutcomeUnknownException if no answer came; as far as this client knows, nothing more is held
     */
    AcquireResult drain(LockOwner owner, Lockable lockable, AcquireOptions options);

    /**
     * {@link #drain(LockOwner, Lockable, AcquireOptions)} without blocking; the stage fails with what that would throw. To
     * complete or cancel its future gives the acquire up, as for {@link #acquireAsync(LockOwner, Lockable, int, AcquireOptions)}.
     */
    CompletionStage<AcquireResult> drainAsync(LockOwner owner, Lockable lockable, AcquireOptions options);

    /**
     * Releases permits that the owner holds, no matter which process acquired them. If this client has handles of the hold,
     * the permits are taken from the youngest handle first. Not interruptible.
     *
     * @throws LockNotHeldException if the owner holds fewer permits than that
     * @throws LockExpiredException if the owner held them through this client, and they expired
     */
    void release(LockOwner owner, Lockable lockable, int permits);

    /** {@link #release} without blocking; the stage fails with what that would throw. */
    CompletionStage<Void> releaseAsync(LockOwner owner, Lockable lockable, int permits);

    /**
     * Makes what that owner holds live at least that long from now; never shortens it. Not interruptible.
     *
     * @param ttl positive, at most {@link AcquireOptions#TTL_MAX}; rounded up to whole milliseconds
     * @throws LockNotHeldException if the owner holds nothing
     * @throws LockExpiredException if the owner held permits through this client, and they expired
     */
    void extend(LockOwner owner, Lockable lockable, Duration ttl);

    /** {@link #extend} without blocking; the stage fails with what that would throw. */
    CompletionStage<Void> extendAsync(LockOwner owner, Lockable lockable, Duration ttl);

    /** Takes all permits away from whoever holds them. Returns how many owners held any. Not interruptible. */
    int forceRelease(Lockable lockable);

    /** {@link #forceRelease} without blocking; the stage fails with what that would throw. */
    CompletionStage<Integer> forceReleaseAsync(Lockable lockable);

    /**
     * Asks everybody who holds permits to release them, as {@link HoldfastLock#requestRelease}.
     *
     * @return how many owners are asked; 0 if nobody holds any, or no process is left that would hear of it
     */
    int requestRelease(Lockable lockable);

    /** {@link #requestRelease} without blocking; the stage fails with what that would throw. */
    CompletionStage<Integer> requestReleaseAsync(Lockable lockable);

    /** How many permits nobody holds, as the leader answers. May be out of date by the time the caller reads it. */
    int available(Lockable lockable);

    /** Who holds permits and who waits for them. Lists at most the first 100 waiters. */
    SemaphoreInfo get(Lockable lockable);

    /** What happened to it of late, as {@link HoldfastLock#history} has it. */
    LockableHistory history(Lockable lockable);

    /**
     * The same semaphore, with another request timeout than the client's, as {@link HoldfastLock#withRequestTimeout}.
     *
     * @param timeout positive, at most an hour
     * @throws LockRequestRejectedException if it is out of range
     */
    @CheckReturnValue
    HoldfastSemaphore withRequestTimeout(Duration timeout);

    /**
     * Does the work while holding permits, as {@link HoldfastLock#withLock(Lockable, HeldWork)} does it while holding a lock.
     *
     * @throws SemaphoreCapacityExceededException if they were refused, or {@code permits} is above {@link #max()}; the work is
     *     not done then
     * @throws E what the work throws
     */
    <T extends @Nullable Object, E extends Exception> T withPermits(Lockable lockable, int permits, HeldWork<T, E> work)
            throws E;

    /**
     * As {@link #withPermits(Lockable, int, HeldWork)}, acquiring as {@link #hold(Lockable, int, AcquireOptions)}.
     *
     * @throws SemaphoreCapacityExceededException if they were refused, or {@code permits} is above {@link #max()}; the work is
     *     not done then
     * @throws SemaphoreWaitTimedOutException if the wait ran out; the work is not done then
     * @throws InterruptedException if interrupted from outside before or while waiting; nothing is held then
     * @throws LockSessionLostException if the session was lost while waiting in the queue
     * @throws E what the work throws
     */
    <T extends @Nullable Object, E extends Exception> T withPermits(
            Lockable lockable, int permits, AcquireOptions options, HeldWork<T, E> work) throws E, InterruptedException;
}
