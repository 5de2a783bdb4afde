package dev.holdfast.statemachine;

import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One client process, as the machine knows it: what it has not acknowledged yet, what it holds and waits for. */
final class Session extends SegmentedTable.Entry<SessionId, Session> {
    final SessionId id;
    final long leaseMs;
    final String host;
    final String name;
    final long sinceMs;
    final OutcomeWindow outcomes;

    /** Events not acknowledged, oldest first. */
    final ArrayDeque<NumberedEvent> events = new ArrayDeque<>();

    long lastEventNumber;

    /** By the sequence of the acquire; only ever asked for one, or sorted first. */
    final Map<Long, GrantRecord> grants = new HashMap<>();

    /** By the sequence of the acquire; only ever asked for one, or sorted first. */
    final Map<Long, Waiter> waiters = new HashMap<>();

    private @Nullable HoldLink links;
    private int linkCount;

    /** Set when the session has ended: nothing may be granted to it any more. */
    boolean ended;

    Session(SessionId id, long leaseMs, String host, String name, long sinceMs, long outcomesAcknowledged) {
        this.id = id;
        this.leaseMs = leaseMs;
        this.host = host;
        this.name = name;
        this.sinceMs = sinceMs;
        this.outcomes = new OutcomeWindow(outcomesAcknowledged);
    }

    @Override
    SessionId key() {
        return id;
    }

    NumberedEvent addEvent(Event event) {
        NumberedEvent numbered = new NumberedEvent(++lastEventNumber, event);
        events.add(numbered);
        return numbered;
    }

    void acknowledgeOutcomes(long upTo) {
        outcomes.acknowledge(upTo, (sequence, outcome) -> {
            if (outcome instanceof Outcome.Granted) {
                grants.remove(sequence);
            }
        });
    }

    void acknowledgeEvents(long upTo) {
        for (NumberedEvent first = events.peek(); first != null && first.number() <= upTo; first = events.peek()) {
            events.remove();
            if (first.event() instanceof Event.WaitGranted granted) {
                grants.remove(granted.acquireSequence());
            }
        }
    }

    int holdCount() {
        return linkCount;
    }

    void add(HoldLink link) {
        link.nextOfSession = links;
        if (links != null) {
            links.previousOfSession = link;
        }
        links = link;
        linkCount++;
    }

    void remove(HoldLink link) {
        if (link.previousOfSession == null) {
            links = link.nextOfSession;
        } else {
            link.previousOfSession.nextOfSession = link.nextOfSession;
        }
        if (link.nextOfSession != null) {
            link.nextOfSession.previousOfSession = link.previousOfSession;
        }
        link.previousOfSession = null;
        link.nextOfSession = null;
        linkCount--;
    }

    /** Its holds in the order of their tokens. */
    List<HoldLink> sortedLinks() {
        List<HoldLink> sorted = new ArrayList<>(linkCount);
        for (HoldLink link = links; link != null; link = link.nextOfSession) {
            sorted.add(link);
        }
        sorted.sort((a, b) -> Long.compare(a.hold.token, b.hold.token));
        return sorted;
    }

    /** Its waiters in the order of their arrival. */
    List<Waiter> sortedWaiters() {
        List<Waiter> sorted = new ArrayList<>(waiters.values());
        sorted.sort((a, b) -> Long.compare(a.arrival, b.arrival));
        return sorted;
    }
}
