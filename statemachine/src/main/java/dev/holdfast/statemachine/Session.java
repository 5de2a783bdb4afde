package dev.holdfast.statemachine;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
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

    /** Whose it is; empty if that is not known. */
    final String principal;

    /** Where it was opened from; empty if that is not known. */
    final String address;

    final long sinceMs;

    /** What it takes counts for this one too. Derived. */
    final @Nullable Account account;

    private OutcomeWindow outcomes;

    private final EventWindow events = new EventWindow();

    /** The tokens of the holds that it was asked to release by events not acknowledged. Never iterated. Derived from those. */
    private final Set<Long> askedFor = new HashSet<>();

    /** By the sequence of the acquire; of several grants the last. Never iterated unsorted. */
    private final Map<Long, GrantRecord> grants = new HashMap<>();

    /** By the sequence of the acquire; of a joint one its first place. Derived from the entries' queues. */
    final NavigableMap<Long, Waiter> waiters = new TreeMap<>();

    /** Derived. */
    private int waiterCount;

    /** In the order of {@link HoldLink#order}. */
    private @Nullable HoldLink firstLink;

    private int linkCount;

    private @Nullable HoldLink lastLink;

    private boolean ended;

    /** Of the whole state. */
    private final Footprint total;

    /** What it alone has not acknowledged. Derived. */
    private long unacknowledgedBytes;

    /** What it has not acknowledged, waits for, and holds, even if others hold it too. Derived. */
    private long bytes;

    Session(
            SessionId id,
            Command.OpenSession open,
            Caller caller,
            long sinceMs,
            long outcomesAcknowledged,
            @Nullable Account account,
            Footprint total) {
        this.account = account;
        this.total = total;
        this.id = id;
        this.leaseMs = open.leaseMs();
        this.host = open.host();
        this.name = open.name();
        this.principal = caller.principal();
        this.address = caller.address();
        this.sinceMs = sinceMs;
        this.outcomes = new OutcomeWindow(outcomesAcknowledged);
    }

    @Override
    SessionId key() {
        return id;
    }

    /** What is told of it to those who read what happened. */
    Change.Client asClient() {
        return new Change.Client(id, host, name, principal, address);
    }

    /** About how many bytes of the state are there for it. */
    long bytes() {
        return bytes;
    }

    private void chargeUnacknowledged(long more) {
        unacknowledgedBytes += more;
        charge(more);
        total.add(more);
    }

    private void charge(long more) {
        bytes += more;
        if (account != null) {
            account.charge(more);
        }
    }

    /** Whether it has ended: nothing is granted to it, and it is told of nothing any more. */
    boolean ended() {
        return ended;
    }

    /** Nobody will ask for what it has not acknowledged. Its holds and waiters are still to be ended. */
    void end() {
        beforeChange();
        ended = true;
        chargeUnacknowledged(-unacknowledgedBytes);
        outcomes = new OutcomeWindow(outcomes.acknowledged());
        events.clear();
        askedFor.clear();
        grants.clear();
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
        chargeUnacknowledged(Footprint.OUTCOME);
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
        chargeUnacknowledged(Footprint.of(event));
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

    /** Sets what a snapshot recorded; the events that are not acknowledged are added then. */
    void restoreEventsAcknowledged(long number) {
        beforeChange();
        events.restore(number);
    }

    /** The grants that the client may not know of yet, by the sequences of their acquires; of several the last. */
    SortedMap<Long, GrantRecord> sortedGrants() {
        return new TreeMap<>(grants);
    }

    /** The same in no order. */
    List<SessionImage.SequencedGrant> copyOfGrants() {
        if (grants.isEmpty()) {
            return List.of();
        }
        List<SessionImage.SequencedGrant> copy = new ArrayList<>(grants.size());
        grants.forEach((sequence, grant) -> copy.add(new SessionImage.SequencedGrant(sequence, grant)));
        return copy;
    }

    /** Remembers a grant to that acquire, besides those that it remembers already. */
    void remember(long acquireSequence, GrantRecord grant) {
        beforeChange();
        chargeUnacknowledged(Footprint.of(grant));
        GrantRecord earlier = grants.put(acquireSequence, grant);
        if (earlier != null) {
            grants.put(acquireSequence, grant.after(earlier));
        }
    }

    /** Forgets the grants to that acquire and returns the last; {@code null} if none is remembered. */
    @Nullable
    GrantRecord forgetGrant(long acquireSequence) {
        beforeChange();
        GrantRecord last = grants.remove(acquireSequence);
        for (GrantRecord each = last; each != null; each = each.earlier()) {
            chargeUnacknowledged(-Footprint.of(each));
        }
        return last;
    }

    void acknowledgeOutcomes(long upTo) {
        beforeChange();
        outcomes.acknowledge(upTo, (sequence, outcome) -> {
            chargeUnacknowledged(-Footprint.OUTCOME);
            if (outcome instanceof Outcome.Granted
                    || outcome instanceof Outcome.Drained
                    || outcome instanceof Outcome.GrantedAll) {
                var unused = forgetGrant(sequence);
            }
        });
    }

    void acknowledgeEvents(long upTo) {
        beforeChange();
        events.acknowledge(upTo, event -> {
            chargeUnacknowledged(-Footprint.of(event));
            if (event instanceof Event.WaitGranted granted) {
                var unused = forgetGrant(granted.acquireSequence());
            } else if (event instanceof Event.ReleaseRequested requested) {
                askedFor.remove(requested.token());
            } else if (event instanceof Event.WaitGrantedAll granted) {
                var unused = forgetGrant(granted.acquireSequence());
            }
        });
    }

    int holdCount() {
        return linkCount;
    }

    void add(HoldLink link) {
        link.previousOfSession = lastLink;
        if (lastLink == null) {
            firstLink = link;
        } else {
            lastLink.nextOfSession = link;
        }
        lastLink = link;
        linkCount++;
        chargeLink(link, 1);
    }

    void remove(HoldLink link) {
        if (link.previousOfSession == null) {
            firstLink = link.nextOfSession;
        } else {
            link.previousOfSession.nextOfSession = link.nextOfSession;
        }
        if (link.nextOfSession == null) {
            lastLink = link.previousOfSession;
        } else {
            link.nextOfSession.previousOfSession = link.previousOfSession;
        }
        link.previousOfSession = null;
        link.nextOfSession = null;
        linkCount--;
        chargeLink(link, -1);
    }

    private void chargeLink(HoldLink link, int sign) {
        total.add((long) sign * Footprint.LINK);
        charge(sign * (Footprint.LINK + Footprint.of(link.hold) + Footprint.of(link.hold.entry.lockable)));
    }

    /** The one that it has had for the longest time. */
    @Nullable
    HoldLink firstLink() {
        return firstLink;
    }

    /** A copy, in their order. */
    List<HoldLink> links() {
        List<HoldLink> all = new ArrayList<>(linkCount);
        for (HoldLink link = firstLink; link != null; link = link.nextOfSession) {
            all.add(link);
        }
        return all;
    }

    /** Puts the links in their order, after a snapshot gave them in another. */
    void sortLinks() {
        List<HoldLink> sorted = links();
        sorted.sort(Comparator.comparingLong(link -> link.order));
        sorted.forEach(this::remove);
        sorted.forEach(this::add);
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
        chargeWaiter(waiter, 1);
    }

    void remove(Waiter waiter) {
        waiters.remove(waiter.acquireSequence);
        waiterCount--;
        chargeWaiter(waiter, -1);
    }

    private void chargeWaiter(Waiter waiter, int sign) {
        long size = sign * Footprint.of(waiter);
        charge(size);
        total.add(size);
    }
}
