package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Checks what must be true of the state after every log entry. Use one checker for each log: it remembers the last
 * token, also across a restore of the machine.
 */
final class InvariantChecker {
    private MachineState state = new MachineState();
    /** As they were last, also those that have expired since. */
    private final Map<String, JoinToken> joins = new HashMap<>();

    private long lastToken;
    private long logTimeMs;

    /** Checks everything in the tables by walking through them. */
    void check(MachineState present) {
        List<LockableEntry> entries = new ArrayList<>();
        present.lockables.inOrder().forEach(entries::add);
        List<Session> sessions = new ArrayList<>();
        present.sessions.inOrder().forEach(sessions::add);
        check(present, entries, sessions);
    }

    /** Does the same for a state whose possible keys are known, without walking through empty segments. */
    void check(MachineState present, Collection<LockableKey> lockables, Collection<SessionId> sessions) {
        List<LockableEntry> entries = new ArrayList<>();
        for (LockableKey lockable : lockables) {
            LockableEntry entry = present.lockables.get(lockable);
            if (entry != null) {
                entries.add(entry);
            }
        }
        List<Session> open = new ArrayList<>();
        for (SessionId id : sessions) {
            Session session = present.sessions.get(id);
            if (session != null) {
                open.add(session);
            }
        }
        check(present, entries, open);
    }

    private void check(MachineState present, List<LockableEntry> entries, List<Session> sessions) {
        state = present;
        require(state.logTimeMs >= logTimeMs, "log time went back");
        require(state.lastToken >= lastToken, "the token counter went back");
        require(state.lockables.size() == entries.size(), "the table of lockables has a wrong size");
        require(state.sessions.size() == sessions.size(), "the table of sessions has a wrong size");
        Set<Long> tokens = new HashSet<>();
        Totals totals = new Totals();
        for (LockableEntry entry : entries) {
            checkEntry(entry, tokens, totals);
        }
        for (Session session : sessions) {
            checkSession(session, totals);
        }
        checkTotals(totals);
        checkFootprint(entries, sessions);
        checkAccounts(sessions);
        checkRulesAndAudit();
        checkJoins();
        logTimeMs = state.logTimeMs;
        lastToken = state.lastToken;
    }

    private static final class Totals {
        long holds;
        long waiters;
        long links;
        long linksOfSessions;
        long waitersOfSessions;
        long acquiresWaiting;
        long acquiresOfSessions;
        int timed;
        long earliest = LogTime.NEVER;

        void add(Timed element) {
            if (element.deadlineMs() != LogTime.NEVER) {
                timed++;
                earliest = Math.min(earliest, element.deadlineMs());
            }
        }
    }

    private void checkEntry(LockableEntry entry, Set<Long> tokens, Totals totals) {
        require(state.lockables.get(entry.lockable) == entry, "%s lies under another key", entry.lockable);
        require(state.lockablesInOrder.get(entry.lockable) == entry, "%s is not listed", entry.lockable);
        require(!entry.isIdle(), "the idle entry %s was kept", entry.lockable);
        List<Hold> holds = entry.streamOfHolds().toList();
        require(holds.size() == entry.holdCount(), "%s counts its holds wrongly", entry.lockable);
        require(!isMutex(entry) || holds.size() <= 1, "the mutex %s has %s holds", entry.lockable, holds.size());
        int held = 0;
        int links = 0;
        long previousToken = 0;
        for (Hold hold : holds) {
            require(hold.token > previousToken, "the holds of %s are not in the order of tokens", entry.lockable);
            previousToken = hold.token;
            require(tokens.add(hold.token), "token %s was given twice", hold.token);
            held += isMutex(entry) ? 1 : hold.count();
            links += hold.linkCount();
            checkHold(entry, hold, totals);
        }
        require(held == entry.held(), "%s has %s permits out and says %s", entry.lockable, held, entry.held());
        require(links == entry.linkCount(), "%s counts its links wrongly", entry.lockable);
        checkQueue(entry, totals);
    }

    /** Whether nothing of it is left to the backlog. */
    private boolean isUpToDate(LockableEntry entry) {
        if (entry.isUnsettled() || entry.streamOfHolds().anyMatch(hold -> hold.isOutdated(state.logTimeMs))) {
            return false;
        }
        for (Waiter waiter = entry.headWaiter(); waiter != null; waiter = waiter.next) {
            if (waiter.session.ended() || waiter.deadlineMs() <= state.logTimeMs) {
                return false;
            }
        }
        return true;
    }

    /** Whatever is not up to date is in the backlog, or due: later entries come to it. */
    private void checkNotForgotten(LockableEntry entry) {
        require(
                isUpToDate(entry) || state.isBehind(),
                "%s is not up to date, and nothing is to be done",
                entry.lockable);
    }

    private void checkHold(LockableEntry entry, Hold hold, Totals totals) {
        totals.holds++;
        totals.add(hold);
        require(hold.entry == entry, "hold %s belongs to another entry", hold.token);
        require(entry.holdOf(hold.owner) == hold, "hold %s is not found by its owner", hold.token);
        require(hold.token <= state.lastToken, "token %s is above the counter", hold.token);
        require(hold.count() >= 1, "hold %s counts %s", hold.token, hold.count());
        checkNotForgotten(entry);
        require(hold.isAlive(state.logTimeMs) || hold.isOutdated(state.logTimeMs), "hold %s has no lease", hold.token);
        checkInHeap(hold);
        Set<SessionId> linked = new HashSet<>();
        int kept = 0;
        for (HoldLink link : hold.sortedLinks()) {
            totals.links++;
            require(link.hold == hold, "a link of hold %s leads to another hold", hold.token);
            require(
                    link.joins() >= 1 || !link.keepsAlive(),
                    "session %s has no share in hold %s",
                    link.session.id,
                    hold.token);
            require(linked.add(link.session.id), "hold %s is linked twice to one session", hold.token);
            require(
                    link.kept() >= 0 && (link.joins() >= 1 || link.kept() == 0),
                    "session %s keeps %s of hold %s",
                    link.session.id,
                    link.kept(),
                    hold.token);
            kept += link.kept();
            checkKnown(link.session);
        }
        require(linked.size() == hold.linkCount(), "hold %s counts its links wrongly", hold.token);
        require(kept <= hold.count(), "sessions keep %s of hold %s, which counts %s", kept, hold.token, hold.count());
    }

    private void checkQueue(LockableEntry entry, Totals totals) {
        int count = 0;
        Waiter previous = null;
        for (Waiter waiter = entry.headWaiter(); waiter != null; waiter = waiter.next) {
            count++;
            totals.waiters++;
            totals.add(waiter);
            require(waiter.entry == entry, "waiter %s belongs to another entry", waiter.arrival);
            require(waiter.previous == previous, "the queue of %s is not linked both ways", entry.lockable);
            require(previous == null || waiter.arrival > previous.arrival, "%s is not first come", entry.lockable);
            require(waiter.arrival <= state.lastArrival, "waiter %s is above the counter", waiter.arrival);
            require(
                    waiter.session.waiters.get(waiter.acquireSequence)
                            == (waiter.joint == null ? waiter : waiter.joint.place(0)),
                    "waiter %s is not known to its session",
                    waiter.arrival);
            require(
                    !isMutex(entry) || waiter.joint != null || entry.holdOf(waiter.owner) == null || !isUpToDate(entry),
                    "waiter %s waits for a mutex that its owner holds",
                    waiter.arrival);
            checkKnown(waiter.session);
            checkInHeap(waiter);
            checkJoint(waiter);
            totals.acquiresWaiting += waiter.place == 0 ? 1 : 0;
            previous = waiter;
        }
        require(count == entry.waiterCount(), "%s counts its waiters wrongly", entry.lockable);
        Waiter head = entry.headWaiter();
        require(
                head == null || head.joint != null || head.permits > head.limit - entry.held() || !isUpToDate(entry),
                "the head waiter of %s was left behind",
                entry.lockable);
    }

    /** A joint waiter has all its places, and does not wait if each of its mutexes is its owner's or free for it. */
    private void checkJoint(Waiter waiter) {
        JointWait joint = waiter.joint;
        if (joint == null) {
            return;
        }
        Waiter first = joint.place(0);
        boolean lacksOne = false;
        for (int i = 0; i < joint.size(); i++) {
            Waiter place = joint.place(i);
            LockableEntry entry = place.entry;
            require(state.lockables.get(entry.lockable) == entry, "waiter %s has a place nowhere", place.arrival);
            require(place.place == i && place.joint == joint, "waiter %s has places of others", place.arrival);
            require(
                    place.arrival == first.arrival + i,
                    "the places of waiter %s were not taken at once",
                    first.arrival);
            require(place.deadlineMs() == first.deadlineMs(), "waiter %s has several deadlines", first.arrival);
            boolean isFree = entry.holdCount() == 0 && entry.headWaiter() == place;
            lacksOne |= (!isFree && entry.holdOf(place.owner) == null) || !isUpToDate(entry);
        }
        require(joint.place(waiter.place) == waiter, "waiter %s stands in another's place", waiter.arrival);
        require(lacksOne, "joint waiter %s was left behind", first.arrival);
    }

    /** Counted anew, from what is there. */
    private void checkFootprint(List<LockableEntry> entries, List<Session> sessions) {
        long bytes = 0;
        for (LockableEntry entry : entries) {
            bytes += Footprint.of(entry.lockable);
            bytes += entry.streamOfHolds().mapToLong(Footprint::of).sum();
            bytes += (long) entry.linkCount() * Footprint.LINK;
            for (Waiter waiter = entry.headWaiter(); waiter != null; waiter = waiter.next) {
                bytes += Footprint.of(waiter);
            }
        }
        for (Session session : sessions) {
            bytes += Footprint.of(session) + unacknowledged(session);
            require(session.bytes() == footprintOf(session), "session %s counts its bytes wrongly", session.id);
        }
        bytes += state.rules.list().stream().mapToLong(Footprint::of).sum();
        bytes += state.audit.list().stream().mapToLong(Footprint::of).sum();
        bytes += state.joins.list().stream().mapToLong(Footprint::of).sum();
        require(bytes == state.footprint.bytes(), "the state takes %s and counts %s", bytes, state.footprint.bytes());
    }

    /** The sessions of one account, counted anew. */
    private static final class Share {
        private final Set<SessionId> open = new TreeSet<>();
        private long bytes;
    }

    private void checkAccounts(List<Session> sessions) {
        Map<Account, Share> shares = new IdentityHashMap<>();
        for (Session session : sessions) {
            Account account = session.account;
            require(
                    account == state.accounts.find(session.principal, session.address),
                    "session %s counts for another account",
                    session.id);
            require(session.principal.isEmpty() || account != null, "session %s has no account", session.id);
            if (account != null) {
                Share share = shares.computeIfAbsent(account, each -> new Share());
                share.bytes += session.bytes() + Footprint.of(session);
                if (!session.ended()) {
                    share.open.add(session.id);
                }
            }
        }
        require(state.accounts.size() == shares.size(), "accounts without sessions were kept");
        shares.forEach((account, share) -> {
            require(account.open().keySet().equals(share.open), "%s lists other sessions", account.name());
            require(account.bytes() == share.bytes, "%s takes %s", account.name(), share.bytes);
        });
    }

    private void checkRulesAndAudit() {
        Rule before = null;
        for (Rule rule : state.rules.list()) {
            int order = before == null ? -1 : before.subject().compareTo(rule.subject());
            require(
                    order < 0 || (order == 0 && before.keyPrefix().compareTo(rule.keyPrefix()) < 0),
                    "rule '%s' is out of order, or not the only one",
                    rule);
            before = rule;
        }
        long number = state.audit.lastNumber() - state.audit.size();
        require(number >= 0 && state.audit.size() <= Limits.AUDIT_RECORDS_MAX, "the audit has too many records");
        for (AuditRecord each : state.audit.list()) {
            require(each.number() == ++number, "the audit has a gap at %s", number);
        }
    }

    private void checkJoins() {
        require(state.joins.size() <= Limits.JOIN_TOKENS_MAX, "there are too many join tokens");
        for (JoinToken token : state.joins.list()) {
            require(token.isUsed() == !token.userName().isEmpty(), "half of who used a token is known: %s", token);
            require(token.isUsed() || !token.ended(), "nobody used a token that is at its end: %s", token);
            require(
                    !token.isUsed() || token.name().isEmpty() || token.name().equals(token.userName()),
                    "a token was used under another name: %s",
                    token);
            JoinToken before = joins.put(token.hash(), token);
            boolean isSame = before != null && before.expiresAtMs() == token.expiresAtMs();
            require(
                    !isSame || !before.isUsed() || before.isUsedBy(token.userName(), token.userIncarnation()),
                    "a token was used twice: %s",
                    token);
            require(!isSame || !before.ended() || token.ended(), "a token is good again: %s", token);
            require(!isSame || !before.withdrawn() || token.withdrawn(), "a token is good again: %s", token);
            require(
                    !isSame || !before.withdrawn() || before.isUsed() == token.isUsed(),
                    "a token was used that was withdrawn: %s",
                    token);
        }
    }

    private static long unacknowledged(Session session) {
        AtomicLong bytes = new AtomicLong();
        session.forEachOutcome((sequence, outcome) -> bytes.addAndGet(Footprint.OUTCOME));
        session.forEachEvent(event -> bytes.addAndGet(Footprint.of(event.event())));
        session.sortedGrants()
                .values()
                .forEach(last -> last.inOrder().forEach(grant -> bytes.addAndGet(Footprint.of(grant))));
        return bytes.get();
    }

    private long footprintOf(Session session) {
        long bytes = unacknowledged(session);
        for (HoldLink link : session.links()) {
            bytes += Footprint.LINK + Footprint.of(link.hold) + Footprint.of(link.hold.entry.lockable);
        }
        for (Waiter waiter : session.waiters.values()) {
            for (int i = 0; i < (waiter.joint == null ? 1 : waiter.joint.size()); i++) {
                bytes += Footprint.of(waiter.joint == null ? waiter : waiter.joint.place(i));
            }
        }
        return bytes;
    }

    private void checkSession(Session session, Totals totals) {
        require(state.sessions.get(session.id) == session, "session %s lies under another id", session.id);
        require(
                session.ended() || state.sessionOfNonce(session.id.high()) == session,
                "%s is not found by its nonce",
                session.id);
        require(
                session.ended() == (state.sessionsInOrder.get(session.id) == null),
                "session %s is listed wrongly",
                session.id);
        require(
                !session.ended() || session.holdCount() + session.waiterCount() > 0,
                "nothing is left to be done for session %s",
                session.id);
        require(session.id.low() <= state.lastSession, "session %s is above the counter", session.id);
        checkKnown(session);
        long order = 0;
        require(session.links().size() == session.holdCount(), "%s counts its holds wrongly", session.id);
        for (HoldLink link : session.links()) {
            require(link.session == session, "a link of session %s leads to another", session.id);
            require(link.order > order, "the links of session %s are out of order", session.id);
            order = link.order;
            require(link.hold.linkOf(session) == link, "a link of session %s is one-sided", session.id);
        }
        totals.linksOfSessions += session.holdCount();
        totals.waitersOfSessions += session.waiterCount();
        totals.acquiresOfSessions += session.waiters.size();
        checkEvents(session);
        checkGrants(session);
    }

    private void checkEvents(Session session) {
        long number = session.lastEventNumber() - session.eventCount();
        Set<Long> asked = new HashSet<>();
        for (NumberedEvent event : session.eventsAfter(0, Integer.MAX_VALUE)) {
            require(event.number() == ++number, "the events of session %s have a gap at %s", session.id, number);
            if (event.event() instanceof Event.ReleaseRequested requested) {
                require(asked.add(requested.token()), "session %s was asked twice for one hold", session.id);
                require(session.isAskedFor(requested.token()), "session %s forgot what it was asked for", session.id);
            }
        }
    }

    /** A grant is remembered only while its client may not know of it. */
    private void checkGrants(Session session) {
        Set<Long> byEvent = new HashSet<>();
        for (NumberedEvent event : session.eventsAfter(0, Integer.MAX_VALUE)) {
            if (event.event() instanceof Event.WaitGranted granted) {
                byEvent.add(granted.acquireSequence());
            } else if (event.event() instanceof Event.WaitGrantedAll granted) {
                byEvent.add(granted.acquireSequence());
            }
        }
        for (Map.Entry<Long, GrantRecord> grant : session.sortedGrants().entrySet()) {
            long sequence = grant.getKey();
            require(
                    session.outcome(sequence) instanceof Outcome.Granted
                            || session.outcome(sequence) instanceof Outcome.Drained
                            || session.outcome(sequence) instanceof Outcome.GrantedAll
                            || byEvent.contains(sequence),
                    "session %s still remembers the grant to %s",
                    session.id,
                    sequence);
            for (GrantRecord each : grant.getValue().inOrder()) {
                require(each.token() <= state.lastToken, "a remembered grant is above the counter");
            }
        }
    }

    private void checkTotals(Totals totals) {
        require(state.lockablesInOrder.size() == state.lockables.size(), "other lockables are listed than there are");
        require(totals.holds == state.holdCount, "%s holds, counted as %s", totals.holds, state.holdCount);
        require(totals.waiters == state.waiterCount, "%s waiters, counted as %s", totals.waiters, state.waiterCount);
        require(totals.links == totals.linksOfSessions, "holds and sessions differ about their links");
        require(totals.waiters == totals.waitersOfSessions, "queues and sessions differ about the waiters");
        require(totals.acquiresWaiting == totals.acquiresOfSessions, "queues and sessions differ about the acquires");
        require(totals.timed == state.deadlines.size(), "the heap has %s elements", state.deadlines.size());
        require(totals.earliest == state.deadlines.earliest(), "the heap's earliest deadline is another");
    }

    private void checkKnown(Session session) {
        require(state.sessions.get(session.id) == session, "session %s is not there", session.id);
        require(!session.ended() || !state.backlog.isEmpty(), "session %s is not open", session.id);
    }

    private static boolean isMutex(LockableEntry entry) {
        return entry.lockable.kind() == LockableKind.MUTEX;
    }

    private static void checkInHeap(Timed timed) {
        boolean inHeap = timed.heapIndex != Timed.NOT_IN_HEAP;
        require(inHeap == (timed.deadlineMs() != LogTime.NEVER), "the heap lacks, or has too much of, a deadline");
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void require(boolean condition, String message, Object... arguments) {
        if (!condition) {
            fail(message, arguments);
        }
    }
}
