package dev.holdfast.client.internal.pipeline;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TwoInFlight;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.SizeBound;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries the commands of one session to the cluster, in batches, each repeated as it is until it is answered.
 *
 * <ol>
 *   <li>Commands get their numbers when they enter a batch, in the order of the queue, and keep them through all attempts.
 *   <li>A command that its caller gave up is left out of further attempts. It is then done with, and a late copy of it is
 *       refused by the cluster; except that an acquire which may have been applied is done with only when its
 *       cancellation has been answered, for until then the cluster must be able to find it.
 *   <li>A command may have been applied if an attempt with it is under way, or ended with an unknown outcome.
 *   <li>A second batch may travel beside the first, so that the log works while a reply is on its way and callers that it
 *       woke come back. The two may be applied in either order, as either may be repeated. So one owner's commands on one
 *       lockable are never in both, and what has no owner travels alone ({@link OwnedLockables}).
 *   <li>A command that was left out may still be applied, late, until the cluster has heard that it is done with. Before that
 *       nothing of a caller's is sent, for it could be overtaken by it.
 * </ol>
 *
 * Touched by tasks of the serial executor only.
 *
 * <p>See docs/adr/007-two-batches-in-flight.md.
 */
public final class Pipeline {
    static final int COMMANDS_PER_BATCH_MAX = 1024;
    static final int BATCH_BYTES_MAX = 1024 * 1024;

    /** While the oldest batch is stuck, the next ones may not run ahead of it further than the cluster keeps outcomes. */
    private static final int AHEAD_MAX = 4 * COMMANDS_PER_BATCH_MAX;

    /** How often a command is carried over to a new session before its caller hears of it. */
    private static final int REQUEUES_MAX = 3;

    /** After how long a peer that does not admit this client is asked again to take back what it may have done. */
    private static final long FORBIDDEN_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ClientContext context;
    private final PipelineHost host;
    private final CommandQueue queue;
    private final ArrayDeque<PendingCommand> own = new ArrayDeque<>();
    private final AckTracker acks = new AckTracker();
    private final Cancellations cancellations = new Cancellations(this::cancelled);
    private long lastSequence;
    private long eventsAcknowledged;
    private boolean closed;
    /** Oldest first. */
    private final List<Flight> flights = new ArrayList<>(TwoInFlight.MAX);

    /** Up to that number there is a command that was left out and may yet be applied. */
    private long inDoubtUpTo;

    private @Nullable TransportException lastFailure;

    /** @param queue where the commands of callers wait until there is room for them in a batch */
    public Pipeline(ClientContext context, PipelineHost host, CommandQueue queue) {
        this.context = context;
        this.host = host;
        this.queue = queue;
    }

    /** Sends a command of the session's own, before those of callers. Its deadline is not watched. */
    public void submitOwn(PendingCommand command) {
        own.add(command);
        pump();
    }

    /** The highest event number that the cluster knows to have been received. */
    public long eventsAcknowledged() {
        return eventsAcknowledged;
    }

    public long outcomesAcknowledged() {
        return acks.acknowledged();
    }

    /** The last number given to a command. */
    public long lastSequence() {
        return lastSequence;
    }

    /** Sends what there is to send, if it may go now. */
    public void pump() {
        while (!closed && hasWork() && host.checkAlive()) {
            Flight next = flights.isEmpty() ? first() : second();
            if (next == null) {
                return;
            }
            flights.add(next);
            context.metrics().batchSent(next.commands().size());
            attempt(next);
        }
    }

    private boolean hasWork() {
        return !own.isEmpty() || !queue.isEmpty();
    }

    /** Whether a command that was left out may still be applied. */
    private boolean isInDoubt() {
        return acks.acknowledged() < inDoubtUpTo;
    }

    private @Nullable Flight first() {
        List<PendingCommand> batch = new ArrayList<>();
        int weight = 0;
        int bytes = 0;
        while (weight < COMMANDS_PER_BATCH_MAX && bytes < BATCH_BYTES_MAX) {
            PendingCommand command = own.poll();
            if (command == null && !isInDoubt()) {
                command = queue.poll();
            }
            if (command == null) {
                break;
            }
            weight += command.command().weight();
            bytes += add(command, batch);
        }
        return batch.isEmpty() ? null : new Flight(batch);
    }

    private int add(PendingCommand command, List<PendingCommand> batch) {
        command.number(this, ++lastSequence);
        batch.add(command);
        return SizeBound.of(command.command());
    }

    private @Nullable Flight second() {
        Flight other = flights.get(0);
        // What is too small for a round of its own waits for the first one's reply.
        if (!TwoInFlight.mayLeave(flights.size(), other.size(), queue.size())
                || !own.isEmpty()
                || !other.isFirstAttempt()
                || lastSequence - acks.acknowledged() > AHEAD_MAX
                || isInDoubt()) {
            return null;
        }
        List<PendingCommand> batch = new ArrayList<>();
        int weight = 0;
        int bytes = 0;
        PendingCommand head = queue.peek();
        while (head != null
                && weight < COMMANDS_PER_BATCH_MAX
                && bytes < BATCH_BYTES_MAX
                && other.owned().commuteWith(head.command())) {
            weight += head.command().weight();
            bytes += add(head, batch);
            queue.poll();
            head = queue.peek();
        }
        return batch.isEmpty() ? null : new Flight(batch);
    }

    private void attempt(Flight current) {
        current.beginAttempt(context.nowNanos());
        long eventsReceived = host.eventsDoneWith();
        var batch = current.toBatch(host.id(), acks.acknowledged(), eventsReceived);
        Futures.onDone(
                Futures.guard(() -> context.transport().submit(batch)),
                (reply, failure) -> context.serial().execute(() -> onAnswer(current, reply, failure, eventsReceived)));
    }

    private void onAnswer(
            Flight current, @Nullable SubmitReply reply, @Nullable Throwable failure, long eventsReceived) {
        if (closed || !host.checkAlive()) {
            return;
        }
        if (reply != null && current.isAnsweredBy(reply)) {
            eventsAcknowledged = Math.max(eventsAcknowledged, eventsReceived);
            onReply(current, reply);
        } else {
            onFailure(current, TransportException.of(failure));
        }
    }

    private void onReply(Flight current, SubmitReply reply) {
        current.endAttempt(false);
        lastFailure = null;
        host.onReply(current.firstSentNanos(), reply.logTimeMs());
        List<PendingCommand> commands = current.commands();
        List<PendingCommand> unknownSession = new ArrayList<>();
        int answered = 0;
        for (int i = 0; i < commands.size(); i++) {
            PendingCommand command = commands.get(i);
            Outcome outcome = reply.outcomes().get(i).outcome();
            if (isRejected(outcome, RejectionCode.SESSION_UNKNOWN)) {
                unknownSession.add(command);
            } else {
                onOutcome(command, outcome);
                answered += outcome instanceof Outcome.Queued ? 0 : 1;
            }
        }
        if (answered > 1) {
            // Their callers are likely to ask for something next; that shall travel together.
            context.serial().expect(answered);
        }
        flights.remove(current);
        if (unknownSession.isEmpty()) {
            pump();
        } else {
            carryOver(unknownSession, this::unknown);
            host.onSessionUnknown();
        }
    }

    private void onOutcome(PendingCommand command, Outcome outcome) {
        if (command.maybeApplied() && !command.isDone() && isRejected(outcome, RejectionCode.FORBIDDEN)) {
            // An earlier attempt may have come before the right was taken away, and may yet be applied.
            inDoubtUpTo = Math.max(inDoubtUpTo, command.sequence());
            giveUp(command, true);
            command.fail(new LockOutcomeUnknownException(command.describe(), Rejections.unexpected(outcome)));
            return;
        }
        if (!cancellations.contains(command.sequence())) {
            acks.done(command.sequence());
        }
        if (isRejected(outcome, RejectionCode.SEQUENCE_STALE)) {
            // The cluster has forgotten what it did with it.
            command.fail(unknown(command));
        } else {
            command.complete(outcome);
        }
    }

    private static boolean isRejected(Outcome outcome, RejectionCode code) {
        return outcome instanceof Outcome.Rejected rejected && rejected.code() == code;
    }

    private void onFailure(Flight current, TransportException failure) {
        current.endAttempt(failure.maybeApplied());
        lastFailure = failure;
        if (failure.worthRetrying()) {
            context.metrics().retried();
            context.after(context.retryPauseNanos(current.attempts() - 1), () -> retry(current));
        } else if (failure.kind() == TransportException.Kind.FORBIDDEN) {
            forbidden(current, failure);
        } else {
            refused(current, failure);
        }
    }

    private void retry(Flight current) {
        if (closed || !host.checkAlive()) {
            return;
        }
        inDoubtUpTo = Math.max(inDoubtUpTo, current.dropDone());
        if (current.isEmpty()) {
            flights.remove(current);
            pump();
        } else {
            attempt(current);
        }
    }

    // Nothing is gained by repeating the batch. Cancellations in it are dropped too: who refuses them refuses all.
    private void refused(Flight current, TransportException failure) {
        flights.remove(current);
        inDoubtUpTo = Math.max(inDoubtUpTo, current.lastSequence());
        for (PendingCommand command : current.commands()) {
            acks.done(command.sequence());
            command.fail(command.maybeApplied() ? unknown(command) : Rejections.refused(command.describe(), failure));
        }
        pump();
    }

    // The peer may admit this client again while the session lives, and nobody else would take back what was applied:
    // cancellations are repeated, and until they are answered nothing else is sent.
    private void forbidden(Flight current, TransportException failure) {
        inDoubtUpTo = Math.max(inDoubtUpTo, current.lastSequence());
        boolean cancelling = false;
        for (PendingCommand command : current.commands()) {
            if (command.command() instanceof Command.CancelAcquire) {
                cancelling = true;
            } else if (!command.isDone()) {
                boolean maybeApplied = giveUp(command, command.maybeApplied());
                command.fail(maybeApplied ? unknown(command) : Rejections.refused(command.describe(), failure));
            }
        }
        if (cancelling) {
            context.after(FORBIDDEN_PAUSE_NANOS, () -> retry(current));
        } else {
            flights.remove(current);
            pump();
        }
    }

    private LockException unknown(PendingCommand command) {
        return new LockOutcomeUnknownException(command.describe(), lastFailure);
    }

    /** Fails a command of this pipeline whose time is up. */
    public void expire(PendingCommand command) {
        if (!command.isDone()) {
            if (maybeApplied(command) && command.doubt(unknown(command))) {
                return;
            }
            boolean maybeApplied = giveUp(command);
            command.fail(
                    maybeApplied ? unknown(command) : new LockUnavailableException(command.describe(), lastFailure));
        }
    }

    /** The caller of a command of this pipeline does not want it any more, and does not want to hear of it. */
    public void abandon(PendingCommand command) {
        if (!command.isDone()) {
            giveUp(command);
            command.markDone();
        }
    }

    private boolean maybeApplied(PendingCommand command) {
        for (Flight flight : flights) {
            if (flight.hasSequence(command.sequence())) {
                return flight.maybeApplied(command);
            }
        }
        return false;
    }

    private boolean giveUp(PendingCommand command) {
        return giveUp(command, maybeApplied(command));
    }

    /** Returns {@code maybeApplied}. */
    private boolean giveUp(PendingCommand command, boolean maybeApplied) {
        if (maybeApplied && command.isAcquire()) {
            cancel(command.sequence());
        } else {
            acks.done(command.sequence());
        }
        return maybeApplied;
    }

    /** What became of a command of this pipeline is known from elsewhere. */
    public void settle(PendingCommand command) {
        if (!command.isDone()) {
            acks.done(command.sequence());
            command.markDone();
        }
    }

    /** Tells the cluster to undo an acquire, whatever became of it, and repeats that for as long as the session lives. */
    public void cancel(long acquireSequence) {
        if (!closed && cancellations.add(acquireSequence)) {
            submitOwn(cancellations.commandFor(acquireSequence));
        }
    }

    /** Whether that acquire is to be undone, and the cluster has not answered yet. */
    public boolean isCancelling(long acquireSequence) {
        return cancellations.contains(acquireSequence);
    }

    private void cancelled(long acquireSequence) {
        acks.done(acquireSequence);
        host.onCancelled(acquireSequence);
    }

    /**
     * Ends the pipeline with its session. What was certainly not applied goes back into the queue; what may have been fails.
     *
     * @param failure makes the exception for a command that may have been applied
     * @return the acquires that the cluster should undo if the session is still alive there
     */
    public List<Long> close(Function<PendingCommand, LockException> failure) {
        if (closed) {
            return List.of();
        }
        closed = true;
        List<Long> toCancel = cancellations.all();
        List<Flight> last = List.copyOf(flights);
        flights.clear();
        // The newest first: what goes back into the queue goes to its head.
        for (int i = last.size() - 1; i >= 0; i--) {
            end(last.get(i), failure, toCancel);
        }
        return toCancel;
    }

    private void end(Flight flight, Function<PendingCommand, LockException> failure, List<Long> toCancel) {
        for (PendingCommand command : flight.commands()) {
            if (flight.maybeApplied(command)) {
                command.markMaybeApplied();
                if (command.isAcquire() && !command.isDone()) {
                    toCancel.add(command.sequence());
                }
            }
        }
        carryOver(flight.commands(), failure);
    }

    private void carryOver(List<PendingCommand> commands, Function<PendingCommand, LockException> failure) {
        List<PendingCommand> again = new ArrayList<>();
        for (PendingCommand command : commands) {
            if (command.isDone() || isSessionsOwn(command)) {
                command.markDone();
            } else if (command.maybeApplied()) {
                command.fail(failure.apply(command));
            } else if (command.requeue() > REQUEUES_MAX) {
                command.fail(new LockUnavailableException(command.describe(), lastFailure));
            } else {
                again.add(command);
            }
        }
        queue.putBack(again);
    }

    // Means nothing in another session.
    private static boolean isSessionsOwn(PendingCommand command) {
        return command.command() instanceof Command.CancelAcquire
                || command.command() instanceof Command.Acknowledge
                || command.command() instanceof Command.Leave;
    }
}
