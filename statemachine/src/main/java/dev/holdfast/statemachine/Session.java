package dev.holdfast.statemachine;

import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client process as the machine knows it: what it has not acknowledged yet, what it holds and what it waits for.
 */
final class Session extends SegmentedTable.Entry<SessionId, Session> {
    final SessionId id;
    final long leaseMs;
    final String host;
    final String name;
    final long sinceMs;
    private final OutcomeWindow outcomes;

    private final EventWindow events = new EventWindow();

    /** The tokens of the holds that it was asked to release by events not acknowledged. Never iterated. Derived from those. */
    private final Set<Long> askedFor = new HashSet<>();

    /** By the sequence of the acquire; of several grants the last. Never iterated unsorted. */
    private final Map<Long, GrantRecord> grants = new HashMap<>();

    /**
     * By the sequence of the acquire; of a joint one its first place. Never iterated unsorted. Derived from the entries'
     * queues.
     */
    final Map<Long, Waiter> waiters = new HashMap<>();

    /** Derived. */
    private int waiterCount;

    private @Nullable HoldLink links;
    private int linkCount;

    /** Set when the session has ended: nothing is granted to it any more. */
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

    /** Every sequence up to this one is done with. */
    long outcomesAcknowledged() {
        return outcomes.acknowledged();
    }

    /** The outcome of that sequence; {@code null} if there is none yet, or none any more. */
    @Nullable
    Outcome outcome(long sequence) {
        return outcomes.get(sequence);
    }

    /** Calls {@code consumer} for each outcome kept, in sequence order. */
    void forEachOutcome(BiConsumer<Long, Outcome> consumer) {
        outcomes.forEach(consumer);
    }

    /** The caller has bounded {@code sequence - outcomesAcknowledged()}. */
    void putOutcome(long sequence, Outcome outcome) {
        beforeChange();
        outcomes.put(sequence, outcome);
    }

    /** The number of the last event; they are numbered from 1 without gaps. */
    long lastEventNumber() {
        return events.last();
    }

    /** How many events are not acknowledged. */
    int eventCount() {
        return events.size();
    }

    /** The first {@code max} events not acknowledged whose number is above {@code number}, oldest first. */
    List<NumberedEvent> eventsAfter(long number, int max) {
        return events.after(number, max);
    }

    void forEachEvent(Consumer<NumberedEvent> consumer) {
        events.forEach(consumer);
    }

    NumberedEvent addEvent(Event event) {
        beforeChange();
        noteRequest(event);
        return events.add(event);
    }

    private void noteRequest(Event event) {
        if (event instanceof Event.ReleaseRequested requested) {
            askedFor.add(requested.token());
        }
    }

    /** Whether it was asked to release the hold with that token, and has not acknowledged that. */
    boolean isAskedFor(long token) {
        return askedFor.contains(token);
    }

    /** Sets what a snapshot recorded. */
    void restoreEvents(List<NumberedEvent> unacknowledged, long last) {
        beforeChange();
        events.restore(unacknowledged, last);
        unacknowledged.forEach(event -> noteRequest(event.event()));
    }

    /** The grants that the client may not know of yet, by the sequences of their acquires; of several the last. */
    SortedMap<Long, GrantRecord> sortedGrants() {
        return new TreeMap<>(grants);
    }

    /** Remembers a grant to that acquire, besides those that it remembers already. */
    void remember(long acquireSequence, GrantRecord grant) {
        beforeChange();
        GrantRecord earlier = grants.put(acquireSequence, grant);
        if (earlier != null) {
            grants.put(acquireSequence, grant.after(earlier));
        }
    }

    /** Forgets the grants to that acquire and returns the last; {@code null} if none is remembered. */
    @Nullable
    GrantRecord forgetGrant(long acquireSequence) {
        beforeChange();
        return grants.remove(acquireSequence);
    }

    void acknowledgeOutcomes(long upTo) {
        beforeChange();
        outcomes.acknowledge(upTo, (sequence, outcome) -> {
            if (outcome instanceof Outcome.Granted
                    || outcome instanceof Outcome.Drained
                    || outcome instanceof Outcome.GrantedAll) {
                grants.remove(sequence);
            }
        });
    }

    void acknowledgeEvents(long upTo) {
        beforeChange();
        events.acknowledge(upTo, event -> {
            if (event instanceof Event.WaitGranted granted) {
                grants.remove(granted.acquireSequence());
            } else if (event instanceof Event.ReleaseRequested requested) {
                askedFor.remove(requested.token());
            } else if (event instanceof Event.WaitGrantedAll granted) {
                grants.remove(granted.acquireSequence());
            }
        });
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

    /** Its holds in token order. */
    List<HoldLink> sortedLinks() {
        List<HoldLink> sorted = new ArrayList<>(linkCount);
        for (HoldLink link = links; link != null; link = link.nextOfSession) {
            sorted.add(link);
        }
        sorted.sort((a, b) -> Long.compare(a.hold.token, b.hold.token));
        return sorted;
    }

    /** How many places in queues it has; a joint acquire has several. */
    int waiterCount() {
        return waiterCount;
    }

    void add(Waiter waiter) {
        if (waiter.place == 0) {
            waiters.put(waiter.acquireSequence, waiter);
        }
        waiterCount++;
    }

    void remove(Waiter waiter) {
        waiters.remove(waiter.acquireSequence);
        waiterCount--;
    }

    /** Its waiters in order of arrival, of a joint one its first place. */
    List<Waiter> sortedWaiters() {
        List<Waiter> sorted = new ArrayList<>(waiters.values());
        sorted.sort((a, b) -> Long.compare(a.arrival, b.arrival));
        return sorted;
    }
}
