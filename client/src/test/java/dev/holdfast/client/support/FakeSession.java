package dev.holdfast.client.support;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One session, as {@link FakeCluster} keeps it. */
public final class FakeSession {
    public final SessionId id;
    public long outcomesAcknowledged;
    public long eventsAcknowledged;
    public EventSink sink;
    final TreeMap<Long, Outcome> outcomes = new TreeMap<>();
    final List<NumberedEvent> events = new ArrayList<>();
    final Map<Long, List<Grant>> grants = new HashMap<>();
    long delivered;

    record Grant(LockableKey key, Owner owner, long token, int added) {}

    FakeSession(SessionId id) {
        this.id = id;
    }

    void tell(Event event) {
        events.add(new NumberedEvent(events.size() + 1, event));
    }

    /** All events so far, acknowledged or not. */
    public List<NumberedEvent> events() {
        return List.copyOf(events);
    }

    void acknowledge(long outcomesUpTo, long eventsUpTo) {
        if (outcomesUpTo > outcomesAcknowledged) {
            outcomes.headMap(outcomesUpTo, true).forEach((sequence, outcome) -> {
                if (outcome instanceof Outcome.Granted
                        || outcome instanceof Outcome.Drained
                        || outcome instanceof Outcome.GrantedAll) {
                    grants.remove(sequence);
                }
            });
            outcomes.headMap(outcomesUpTo, true).clear();
            outcomesAcknowledged = outcomesUpTo;
        }
        for (NumberedEvent event : events) {
            boolean fresh = event.number() > eventsAcknowledged && event.number() <= eventsUpTo;
            if (fresh && event.event() instanceof Event.WaitGranted granted) {
                grants.remove(granted.acquireSequence());
            } else if (fresh && event.event() instanceof Event.WaitGrantedAll granted) {
                grants.remove(granted.acquireSequence());
            }
        }
        eventsAcknowledged = Math.max(eventsAcknowledged, eventsUpTo);
    }
}
