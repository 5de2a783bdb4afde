package dev.holdfast.client.internal.hold;

import dev.holdfast.client.ClientMetrics.AcquireEnd;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
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
 */
public final class AcquireOperation implements PendingAcquire, OutcomeHandler, WaitListener {
    private final ClientContext context;
    private final SessionManager sessions;
    private final HoldRegistry registry;
    private final HoldOperations operations;
    private final AcquireRequest request;
    private final CompletableFuture<AcquireOutcome> result = new CompletableFuture<>();
    private final long elapsedNanos;
    private State state = State.SENDING;
    private long beganNanos;
    private long queuedNanos;
    private long sequence;
    private boolean abandoned;
    private @Nullable PendingCommand pending;
    private @Nullable ClientSession session;
    private Timers.@Nullable Scheduled patience;
    private @Nullable AcquireOutcome granted;

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
            AcquireRequest request,
            long elapsedNanos) {
        this.context = context;
        this.sessions = sessions;
        this.registry = registry;
        this.operations = operations;
        this.request = request;
        this.elapsedNanos = elapsedNanos;
    }

    @Override
    public CompletableFuture<AcquireOutcome> result() {
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
        registry.find(request.command().lockable(), request.command().owner());
        pending = sessions.submit(request.toSend(), beganNanos + request.patienceNanos(), this);
    }

    @Override
    public void onNumbered(Pipeline pipeline, long sequence) {
        this.sequence = sequence;
        ClientSession current = sessions.current();
        session = current;
        if (current != null && request.command().waitMs() != 0) {
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
        } else if (outcome instanceof Outcome.Granted grant) {
            granted(request, grant);
        } else if (outcome instanceof Outcome.Drained drained) {
            granted(request.answeredBy(drained.permits()), drained.granted());
        } else if (outcome instanceof Outcome.Refused refused) {
            finish(AcquireEnd.REFUSED, AcquireOutcome.refused(refused));
        } else if (outcome instanceof Outcome.CapacityExceeded exceeded) {
            fail(new SemaphoreCapacityExceededException(
                    request.lockable().key(), exceeded.requested(), exceeded.available(), exceeded.max()));
        } else {
            fail(Rejections.unexpected(outcome));
        }
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
        registry.queueBegan(name());
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
    public void onWaitGranted(Event.WaitGranted event) {
        if (state == State.DONE) {
            return;
        }
        PendingCommand command = pending;
        ClientSession current = session;
        if (state == State.SENDING && command != null && current != null) {
            // The event was faster than the outcome, which nobody needs any more.
            current.pipeline().settle(command);
        }
        granted(request, new Outcome.Granted(event.token(), event.deadlineMs(), event.count(), event.reacquired()));
    }

    @Override
    public void onWaitEnded(Event.WaitEnd reason) {
        if (state != State.DONE) {
            PendingCommand command = pending;
            ClientSession current = session;
            if (state == State.SENDING && command != null && current != null) {
                current.pipeline().settle(command);
            }
            finish(AcquireEnd.TIMED_OUT, AcquireOutcome.waitedInVain());
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

    private void granted(AcquireRequest answered, Outcome.Granted grant) {
        ClientSession current = session;
        if (current == null) {
            throw new IllegalStateException("granted outside of a session");
        }
        AcquireOutcome outcome = AcquireOutcome.granted(registry.granted(answered, grant, current), grant);
        granted = outcome;
        finish(AcquireEnd.GRANTED, outcome);
    }

    private void abandonNow() {
        if (abandoned) {
            return;
        }
        abandoned = true;
        AcquireOutcome outcome = granted;
        if (outcome != null && outcome.handle() != null) {
            operations.giveBack(outcome.handle(), outcome.reacquired());
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

    private HoldName name() {
        return new HoldName(request.command().lockable(), request.command().owner());
    }

    private void finish(AcquireEnd end, AcquireOutcome outcome) {
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
            registry.queueEnded(name());
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
