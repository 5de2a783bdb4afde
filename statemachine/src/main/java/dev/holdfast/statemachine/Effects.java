package dev.holdfast.statemachine;

import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects what one log entry did besides its outcomes, and counts what it may still do: each waiter that is granted or
 * removed, and each hold that is ended, is one step of work. What is left over is done by the entries that follow.
 *
 * <p>See {@code docs/adr/012-one-entry-does-a-bounded-part.md}.
 */
final class Effects {
    private int stepsLeft;

    private final Map<SessionId, List<NumberedEvent>> events = new LinkedHashMap<>();
    final List<Applied.OpenSession> opened = new ArrayList<>();
    final List<SessionId> ended = new ArrayList<>();
    int expiredHolds;

    /** From now on it may do so much, whatever it has done. */
    void allow(int steps) {
        stepsLeft = steps;
    }

    /** Whether no more may be done now. */
    boolean isExhausted() {
        return stepsLeft <= 0;
    }

    void spend(int steps) {
        stepsLeft -= steps;
    }

    /** Tells the session of the event, unless it has ended. */
    void tell(Session session, Event event) {
        if (!session.ended()) {
            events.computeIfAbsent(session.id, id -> new ArrayList<>()).add(session.addEvent(event));
        }
    }

    List<SessionEvents> events() {
        if (events.isEmpty()) {
            return List.of();
        }
        List<SessionEvents> all = new ArrayList<>(events.size());
        events.forEach((session, list) -> all.add(new SessionEvents(session, list)));
        return all;
    }
}
