package dev.holdfast.client.internal.pipeline;

import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A batch that is under way, through all its attempts. Not thread-safe. */
final class Flight {
    private final List<PendingCommand> all;
    private final long firstSequence;
    private final long lastSequence;
    private int attempts;
    private @Nullable OwnedLockables owned;
    private List<PendingCommand> commands;
    private boolean attemptPending;
    private boolean maybeApplied;
    private long firstSentNanos;

    Flight(List<PendingCommand> commands) {
        this.all = commands;
        this.commands = commands;
        this.firstSequence = commands.get(0).sequence();
        this.lastSequence = commands.get(commands.size() - 1).sequence();
    }

    boolean isFirstAttempt() {
        return attempts == 1;
    }

    int attempts() {
        return attempts;
    }

    /** How many commands it began with. */
    int size() {
        return all.size();
    }

    /** What it began with is about. */
    OwnedLockables owned() {
        OwnedLockables known = owned;
        if (known == null) {
            known = OwnedLockables.of(all.stream().map(PendingCommand::command).toList());
            owned = known;
        }
        return known;
    }

    /** The highest number of its commands. */
    long lastSequence() {
        return lastSequence;
    }

    /** Whether the command with that number is, or was, part of it. */
    boolean hasSequence(long sequence) {
        return sequence >= firstSequence && sequence <= lastSequence;
    }

    List<PendingCommand> commands() {
        return commands;
    }

    /**
     * Leaves out, from the next attempt on, what nobody waits for.
     *
     * @return the highest number of what was left out and may yet be applied by an earlier attempt; 0 if there is none
     */
    long dropDone() {
        long inDoubt = 0;
        List<PendingCommand> live = new ArrayList<>(commands.size());
        for (PendingCommand command : commands) {
            if (!command.isDone()) {
                live.add(command);
            } else if (command.maybeApplied()) {
                inDoubt = command.sequence();
            }
        }
        commands = live;
        return inDoubt;
    }

    boolean isEmpty() {
        return commands.isEmpty();
    }

    void beginAttempt(long nowNanos) {
        attempts++;
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
