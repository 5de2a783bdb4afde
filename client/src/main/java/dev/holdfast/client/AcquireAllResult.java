package dev.holdfast.client;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How the cluster decided an acquire of several locks together: all with their handles, or none, and why. */
public final class AcquireAllResult {
    private final @Nullable LockHandles handles;
    private final boolean timedOut;
    private final @Nullable Lockable inTheWay;
    private final @Nullable LockOwner holder;
    private final int waitersAhead;
    private final @Nullable Supplier<LockException> failure;

    private AcquireAllResult(
            @Nullable LockHandles handles,
            boolean timedOut,
            @Nullable Lockable inTheWay,
            @Nullable LockOwner holder,
            int waitersAhead,
            @Nullable Supplier<LockException> failure) {
        this.handles = handles;
        this.timedOut = timedOut;
        this.inTheWay = inTheWay;
        this.holder = holder;
        this.waitersAhead = waitersAhead;
        this.failure = failure;
    }

    /** For implementations: the owner holds all of them. */
    public static AcquireAllResult granted(LockHandles handles) {
        return new AcquireAllResult(handles, false, null, null, 0, null);
    }

    /**
     * For implementations: the owner does not hold more than before.
     *
     * @param timedOut whether it was queued, and its wait ran out
     * @param waitersAhead how many waiters were in the way, if nobody held it; else 0
     * @param failure what {@link #orThrow} throws
     */
    public static AcquireAllResult refused(
            boolean timedOut,
            @Nullable Lockable inTheWay,
            @Nullable LockOwner holder,
            int waitersAhead,
            Supplier<LockException> failure) {
        return new AcquireAllResult(null, timedOut, inTheWay, holder, waitersAhead, failure);
    }

    /** Whether all were acquired; if not, none was. */
    public boolean acquired() {
        return handles != null;
    }

    /** Whether it was queued and its wait ran out. */
    public boolean timedOut() {
        return timedOut;
    }

    /** The handles; empty if they were not acquired. */
    public Optional<LockHandles> handles() {
        return Optional.ofNullable(handles);
    }

    /** The first that was not free when the acquire was refused; empty if it was acquired, or timed out. */
    public Optional<Lockable> inTheWay() {
        return Optional.ofNullable(inTheWay);
    }

    /** Who held {@link #inTheWay} then; empty if only waiters were in the way. */
    public Optional<LockOwner> holder() {
        return Optional.ofNullable(holder);
    }

    /**
     * How many others were waiting for {@link #inTheWay}, if nobody held it when the acquire was refused: they come first. To
     * wait is to join them. Else 0.
     */
    public int waitersAhead() {
        return waitersAhead;
    }

    /**
     * The handles.
     *
     * @throws LockAlreadyHeldException if they were not acquired
     */
    public LockHandles orThrow() {
        LockHandles held = handles;
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
        if (handles != null) {
            return "acquired " + handles;
        }
        if (inTheWay == null) {
            return "timed out";
        }
        return "refused, '" + inTheWay.key() + "' "
                + (holder == null ? "is waited for by others" : "is held by " + holder);
    }
}
