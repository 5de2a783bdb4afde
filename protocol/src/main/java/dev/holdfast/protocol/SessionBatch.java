package dev.holdfast.protocol;

import java.util.List;

/**
 * Commands of one session, in the order in which they take effect, with what the session has received so far.
 *
 * @param outcomesAcknowledged the session has done with every sequence up to this one: their outcomes are forgotten, and
 *     a late copy of one of them is not executed
 * @param eventsAcknowledged the session has received every event up to this number
 */
public record SessionBatch(
        SessionId session, long outcomesAcknowledged, long eventsAcknowledged, List<SequencedCommand> commands) {
    public SessionBatch {
        commands = List.copyOf(commands);
    }
}
