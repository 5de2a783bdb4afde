package dev.holdfast.protocol;

import java.util.List;

/**
 * Commands of one session, in the order in which they take effect, with what the session has received so far.
 *
 * @param outcomesAcknowledged the session is done with every sequence up to this one: the outcomes are forgotten, and
 *     late copies of the commands are not executed
 * @param eventsAcknowledged the session has received every event up to this number
 * @param caller who sent it, if a command {@linkplain Command.ClientCommand#recordsCaller records that}; else
 *     {@link Caller#NOBODY}
 */
public record SessionBatch(
        SessionId session,
        long outcomesAcknowledged,
        long eventsAcknowledged,
        List<SequencedCommand> commands,
        Caller caller) {
    public SessionBatch {
        commands = List.copyOf(commands);
    }

    /** A batch that does not say who sent it. */
    public SessionBatch(
            SessionId session, long outcomesAcknowledged, long eventsAcknowledged, List<SequencedCommand> commands) {
        this(session, outcomesAcknowledged, eventsAcknowledged, commands, Caller.NOBODY);
    }

    /** The same batch, sent by that caller. */
    public SessionBatch withCaller(Caller sender) {
        return new SessionBatch(session, outcomesAcknowledged, eventsAcknowledged, commands, sender);
    }

    /** Whether one of its commands records who sent it. */
    public boolean recordsCaller() {
        for (SequencedCommand command : commands) {
            if (command.command().recordsCaller()) {
                return true;
            }
        }
        return false;
    }

    /** How many ordinary commands it counts for. */
    public int weight() {
        int weight = 0;
        for (SequencedCommand command : commands) {
            weight += command.command().weight();
        }
        return weight;
    }
}
