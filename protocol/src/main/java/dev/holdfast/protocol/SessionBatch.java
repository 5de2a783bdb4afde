package dev.holdfast.protocol;

import java.util.List;

/**
 * Commands of one session, in the order in which they take effect, with what the session has received so far.
 *
 * @param outcomesAcknowledged the session is done with every sequence up to this one: the outcomes are forgotten, and
 *     late copies of the commands are not executed
 * @param eventsAcknowledged the session has received every event up to this number
 */
public record SessionBatch(
        SessionId session, long outcomesAcknowledged, long eventsAcknowledged, List<SequencedCommand> commands) {
    public SessionBatch {
        commands = List.copyOf(commands);
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
