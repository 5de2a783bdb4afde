package dev.holdfast.protocol;

import java.util.List;

/** Events of one session, in order. */
public record SessionEvents(SessionId session, List<NumberedEvent> events) {
    public SessionEvents {
        events = List.copyOf(events);
    }
}
