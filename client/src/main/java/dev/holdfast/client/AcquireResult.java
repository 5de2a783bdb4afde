package dev.holdfast.client;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.errors.SemaphoreWaitTimedOutException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How the cluster decided an acquire: a grant with its handle, or a refusal with its reason. */
public final class AcquireResult {
    private final @Nullable LockHandle handle;
    private final boolean reacquired;
    private final int count;
    private final boolean timedOut;
    private final @Nullable LockOwner holder;
    private final int available;
    private final int waitersAhead;
    private final @Nullable Supplier<LockException> failure;

    private AcquireResult(
            @Nullable LockHandle handle,
            boolean reacquired,
            int count,
            boolean timedOut,
            @Nullable LockOwner holder,
            int available,
            int waitersAhead,
            @Nullable Supplier<LockException> failure) {
        this.handle = handle;
        this.reacquired = reacquired;
        this.count = count;
        this.timedOut = timedOut;
        this.holder = holder;
        this.available = available;
        this.waitersAhead = waitersAhead;
        this.failure = failure;
    }

    /**
     * For implementations: the owner holds it.
     *
     * @param count what the hold counts now
     */
    public static AcquireResult granted(LockHandle handle, boolean reacquired, int count) {
        return new AcquireResult(handle, reacquired, count, false, null, 0, 0, null);
    }

    /**
     * For implementations: the owner does not hold more than before.
     *
     * @param timedOut whether it was queued, and its wait ran out
     * @param waitersAhead how many waiters were in the way, if nothing else was; else 0
     * @param failure what {@link #orThrow} throws
     */
    public static AcquireResult refused(
            boolean timedOut,
            @Nullable LockOwner holder,
            int available,
            int waitersAhead,
            Supplier<LockException> failure) {
        return new AcquireResult(null, false, 0, timedOut, holder, available, waitersAhead, failure);
    }

    public boolean acquired() {
        return handle != null;
    }

    /**
     * Whether the owner held it before. Then the acquire of a lock that is not reentrant added no count, but the lease that it
     * asked for: the hold lives at least that long.
     */
    public boolean reacquired() {
        return reacquired;
    }

    /**
     * What the owner's hold counts after this acquire: its permits of a semaphore, how often it holds a reentrant lock, or 1; 0 if
     * it was not acquired.
     */
    public int count() {
        return count;
    }

    /** Whether it was queued and its wait ran out. */
    public boolean timedOut() {
        return timedOut;
    }

    /**
     * The fencing token of the hold; a later hold of the same lockable has a greater one.
     *
     * @throws LockException as {@link #orThrow} if it was not acquired
     */
    public long token() {
        return orThrow().token();
    }

    /** The handle of the hold; empty if it was not acquired. */
    public Optional<LockHandle> handle() {
        return Optional.ofNullable(handle);
    }

    /** Who held it when the acquire was refused; empty if it was acquired, or only waiters were in the way. */
    public Optional<LockOwner> holder() {
        return Optional.ofNullable(holder);
    }

    /** How many permits were free when the acquire was refused; 0 for a lock, and if the acquire timed out or was granted. */
    public int available() {
        return available;
    }

    /**
     * How many others were waiting for it, if they were all that was in the way when the acquire was refused: what it asked for
     * was free, but they come first. To wait is to join them. 0 if it was held, if the acquire timed out, or was granted.
     */
    public int waitersAhead() {
        return waitersAhead;
    }

    /**
     * The handle of the hold.
     *
     * @throws LockAlreadyHeldException if a lock was not acquired
     * @throws SemaphoreCapacityExceededException if a semaphore's permits were refused
     * @throws SemaphoreWaitTimedOutException if the wait for a semaphore's permits ran out
     */
    public LockHandle orThrow() {
        LockHandle held = handle;
        if (held != null) {
            return held;
        }
        Supplier<LockException> why = failure;
        if (why == null) {
            throw new IllegalStateException("neither granted nor refused");
        }
        throw why.get();
    }

    @Override
    public String toString() {
        if (handle != null) {
            return "acquired " + handle;
        }
        if (waitersAhead > 0) {
            return "refused, others wait: " + waitersAhead;
        }
        return timedOut ? "timed out" : holder == null ? "refused" : "refused, held by " + holder;
    }
}
