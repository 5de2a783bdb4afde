package dev.holdfast.client;

import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One granted acquire. It knows the hold's fencing token, and tells when the hold is in danger or lost. All methods may be
 * called from any thread.
 *
 * <p>Handles of one owner's acquires of the same lockable share one hold and its token. Releasing one of them gives back
 * what its acquire added: its permits, one count of a reentrant lock; or the whole hold of a lock that is not reentrant,
 * whose other handles are then released too.
 */
public interface LockHandle extends AutoCloseable {
    Lockable lockable();

    LockOwner owner();

    /**
     * The fencing token: greater than that of every earlier hold of this lockable. Pass it with every write to what the
     * lock protects, and have the writes of lower tokens refused there, for no lock can stop a process that was paused.
     */
    long token();

    /** The permits that this handle still has to give back; 1 for a lock. */
    int permits();

    /** What this client believes about the hold right now. {@link HoldState#LOST} and RELEASED are final. */
    HoldState state();

    /**
     * For how long the hold will be believed at least, if nothing more is heard of the cluster. Zero when it is lost or
     * released; empty when only a release ends it.
     */
    Optional<Duration> leaseLeft();

    /**
     * Lets the hold live at least that long from now; never shortens it. Blocks until the cluster answered, at most for the
     * request timeout, and is not interruptible.
     *
     * @param ttl positive; rounded up to whole milliseconds
     * @throws LockExpiredException if it has expired
     * @throws LockNotHeldException if it was released, or taken by force
     * @throws LockUnavailableException if nothing was done
     * @throws LockOutcomeUnknownException if it may have been done; the earlier deadline is the one to rely on
     */
    void extend(Duration ttl);

    /**
     * Gives the hold back. Blocks until the cluster answered, at most for the request timeout, and is not interruptible.
     *
     * @throws LockExpiredException if it has expired
     * @throws LockNotHeldException if it was released before, or taken by force
     * @throws LockUnavailableException if nothing was done: it is still held, and may be released again
     * @throws LockOutcomeUnknownException if it may have been done. To release it again is to find out, and never gives back
     *     more than this handle stands for; unless the session was lost meanwhile, for then nobody knows any more, and a
     *     second release of permits or of a reentrant count may take from what its owner holds through other clients
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
     * Has the listener called each time the hold becomes {@link HoldState#SUSPECT}, and at once if it is. Listeners of one
     * handle are called one after the other, on the client's callback executor.
     */
    void onSuspect(Runnable listener);

    /** Has the listener called once when the hold is lost, and at once if it was; never after a release. */
    void onLost(Consumer<LossReason> listener);

    /** Completes with the reason when the hold is lost. Does not complete if it is released. */
    CompletionStage<LossReason> lossSignal();
}
