package dev.holdfast.client.internal.hold;

import dev.holdfast.client.ClientMetrics.AcquireEnd;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.PendingCommand;
import dev.holdfast.client.internal.pipeline.Pipeline;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.session.ClientSession;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.client.internal.session.WaitListener;
import dev.holdfast.client.time.Timers;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One acquire, from its request to its grant or its end.
 *
 * <pre>
 * SENDING -- granted, refused, failed --------------------------------> DONE
 * SENDING -- granted by an event, before the outcome is here ---------> DONE
 * SENDING -- queued --------------------------------------------------> QUEUED
 * QUEUED  -- granted or ended by an event, session lost, out of time -> DONE
 * any     -- given up by its caller ----------------------------------> DONE, and undone
 * </pre>
 *
 * Touched by tasks of the serial executor only, except where told.
 *
 * @param <O> what the cluster decides on it
 */
public abstract sealed class AcquireOperation<O> implements PendingAcquire<O>, OutcomeHandler, WaitListener
        permits SingleAcquire, JointAcquire {
    private final ClientContext context;
    private final SessionManager sessions;
    private final HoldRegistry registry;
    private final HoldOperations operations;
    private final AcquireTerms request;
    private final CompletableFuture<O> result = new CompletableFuture<>();
    private final long elapsedNanos;
    private State state = State.SENDING;
    private long beganNanos;
    private long queuedNanos;
    private long sequence;
    private boolean abandoned;
    private @Nullable PendingCommand pending;
    private @Nullable ClientSession session;
    private Timers.@Nullable Scheduled patience;
    private @Nullable O granted;

    private enum State {
        SENDING,
        QUEUED,
        DONE
    }

    AcquireOperation(
            ClientContext context,
            SessionManager sessions,
            HoldRegistry registry,
            HoldOperations operations,
            AcquireTerms request,
            long elapsedNanos) {
        this.context = context;
        this.sessions = sessions;
        this.registry = registry;
        this.operations = operations;
        this.request = request;
        this.elapsedNanos = elapsedNanos;
    }

    /** What it asks for. */
    abstract List<HoldName> names();

    /** Looks whether its owner has lost by now what it is about to acquire. */
    abstract void giveBackLost();

    /** Tracks what was granted. */
    abstract O track(Outcome grant, ClientSession session);

    /** What a refusal means, {@code null} if it is none. */
    abstract @Nullable O refused(Outcome outcome);

    abstract O waitedInVain();

    /** What any other outcome means. */
    LockException failure(Outcome outcome) {
        return Rejections.unexpected(outcome);
    }

    /** Gives back, in the background, what was granted. */
    abstract void giveBack(O granted);

    final HoldRegistry registry() {
        return registry;
    }

    final HoldOperations operations() {
        return operations;
    }

    @Override
    public CompletableFuture<O> result() {
        return result;
    }

    @Override
    public void abandon() {
        context.serial().execute(this::abandonNow);
    }

    void start() {
        beganNanos = context.nowNanos() - elapsedNanos;
        context.metrics().acquireBegan();
        registry.acquireBegan();
        // What the owner has lost by now is given back first.
        giveBackLost();
        pending = sessions.submit(request.toSend(), beganNanos + request.patienceNanos(), this);
    }

    @Override
    public void onNumbered(Pipeline pipeline, long sequence) {
        this.sequence = sequence;
        ClientSession current = sessions.current();
        session = current;
        if (current != null && request.waitMs() != 0) {
            current.addWait(sequence, this);
        }
    }

    @Override
    public void onOutcome(Outcome outcome) {
        if (state != State.SENDING) {
            return;
        }
        if (outcome instanceof Outcome.Queued) {
            queued();
        } else if (isGrant(outcome)) {
            granted(outcome);
        } else {
            O refused = refused(outcome);
            if (refused != null) {
                finish(AcquireEnd.REFUSED, refused);
            } else {
                fail(failure(outcome));
            }
        }
    }

    private static boolean isGrant(Outcome outcome) {
        return outcome instanceof Outcome.Granted
                || outcome instanceof Outcome.Drained
                || outcome instanceof Outcome.GrantedAll;
    }

    @Override
    public void onFailure(LockException failure) {
        if (state == State.SENDING) {
            fail(failure);
        }
    }

    private void queued() {
        state = State.QUEUED;
        queuedNanos = context.nowNanos();
        names().forEach(registry::queueBegan);
        context.metrics().waitBegan();
        long patienceNanos = request.patienceInQueueNanos();
        if (patienceNanos != ClientClock.NEVER) {
            patience = context.at(beganNanos + patienceNanos, this::outOfPatience);
        }
    }

    private void outOfPatience() {
        if (state == State.QUEUED) {
            undo();
            fail(new LockOutcomeUnknownException(request.describe(), null));
        }
    }

    @Override
    public void onWaitGranted(Outcome grant) {
        if (state == State.DONE) {
            return;
        }
        PendingCommand command = pending;
        ClientSession current = session;
        if (state == State.SENDING && command != null && current != null) {
            // The event was faster than the outcome, which nobody needs any more.
            current.pipeline().settle(command);
        }
        granted(grant);
    }

    @Override
    public void onWaitEnded(Event.WaitEnd reason) {
        if (state != State.DONE) {
            PendingCommand command = pending;
            ClientSession current = session;
            if (state == State.SENDING && command != null && current != null) {
                current.pipeline().settle(command);
            }
            finish(AcquireEnd.TIMED_OUT, waitedInVain());
        }
    }

    @Override
    public void onSessionLost() {
        if (state == State.QUEUED) {
            fail(
                    sessions.isClosed()
                            ? operations.closed(request.describe())
                            : new LockSessionLostException(request.describe()));
        }
    }

    private void granted(Outcome grant) {
        ClientSession current = session;
        if (current == null) {
            throw new IllegalStateException("granted outside of a session");
        }
        O outcome = track(grant, current);
        granted = outcome;
        finish(AcquireEnd.GRANTED, outcome);
    }

    private void abandonNow() {
        if (abandoned) {
            return;
        }
        abandoned = true;
        O outcome = granted;
        if (outcome != null) {
            giveBack(outcome);
        } else if (state != State.DONE) {
            PendingCommand command = pending;
            if (state == State.QUEUED) {
                undo();
            } else if (command != null) {
                SessionManager.abandon(command);
            }
            fail(new LockOutcomeUnknownException(request.describe(), null));
        }
    }

    // For an acquire that is queued: its number is known, and its outcome was received.
    private void undo() {
        ClientSession current = session;
        if (current != null) {
            current.removeWait(sequence);
            current.pipeline().cancel(sequence);
        }
    }

    private void finish(AcquireEnd end, O outcome) {
        done(end);
        result.complete(outcome);
    }

    private void fail(LockException failure) {
        done(AcquireEnd.FAILED);
        result.completeExceptionally(failure);
    }

    private void done(AcquireEnd end) {
        long now = context.nowNanos();
        if (state == State.QUEUED) {
            context.metrics().waitEnded(now - queuedNanos);
            names().forEach(registry::queueEnded);
        }
        state = State.DONE;
        ClientSession current = session;
        if (current != null) {
            current.removeWait(sequence);
        }
        Timers.Scheduled timer = patience;
        if (timer != null) {
            timer.cancel();
        }
        registry.acquireEnded();
        context.metrics().acquireEnded(end, now - beganNanos);
    }
}
