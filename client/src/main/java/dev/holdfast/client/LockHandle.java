package dev.holdfast.client;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One granted acquire. It knows the hold's fencing token, and reports when the hold is in danger or lost. Any thread may
 * call any method.
 *
 * <p>Handles of one owner's acquires of the same lockable share one hold and its token. Releasing one of them gives back
 * what its acquire added: its permits, one count of a reentrant lock; or the whole hold of a lock that is not reentrant. Its
 * other handles are then lost, and say so: {@link LossReason#RELEASED_BY_OWNER}.
 */
public interface LockHandle extends AutoCloseable {
    Lockable lockable();

    LockOwner owner();

    /**
     * The fencing token: greater than that of every earlier hold of this lockable. Pass it with every write to what the
     * lock protects, and refuse writes with lower tokens there: no lock can stop a process that was paused.
     */
    long token();

    /** The permits that this handle still has to give back; 1 for a lock. */
    int permits();

    /** What this client believes about the hold right now. {@link HoldState#LOST} and {@link HoldState#RELEASED} are final. */
    HoldState state();

    /** Whether this client believes in the hold right now: it is {@link HoldState#HELD} or {@link HoldState#SUSPECT}. */
    default boolean isHeld() {
        HoldState state = state();
        return state == HoldState.HELD || state == HoldState.SUSPECT;
    }

    /**
     * Returns if {@link #isHeld}, and throws if not. A belief, not a guard: pass the token to what the lock protects.
     *
     * @throws LockExpiredException if it has expired
     * @throws LockNotHeldException if it was released, or taken by force
     * @throws LockOutcomeUnknownException if a release of it was sent and its outcome is not known
     */
    void requireHeld();

    /**
     * For how long, at least, this client will believe in the hold if it hears nothing more from the cluster. Zero if the hold
     * is lost, released or in doubt; empty if only a release ends it.
     */
    Optional<Duration> leaseLeft();

    /**
     * Makes the hold live at least that long from now; never shortens it. Blocks until the cluster answers, at most for the
     * request timeout. Not interruptible.
     *
     * @param ttl positive; rounded up to whole milliseconds
     * @throws LockExpiredException if it has expired
     * @throws LockNotHeldException if it was released, or taken by force
     * @throws LockUnavailableException if nothing was done
     * @throws LockOutcomeUnknownException if it may have been done; rely on the earlier deadline
     */
    void extend(Duration ttl);

    /** {@link #extend} without blocking, as a listener should; the stage fails with what that would throw. */
    CompletionStage<Void> extendAsync(Duration ttl);

    /**
     * Makes the hold end that long from now, whatever its lease was: this client does not renew it any more, and it ends then
     * even if this client is closed or dies before. Until then it can be released, {@linkplain #extend extended} or acquired
     * again as any other. Afterwards the handle is lost, as when a TTL has run out; suspect listeners do not warn of that, as
     * they might extend it.
     *
     * <p>Use it instead of {@link #release} to keep a lock for a least time: a job that took a second is then not started
     * again by another process whose clock is a little late.
     *
     * <p>It cuts nobody else short. If the owner has acquired the lockable more than once, by whichever handle or process,
     * the hold is shared, and this is refused. An acquire counts until it is given back; that of a lock that is not
     * reentrant, of a semaphore, or of a process that has ended, until the hold ends. So it is for holds with an owner of their
     * own, as the acquires without an owner make them.
     *
     * <p>Blocks until the cluster answers, at most for the request timeout. Not interruptible. Runs the hooks of an extension.
     *
     * @param left positive, at most {@link AcquireOptions#TTL_MAX}; rounded up to whole milliseconds. The handle counts from
     *     the call, the cluster from when it decides, so that the handle is lost first. It is lost then even if this fails,
     *     when the failure comes later than that; what its acquire did is taken back in that case
     * @throws LockRequestRejectedException with the reason {@code SHARED} if the owner acquired it more than once; nothing was
     *     done
     * @throws LockExpiredException if it has expired
     * @throws LockNotHeldException if it was released, or taken by force
     * @throws LockUnavailableException if nothing was done
     * @throws LockOutcomeUnknownException if it may have been done: the handle then is lost at that time at the latest, and
     *     the hold, unless it is released, at that time or when its old lease ends
     */
    void expireIn(Duration left);

    /** {@link #expireIn} without blocking; the stage fails with what that would throw. */
    CompletionStage<Void> expireInAsync(Duration left);

    /**
     * Releases the hold. Blocks until the cluster answers, at most for the request timeout. Not interruptible.
     *
     * @throws LockExpiredException if it has expired
     * @throws LockNotHeldException if it was released before, or taken by force
     * @throws LockUnavailableException if nothing was done: it is still held, and may be released again
     * @throws LockOutcomeUnknownException if it may have been done; the state is {@link HoldState#IN_DOUBT} until that is
     *     known. Releasing again settles it, and never gives back more than this handle stands for. The exception is a session that was lost in between: then nobody knows any more, and a
     *     second release of permits or of a reentrant count may take from what the owner holds through other clients
     */
    void release();

    /** {@link #release} without blocking; the stage fails with what that would throw. */
    CompletionStage<Void> releaseAsync();

    /**
     * Releases the hold if it is still held; does nothing if it is released or lost.
     *
     * @throws LockUnavailableException as {@link #release}
     * @throws LockOutcomeUnknownException as {@link #release}
     */
    @Override
    void close();

    /**
     * Does the work on the calling thread under this hold, and leaves the hold as it is: for work that is over before what it did
     * takes effect, as when a transaction commits later. Interrupts the work if the hold is about to be lost, exactly as
     * {@link HoldfastLock#withLock(Lockable, HeldWork)} does, and never after this method has returned. The work may release the
     * handle, which ends the watch over it.
     *
     * <p>Returns what the work returns, or throws what it throws, with the same exceptions in their place as {@code withLock} has
     * if the hold was lost or the work was interrupted. What this client believes when the work ends decides about that: see
     * {@link #requireHeld}. If the work has begun a release of the handle without waiting for it, and it is not known yet what became
     * of it, nobody can say whether the hold was there to the end, and that is a {@link LockOutcomeUnknownException}.
     *
     * @throws LockExpiredException as {@link #requireHeld}, before the work or after it
     * @throws LockNotHeldException likewise
     * @throws LockOutcomeUnknownException likewise
     * @throws E what the work throws
     */
    default <T extends @Nullable Object, E extends Exception> T whileHeld(HeldWork<T, E> work) throws E {
        return whileHeld(work, () -> true);
    }

    /**
     * As {@link #whileHeld(HeldWork)}, and asks before each interrupt: for whoever has to know, when the work has ended, that it was told
     * to stop, whatever the work has made of it; or who has a step in it that must not be interrupted.
     *
     * @param mayInterrupt asked on a thread of the client's, just before the interrupt, whether it may come; it must not block. If not,
     *     the work may still be interrupted when the hold is lost. If it throws, the interrupt comes. It may still be asked when
     *     this method has returned, without an interrupt then
     */
    <T extends @Nullable Object, E extends Exception> T whileHeld(HeldWork<T, E> work, BooleanSupplier mayInterrupt)
            throws E;

    /**
     * Calls the listener each time the hold becomes {@link HoldState#SUSPECT}, and at once if it is suspect now. The suspect
     * listeners of one handle are called one after the other, on the client's callback executor; they may block, and are not
     * called any more once the hold is lost or released. So a process that stands still for as long as the hold is suspect
     * hears of the loss alone.
     */
    void onSuspect(Runnable listener);

    /**
     * Calls the listener once, when the hold is lost, or at once if it is lost already; never after a release. It is called on
     * the client's callback executor, and waits for no other listener: not even for a suspect listener of this handle that
     * has not returned.
     */
    void onLost(Consumer<LossReason> listener);

    /**
     * Calls the listener when somebody {@linkplain HoldfastLock#requestRelease asks} for what this handle holds, and at once if
     * somebody has already. Whether and when to release it is up to the listener: it may finish first, or do nothing.
     *
     * <p>Each request is heard at least once while the client's session lives; one that came while no session followed the hold
     * is not. Requests that come before the listener could be called make one call. The calls of one listener come one after
     * the other, on the client's callback executor; they may block, and stop once the hold is lost or released.
     */
    void onReleaseRequested(Runnable listener);

    /**
     * Completes with the reason when the hold is lost, whatever listeners do. Does not complete if it is released. Its dependents
     * run on the client's callback executor.
     */
    CompletionStage<LossReason> lossSignal();

    /**
     * The same handle, with another request timeout than that of the lock or semaphore which acquired it: to release with a
     * short one, say, while shutting down. Both stand for the same: if one is released, so is the other.
     *
     * @param timeout positive, at most an hour
     * @throws LockRequestRejectedException if it is out of range
     */
    @CheckReturnValue
    LockHandle withRequestTimeout(Duration timeout);
}
