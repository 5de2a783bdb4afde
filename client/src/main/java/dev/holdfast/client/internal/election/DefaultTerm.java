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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A term: the belief in it, and the calls of the listener for it. Its end is decided once, by whoever comes first: the clock as
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
    private final Consumer<DefaultTerm> onEnd;
    private final AtomicReference<@Nullable RevokeReason> end = new AtomicReference<>();
    private final CompletableFuture<RevokeReason> ended = new CompletableFuture<>();

    /** The scope of {@link ElectionListener#onElected}, while it runs. */
    private volatile @Nullable Scope scope;

    /** Whether the listener was told of the term. Touched by the calls of the listener only. */
    private boolean announced;

    /**
     * @param marginNanos the term ends when no more than that is left of the lease
     * @param onEnd told once, on whichever thread ends the term
     */
    DefaultTerm(
            HoldHandle held,
            long marginNanos,
            ElectionListener listener,
            Callbacks callbacks,
            ListenerCalls calls,
            Consumer<DefaultTerm> onEnd) {
        this.held = held;
        this.marginNanos = marginNanos;
        this.listener = listener;
        this.callbacks = callbacks;
        this.calls = calls;
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
        if (end.get() != null) {
            return false;
        }
        if (leftNanos() > 0 && held.isHeld()) {
            // Somebody else may have seen it end in between.
            return end.get() == null;
        }
        end(reasonOfTime());
        return false;
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

    /** Ends the term, unless it has ended. */
    void end(RevokeReason reason) {
        if (!end.compareAndSet(null, reason)) {
            return;
        }
        if (!calls.isInside()) {
            callbacks.alarms().execute(this::interrupt);
        }
        callbacks.signals().execute(() -> ended.complete(reason));
        onEnd.accept(this);
    }

    private void interrupt() {
        Scope running = scope;
        if (running != null) {
            running.interrupt();
        }
    }

    /** Why it has ended; to be asked when it has. */
    RevokeReason reason() {
        RevokeReason reason = end.get();
        if (reason == null) {
            throw new IllegalStateException("the term has not ended");
        }
        return reason;
    }

    @Override
    public CompletionStage<RevokeReason> ended() {
        return ended.copy();
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
            if (isCurrent()) {
                announced = true;
                listener.onElected(this);
            }
        } catch (Throwable thrown) {
            failed(thrown);
        } finally {
            scope = null;
            mine.end();
        }
    }

    // What it throws when it was to stop is how it stops.
    private void failed(Throwable thrown) {
        if (isCurrent()) {
            Safely.warn(
                    LOG,
                    "The leader of '" + lockable().key() + "' (token " + token()
                            + ") failed to take the lead, and gives" + " it away.",
                    thrown);
            end(RevokeReason.FAILED);
        }
    }

    /** Tells the listener that it leads no more, if it was told that it does. */
    void revoke() {
        if (!announced) {
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
        RevokeReason over = end.get();
        return "term " + token() + " of the leader of '" + lockable().key() + "'"
                + (over == null ? "" : " (" + over + ")");
    }
}
