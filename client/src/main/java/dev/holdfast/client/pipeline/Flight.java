package dev.holdfast.client.pipeline;

import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;

/** The batch that is under way, through all its attempts. Not thread-safe. */
final class Flight {
    private List<PendingCommand> commands;
    private boolean attemptPending;
    private boolean maybeApplied;
    private long firstSentNanos;

    Flight(List<PendingCommand> commands) {
        this.commands = commands;
    }

    List<PendingCommand> commands() {
        return commands;
    }

    /** Leaves out, from the next attempt on, what nobody waits for. Returns whether anything is left. */
    boolean dropDone() {
        List<PendingCommand> live = new ArrayList<>(commands.size());
        for (PendingCommand command : commands) {
            if (!command.isDone()) {
                live.add(command);
            }
        }
        commands = live;
        return !live.isEmpty();
    }

    void beginAttempt(long nowNanos) {
        attemptPending = true;
        if (!maybeApplied) {
            firstSentNanos = nowNanos;
        }
    }

    void endAttempt(boolean attemptMaybeApplied) {
        attemptPending = false;
        if (attemptMaybeApplied) {
            maybeApplied = true;
            commands.forEach(PendingCommand::markMaybeApplied);
        }
    }

    /** When the first attempt that may have been applied was sent. */
    long firstSentNanos() {
        return firstSentNanos;
    }

    boolean maybeApplied(PendingCommand command) {
        return command.maybeApplied() || attemptPending;
    }

    SessionBatch toBatch(SessionId session, long outcomesAcknowledged, long eventsAcknowledged) {
        List<SequencedCommand> sequenced = new ArrayList<>(commands.size());
        for (PendingCommand command : commands) {
            sequenced.add(new SequencedCommand(command.sequence(), command.command()));
        }
        return new SessionBatch(session, outcomesAcknowledged, eventsAcknowledged, sequenced);
    }

    /** Whether the reply has exactly the outcomes of this batch. */
    boolean isAnsweredBy(SubmitReply reply) {
        List<SequencedOutcome> outcomes = reply.outcomes();
        if (outcomes.size() != commands.size()) {
            return false;
        }
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i).sequence() != commands.get(i).sequence()) {
                return false;
            }
        }
        return true;
    }
}
