package dev.holdfast.client.internal.election;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.RevokeReason;
import dev.holdfast.client.election.Term;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.serial.Callbacks;
import dev.holdfast.client.internal.threads.InterruptScopes;
import dev.holdfast.client.internal.threads.InterruptScopes.Scope;
import dev.holdfast.client.internal.threads.Safely;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A term: the belief in it, and the calls of the listener for it. It begins on the thread on which the listener is told, and nobody
 * leads before: so nobody leads for whose listener there is no thread. Its end is decided once, by whoever comes first: the clock as
 * somebody reads it, the hold's alarm, a resignation, or a failure of the listener. Any thread may call it, except that
 * {@link #announce} and {@link #revoke} come one after the other.
 */
final class DefaultTerm implements Term {
    private static final Logger LOG = LoggerFactory.getLogger(DefaultTerm.class);

    private final HoldHandle held;
    private final long marginNanos;
    private final ElectionListener listener;
    private final Callbacks callbacks;
    private final ListenerCalls calls;
    private final BooleanSupplier mayBegin;
    private final Consumer<DefaultTerm> onEnd;
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
    private final CompletableFuture<RevokeReason> ended = new CompletableFuture<>();
    private final CompletionStage<RevokeReason> endedStage = ended.minimalCompletionStage();

    /** The scope of {@link ElectionListener#onElected}, while it runs. */
    private volatile @Nullable Scope scope;

    /**
     * @param begun whether the listener was told of the term, or is being told
     * @param reason why it has ended; {@code null} if it has not
     * @param inside whether the listener itself has ended it
     */
    private record State(boolean begun, @Nullable RevokeReason reason, boolean inside) {
        static final State QUEUED = new State(false, null, false);
        static final State BEGUN = new State(true, null, false);
    }

    /**
     * @param marginNanos the term ends when no more than that is left of the lease
     * @param mayBegin asked before the listener is told: false if somebody has resigned who could not see this term yet
     * @param onEnd told once, on whichever thread ends the term, unless that fails in between
     */
    DefaultTerm(
            HoldHandle held,
            long marginNanos,
            ElectionListener listener,
            Callbacks callbacks,
            ListenerCalls calls,
            BooleanSupplier mayBegin,
            Consumer<DefaultTerm> onEnd) {
        this.held = held;
        this.marginNanos = marginNanos;
        this.listener = listener;
        this.callbacks = callbacks;
        this.calls = calls;
        this.mayBegin = mayBegin;
        this.onEnd = onEnd;
    }

    @Override
    public Lockable lockable() {
        return held.lockable();
    }

    @Override
    public long token() {
        return held.token();
    }

    @Override
    public boolean isCurrent() {
        return now().begun && !isOver();
    }

    /** Whether it has ended, begun or not. */
    boolean isOver() {
        if (now().reason != null) {
            return true;
        }
        if (leftNanos() > 0 && held.isHeld()) {
            // Somebody else may have seen it end in between.
            return now().reason != null;
        }
        conclude(reasonOfTime());
        return true;
    }

    private State now() {
        return Objects.requireNonNull(state.get());
    }

    /** What is left of the term, if no renewal comes. */
    long leftNanos() {
        return held.leaseLeft().map(Duration::toNanos).orElse(Long.MAX_VALUE) - marginNanos;
    }

    private RevokeReason reasonOfTime() {
        if (held.isHeld()) {
            return RevokeReason.SUSPECT;
        }
        LossReason loss = held.lossReason();
        if (loss == null) {
            // Lost by the clock, and nobody was told of that yet; or its owner was named, and released.
            return held.state() == HoldState.LOST ? RevokeReason.LOST : RevokeReason.FORCED;
        }
        return switch (loss) {
            case EXPIRED, SESSION_LOST -> RevokeReason.LOST;
            case CLIENT_CLOSED -> RevokeReason.CLIENT_CLOSED;
            case FORCE_RELEASED, RELEASED_ELSEWHERE, RELEASED_BY_OWNER, NOT_HELD -> RevokeReason.FORCED;
        };
    }

    /** Ends the term for that reason, unless it has ended, or its time is over. */
    void end(RevokeReason reason) {
        if (!isOver()) {
            conclude(reason);
        }
    }

    private void conclude(RevokeReason reason) {
        boolean inside = calls.isInside();
        State seen = now();
        while (seen.reason == null) {
            if (state.compareAndSet(seen, new State(seen.begun, reason, inside))) {
                onEnd.accept(this);
                return;
            }
            seen = now();
        }
    }

    /** Ends the term if no thread was found on which to tell the listener. Returns whether that was so. */
    boolean endUnlessBegun() {
        if (!state.compareAndSet(State.QUEUED, new State(false, RevokeReason.FAILED, false))) {
            return false;
        }
        onEnd.accept(this);
        return true;
    }

    /** Tells whoever waits for the end of the term, which has ended. */
    void tellOfEnd() {
        RevokeReason reason = reason();
        if (!now().inside) {
            callbacks.alarms().execute(this::interrupt);
        }
        callbacks.signals().execute(() -> ended.complete(reason));
    }

    private void interrupt() {
        Scope running = scope;
        if (running != null) {
            running.interrupt();
        }
    }

    /** Why it has ended; to be asked when it has. */
    RevokeReason reason() {
        RevokeReason reason = now().reason;
        if (reason == null) {
            throw new IllegalStateException("the term has not ended");
        }
        return reason;
    }

    @Override
    public CompletionStage<RevokeReason> ended() {
        return endedStage;
    }

    HoldHandle held() {
        return held;
    }

    /** Tells the listener that it leads, unless that is not so any more. */
    void announce() {
        Scope mine = InterruptScopes.enter();
        // Whoever ends the term from now on finds the scope.
        scope = mine;
        try {
            if (begins()) {
                listener.onElected(this);
            }
        } catch (Throwable thrown) {
            failed(thrown);
        } finally {
            scope = null;
            mine.end();
        }
    }

    private boolean begins() {
        return mayBegin.getAsBoolean() && !isOver() && state.compareAndSet(State.QUEUED, State.BEGUN);
    }

    // What it throws when it was to stop is how it stops.
    private void failed(Throwable thrown) {
        if (isCurrent()) {
            Safely.warn(
                    LOG,
                    "The leader of '" + lockable().key() + "' (token " + token()
                            + ") failed to take the lead, and gives it away.",
                    thrown);
            end(RevokeReason.FAILED);
        }
    }

    /** Tells the listener that it leads no more, if it was told that it does. */
    void revoke() {
        if (!now().begun) {
            return;
        }
        try {
            listener.onRevoked(this, reason());
        } catch (Throwable thrown) {
            Safely.warn(
                    LOG,
                    "A listener failed at the end of its term as the leader of '"
                            + lockable().key() + "' (token " + token() + ").",
                    thrown);
        }
    }

    @Override
    public String toString() {
        RevokeReason over = now().reason;
        return "term " + token() + " of the leader of '" + lockable().key() + "'"
                + (over == null ? "" : " (" + over + ")");
    }
}
