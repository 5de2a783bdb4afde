package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.Acquire;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Event.LossReason;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The lock service as its design describes it: plain lists that are searched from end to end, no care for speed, no
 * snapshots. It answers as the machine should. It leaves the details of rejections empty, and recognizes only those
 * malformed commands that the simulation makes.
 */
final class ReferenceModel {
    private final Map<SessionId, OpenSession> sessions = new LinkedHashMap<>();
    private final List<Grip> grips = new ArrayList<>();
    private final List<Queued> waiting = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private final List<String> audit = new ArrayList<>();
    private final List<JoinToken> joins = new ArrayList<>();
    private int semantics = 1;
    private long logTimeMs;
    private long lastToken;
    private long lastSession;
    private long lastShare;

    private Map<SessionId, List<NumberedEvent>> events = new LinkedHashMap<>();
    private List<Applied.OpenSession> opened = new ArrayList<>();
    private List<SessionId> ended = new ArrayList<>();
    private int expiredHolds;

    /** Lockables that a joint waiter has left or got, and whose queues were not served since. */
    private final Deque<LockableKey> touched = new ArrayDeque<>();

    /** A hold. */
    static final class Grip {
        final LockableKey lockable;
        final Owner owner;
        final long token;
        private int count;
        private int acquires;
        private boolean untilReleased;
        private long deadlineMs = LogTime.NEVER;

        private final Map<SessionId, Share> sessions = new TreeMap<>();

        Grip(LockableKey lockable, Owner owner, long token) {
            this.lockable = lockable;
            this.owner = owner;
            this.token = token;
        }

        private boolean hasLease(long nowMs) {
            return untilReleased
                    || (deadlineMs != LogTime.NEVER && deadlineMs > nowMs)
                    || sessions.values().stream().anyMatch(share -> share.keeps);
        }

        private long deadlineFor(SessionId session) {
            boolean kept = sessions.containsKey(session) && sessions.get(session).keeps;
            return untilReleased || kept ? LogTime.NEVER : deadlineMs;
        }
    }

    /** A session's share in a hold: how many acquires, or permits, and whether and how much of it the session keeps. */
    private static final class Share {
        private final long order;
        private int acquires;
        private boolean keeps;
        private int kept;

        private Share(long order) {
            this.order = order;
        }

        private int take(int most) {
            int taken = Math.min(kept, most);
            kept -= taken;
            return taken;
        }
    }

    /**
     * An acquire that waits.
     *
     * @param acquires what it would be if each of its lockables were acquired by itself
     * @param joint whether it is to be granted all of them together
     */
    private record Queued(SessionId session, long sequence, List<Acquire> acquires, boolean joint, long deadlineMs) {
        private Acquire of(LockableKey lockable) {
            return acquires.stream()
                    .filter(acquire -> acquire.lockable().equals(lockable))
                    .findFirst()
                    .orElse(null);
        }

        private Owner owner() {
            return acquires.get(0).owner();
        }
    }

    private record Undo(LockableKey lockable, Owner owner, long token, int added) {}

    private static final class OpenSession {
        private final SessionId id;
        private final Caller openedBy;
        private long acknowledged;
        private final TreeMap<Long, Outcome> outcomes = new TreeMap<>();
        private final List<NumberedEvent> events = new ArrayList<>();
        private long lastEvent;
        private final Map<Long, List<Undo>> undo = new TreeMap<>();

        private OpenSession(SessionId id, Caller openedBy) {
            this.id = id;
            this.openedBy = openedBy;
        }
    }

    List<Grip> grips() {
        return grips;
    }

    /** In no order. */
    List<Rule> rules() {
        return rules;
    }

    /** Join tokens, in no order. */
    List<JoinToken> joins() {
        return joins;
    }

    /** Who did what to what, oldest first. */
    List<String> audit() {
        return audit;
    }

    /** The events that a session has not acknowledged. */
    List<NumberedEvent> unacknowledged(SessionId id) {
        return sessions.get(id).events;
    }

    List<SessionId> openSessions() {
        return List.copyOf(sessions.keySet());
    }

    Applied apply(long index, long stampMs, Batch batch) {
        events = new LinkedHashMap<>();
        opened = new ArrayList<>();
        ended = new ArrayList<>();
        expiredHolds = 0;
        logTimeMs = Math.max(logTimeMs, stampMs);
        expire();
        for (Command command : batch.system()) {
            if (command instanceof Command.ExpireSession expire && sessions.containsKey(expire.session())) {
                end(expire.session());
            } else if (command instanceof Command.ExpireHold expire) {
                takeAway(expire.lockable(), expire.token(), LossReason.EXPIRED);
            } else if (command instanceof Command.Activate activate) {
                semantics = Math.max(semantics, activate.semantics());
            } else if (semantics >= ProtocolVersion.JOIN_TOKENS) {
                join(command);
            }
        }
        List<SubmitReply> replies = new ArrayList<>();
        for (SessionBatch session : batch.sessions()) {
            replies.add(execute(session));
        }
        List<SessionEvents> told = new ArrayList<>();
        events.forEach((session, list) -> told.add(new SessionEvents(session, list)));
        return new Applied(index, logTimeMs, replies, told, opened, ended, expiredHolds, List.of());
    }

    private void join(Command command) {
        if (command instanceof Command.OfferJoin offer) {
            joins.removeIf(token -> token.expiresAtMs() <= logTimeMs);
            boolean known = joins.stream().anyMatch(token -> token.hash().equals(offer.tokenHash()));
            if (!known && offer.tokenHash().length() == 64 && offer.expiresAtMs() > logTimeMs) {
                joins.add(new JoinToken(
                        offer.tokenHash(), offer.name(), offer.expiresAtMs(), offer.maker(), "", "", false, false));
                audit(
                        offer.maker(),
                        null,
                        AuditRecord.MEMBERS_TOKEN,
                        offer.name().isEmpty() ? "any" : offer.name());
            }
        } else if (command instanceof Command.UseJoin use) {
            joins.removeIf(token -> token.expiresAtMs() <= logTimeMs);
            joins.replaceAll(token -> token.hash().equals(use.tokenHash())
                            && token.userName().isEmpty()
                            && !token.withdrawn()
                            && (token.name().isEmpty() || token.name().equals(use.name()))
                            && use.incarnation().length() == 16
                    ? new JoinToken(
                            token.hash(),
                            token.name(),
                            token.expiresAtMs(),
                            token.maker(),
                            use.name(),
                            use.incarnation(),
                            false,
                            false)
                    : token);
        } else if (command instanceof Command.EndJoin end) {
            joins.removeIf(token -> token.expiresAtMs() <= logTimeMs);
            joins.replaceAll(token ->
                    token.hash().equals(end.tokenHash()) && !token.userName().isEmpty()
                            ? new JoinToken(
                                    token.hash(),
                                    token.name(),
                                    token.expiresAtMs(),
                                    token.maker(),
                                    token.userName(),
                                    token.userIncarnation(),
                                    true,
                                    token.withdrawn())
                            : token);
        } else if (command instanceof Command.RecordAudit record) {
            if (!record.target().isEmpty()) {
                audit(record.caller(), null, record.action(), record.target());
            }
        } else if (command instanceof Command.WithdrawJoin withdraw) {
            joins.removeIf(token -> token.expiresAtMs() <= logTimeMs);
            for (JoinToken token : List.copyOf(joins)) {
                if (token.hash().equals(withdraw.tokenHash()) && !token.ended() && !token.withdrawn()) {
                    joins.remove(token);
                    joins.add(new JoinToken(
                            token.hash(),
                            token.name(),
                            token.expiresAtMs(),
                            token.maker(),
                            token.userName(),
                            token.userIncarnation(),
                            false,
                            true));
                    audit(
                            withdraw.caller(),
                            null,
                            AuditRecord.MEMBERS_WITHDRAW,
                            token.name().isEmpty() ? "any" : token.name());
                }
            }
        }
    }

    private SubmitReply execute(SessionBatch batch) {
        acknowledge(batch);
        OpenSession sender = sessions.get(batch.session());
        List<SequencedOutcome> outcomes = new ArrayList<>();
        for (SequencedCommand command : batch.commands()) {
            Outcome outcome = command.command() instanceof Command.OpenSession open
                    ? open(batch, open)
                    : command.command() instanceof Command.EndSession other
                            ? endOther(batch, sender, other)
                            : executeOnce(batch, command);
            outcomes.add(new SequencedOutcome(command.sequence(), outcome));
        }
        return new SubmitReply(batch.session(), logTimeMs, outcomes);
    }

    /** {@code sender} is the session that was open when its part of the batch began; it may have closed itself since. */
    private Outcome endOther(SessionBatch batch, OpenSession sender, Command.EndSession other) {
        if (sessions.containsKey(other.session())) {
            end(other.session());
            audit(
                    batch.caller(),
                    sender,
                    AuditRecord.END_SESSION,
                    other.session().shortForm());
        }
        return new Outcome.Acknowledged();
    }

    private void audit(Caller caller, OpenSession session, String action, String target) {
        String principal = caller.principal();
        String address = caller.address();
        if (caller.equals(Caller.NOBODY) && session != null) {
            principal = session.openedBy.principal();
            address = session.openedBy.address();
        }
        if (!principal.isEmpty() || !address.isEmpty() || caller.atEpochMs() != 0) {
            audit.add(principal + "@" + address + " at " + caller.atEpochMs() + ": " + action + " " + target);
        }
    }

    private void acknowledge(SessionBatch batch) {
        OpenSession session = sessions.get(batch.session());
        if (session == null) {
            return;
        }
        session.acknowledged = Math.max(session.acknowledged, batch.outcomesAcknowledged());
        session.outcomes.headMap(session.acknowledged, true).forEach((sequence, outcome) -> {
            if (outcome instanceof Outcome.Granted
                    || outcome instanceof Outcome.Drained
                    || outcome instanceof Outcome.GrantedAll) {
                session.undo.remove(sequence);
            }
        });
        session.outcomes.headMap(session.acknowledged, true).clear();
        session.events.removeIf(event -> {
            boolean received = event.number() <= batch.eventsAcknowledged();
            if (received && event.event() instanceof Event.WaitGranted granted) {
                session.undo.remove(granted.acquireSequence());
            }
            if (received && event.event() instanceof Event.WaitGrantedAll granted) {
                session.undo.remove(granted.acquireSequence());
            }
            return received;
        });
    }

    private Outcome open(SessionBatch batch, Command.OpenSession open) {
        for (OpenSession session : sessions.values()) {
            if (session.id.high() == batch.session().high()) {
                return new Outcome.SessionOpened(session.id);
            }
        }
        SessionId id = new SessionId(batch.session().high(), ++lastSession);
        sessions.put(id, new OpenSession(id, batch.caller()));
        opened.add(new Applied.OpenSession(id, open.leaseMs(), batch.caller().principal()));
        return new Outcome.SessionOpened(id);
    }

    private Outcome executeOnce(SessionBatch batch, SequencedCommand command) {
        OpenSession session = sessions.get(batch.session());
        if (session == null) {
            return rejected(RejectionCode.SESSION_UNKNOWN);
        }
        if (command.sequence() <= session.acknowledged) {
            return rejected(RejectionCode.SEQUENCE_STALE);
        }
        if (session.outcomes.containsKey(command.sequence())) {
            return session.outcomes.get(command.sequence());
        }
        Outcome outcome = execute(session, command.sequence(), command.command(), batch.caller());
        session.outcomes.put(command.sequence(), outcome);
        return outcome;
    }

    private Outcome execute(OpenSession session, long sequence, ClientCommand command, Caller caller) {
        if (command instanceof Command.AcquireAll acquire) {
            return acquireAll(session, sequence, acquire);
        } else if (command instanceof Acquire acquire) {
            return acquire(session, sequence, acquire);
        } else if (command instanceof Command.Release release) {
            return release(session, release);
        } else if (command instanceof Command.Extend extend) {
            return extend(extend);
        } else if (command instanceof Command.Attach attach) {
            return attach(session, attach);
        } else if (command instanceof Command.Leave leave) {
            return leave(session, leave);
        } else if (command instanceof Command.ExpireIn expireIn) {
            return expireIn(expireIn);
        } else if (command instanceof Command.Drain drain) {
            return drain(session, sequence, drain);
        } else if (command instanceof Command.RequestRelease request) {
            return requestRelease(request.lockable());
        } else if (command instanceof Command.CancelAcquire cancel) {
            return cancel(session, sequence, cancel.acquireSequence());
        } else if (command instanceof Command.ForceRelease force) {
            audit(
                    caller,
                    session,
                    AuditRecord.FORCE_RELEASE,
                    force.lockable().kind().toString().toLowerCase(Locale.ROOT) + " "
                            + force.lockable().key());
            return forceRelease(force);
        } else if (command instanceof Command.PutRule put) {
            audit(caller, session, AuditRecord.PUT_RULE, put.rule().toString());
            boolean known = rules.contains(put.rule());
            rules.removeIf(rule -> rule.subject().equals(put.rule().subject())
                    && rule.keyPrefix().equals(put.rule().keyPrefix()));
            rules.add(put.rule());
            return new Outcome.RulesChanged(!known);
        } else if (command instanceof Command.RemoveRule remove) {
            audit(caller, session, AuditRecord.REMOVE_RULE, remove.rule().toString());
            return new Outcome.RulesChanged(rules.remove(remove.rule()));
        } else if (command instanceof Command.CloseSession) {
            end(session.id);
            return new Outcome.SessionClosed();
        }
        return new Outcome.Acknowledged();
    }

    private Outcome acquire(OpenSession session, long sequence, Acquire acquire) {
        boolean mutex = acquire.lockable().kind() == LockableKind.MUTEX;
        if (acquire.permits() < 1
                || acquire.waitMs() < 0
                || (acquire.lease().kind() == LeaseKind.TTL && acquire.lease().ttlMs() < 1)
                || (mutex && (acquire.permits() != 1 || acquire.limit() != 1))
                || (!mutex && acquire.reentrant())) {
            return rejected(RejectionCode.INVALID);
        }
        int available = Math.max(0, acquire.limit() - taken(acquire.lockable()));
        if (acquire.permits() > acquire.limit()) {
            return new Outcome.CapacityExceeded(acquire.permits(), available, acquire.limit());
        }
        Grip own = gripOf(acquire.lockable(), acquire.owner());
        boolean first = queueOf(acquire.lockable()).isEmpty();
        if ((mutex && own != null) || (first && acquire.permits() <= available)) {
            Grip grip = grant(session, sequence, acquire);
            return new Outcome.Granted(grip.token, grip.deadlineFor(session.id), grip.count, own != null);
        }
        int ahead = queueOf(acquire.lockable()).size();
        if (acquire.waitMs() == 0) {
            Grip oldest = oldestGrip(acquire.lockable());
            return new Outcome.Refused(
                    oldest == null ? null : oldest.owner,
                    oldest == null ? 0 : oldest.token,
                    available,
                    acquire.permits() <= available ? ahead : 0);
        }
        waiting.add(
                new Queued(session.id, sequence, List.of(acquire), false, LogTime.plus(logTimeMs, acquire.waitMs())));
        return new Outcome.Queued(ahead);
    }

    private Outcome drain(OpenSession session, long sequence, Command.Drain drain) {
        if (drain.lockable().kind() == LockableKind.MUTEX
                || (drain.lease().kind() == LeaseKind.TTL && drain.lease().ttlMs() < 1)) {
            return rejected(RejectionCode.INVALID);
        }
        int available = Math.max(0, drain.limit() - taken(drain.lockable()));
        if (available == 0 || !queueOf(drain.lockable()).isEmpty()) {
            Grip oldest = oldestGrip(drain.lockable());
            return new Outcome.Refused(
                    oldest == null ? null : oldest.owner,
                    oldest == null ? 0 : oldest.token,
                    available,
                    available > 0 ? queueOf(drain.lockable()).size() : 0);
        }
        Grip own = gripOf(drain.lockable(), drain.owner());
        Acquire all = new Acquire(drain.lockable(), drain.owner(), available, drain.limit(), false, drain.lease(), 0);
        Grip grip = grant(session, sequence, all);
        return new Outcome.Drained(
                new Outcome.Granted(grip.token, grip.deadlineFor(session.id), grip.count, own != null), available);
    }

    private Outcome acquireAll(OpenSession session, long sequence, Command.AcquireAll all) {
        if (all.lockables().isEmpty()
                || Set.copyOf(all.lockables()).size() < all.lockables().size()
                || all.lockables().stream().anyMatch(lockable -> lockable.kind() != LockableKind.MUTEX)
                || all.waitMs() < 0
                || (all.lease().kind() == LeaseKind.TTL && all.lease().ttlMs() < 1)) {
            return rejected(RejectionCode.INVALID);
        }
        List<Acquire> acquires = all.lockables().stream()
                .map(lockable -> new Acquire(lockable, all.owner(), 1, 1, all.reentrant(), all.lease(), all.waitMs()))
                .toList();
        for (Acquire acquire : acquires) {
            boolean free = taken(acquire.lockable()) == 0
                    && queueOf(acquire.lockable()).isEmpty();
            if (!free && gripOf(acquire.lockable(), all.owner()) == null) {
                if (all.waitMs() > 0) {
                    return queueUp(session, sequence, all, acquires);
                }
                Grip grip = oldestGrip(acquire.lockable());
                return new Outcome.RefusedAll(
                        acquire.lockable(),
                        grip == null ? null : grip.owner,
                        grip == null ? 0 : grip.token,
                        grip == null ? queueOf(acquire.lockable()).size() : 0);
            }
        }
        return new Outcome.GrantedAll(grantAll(session, sequence, acquires));
    }

    private Outcome queueUp(OpenSession session, long sequence, Command.AcquireAll all, List<Acquire> acquires) {
        int ahead = all.lockables().stream()
                .mapToInt(lockable -> queueOf(lockable).size())
                .max()
                .orElseThrow();
        waiting.add(new Queued(session.id, sequence, acquires, true, LogTime.plus(logTimeMs, all.waitMs())));
        return new Outcome.Queued(ahead);
    }

    private List<Outcome.Granted> grantAll(OpenSession session, long sequence, List<Acquire> acquires) {
        List<Outcome.Granted> grants = new ArrayList<>();
        for (Acquire acquire : acquires) {
            boolean had = gripOf(acquire.lockable(), acquire.owner()) != null;
            Grip grip = grant(session, sequence, acquire);
            grants.add(new Outcome.Granted(grip.token, grip.deadlineFor(session.id), grip.count, had));
        }
        return grants;
    }

    private Grip grant(OpenSession session, long sequence, Acquire acquire) {
        boolean mutex = acquire.lockable().kind() == LockableKind.MUTEX;
        Grip grip = gripOf(acquire.lockable(), acquire.owner());
        boolean fresh = grip == null;
        if (grip == null) {
            grip = new Grip(acquire.lockable(), acquire.owner(), ++lastToken);
            grips.add(grip);
        }
        boolean counts = !mutex || acquire.reentrant();
        grip.count += counts || fresh ? acquire.permits() : 0;
        grip.acquires++;
        Share share = grip.sessions.computeIfAbsent(session.id, id -> new Share(++lastShare));
        share.acquires += mutex ? 1 : acquire.permits();
        if (acquire.lease().kind() == LeaseKind.SESSION) {
            share.keeps = true;
            share.kept += counts ? acquire.permits() : 0;
        } else if (acquire.lease().kind() == LeaseKind.UNTIL_RELEASED) {
            grip.untilReleased = true;
        } else {
            prolong(grip, acquire.lease());
        }
        session.undo
                .computeIfAbsent(sequence, each -> new ArrayList<>())
                .add(new Undo(grip.lockable, grip.owner, grip.token, counts ? acquire.permits() : 0));
        assertThat(taken(acquire.lockable()))
                .as("permits out of %s after a grant", acquire.lockable())
                .isLessThanOrEqualTo(acquire.limit());
        return grip;
    }

    private void prolong(Grip grip, Lease lease) {
        long deadline = logTimeMs + lease.ttlMs();
        grip.deadlineMs = grip.deadlineMs == LogTime.NEVER ? deadline : Math.max(grip.deadlineMs, deadline);
    }

    private Outcome release(OpenSession session, Command.Release release) {
        if (release.token() < 1 || release.permits() < 0) {
            return rejected(RejectionCode.INVALID);
        }
        Grip grip = gripOf(release.lockable(), release.owner());
        if (grip == null || grip.token != release.token()) {
            return notHeld(release.lockable());
        }
        if (release.permits() > grip.count) {
            Grip oldest = Objects.requireNonNull(oldestGrip(release.lockable()));
            return new Outcome.NotHeld(oldest.owner, grip.count);
        }
        boolean sessionThere = grip.sessions.keySet().stream().anyMatch(id -> id.low() == release.acquiredIn());
        if (release.endsWithSession() && !sessionThere) {
            return notHeld(release.lockable());
        }
        int released = release.permits() == Command.Release.ALL ? grip.count : release.permits();
        grip.count -= released;
        if (grip.count > 0) {
            givenBack(grip, session.id, release, released);
        }
        if (grip.count == 0 || !grip.hasLease(logTimeMs)) {
            lose(grip, LossReason.RELEASED_ELSEWHERE, session.id);
            grip.count = 0;
        }
        serve(release.lockable());
        return new Outcome.Released(grip.count);
    }

    private static void givenBack(Grip grip, SessionId by, Command.Release release, int released) {
        if (release.acquiredIn() == Command.Release.ANYWHERE) {
            takeKept(grip, by, released);
            return;
        }
        for (SessionId id : List.copyOf(grip.sessions.keySet())) {
            Share share = grip.sessions.get(id);
            if (id.low() == release.acquiredIn()) {
                share.take(release.endsWithSession() ? released : 0);
                int own = Math.min(share.acquires, released);
                share.acquires -= own;
                grip.acquires -= grip.lockable.kind() == LockableKind.MUTEX ? own : 0;
                if (share.acquires == 0) {
                    grip.sessions.remove(id);
                }
            }
        }
        int kept = grip.sessions.values().stream().mapToInt(share -> share.kept).sum();
        for (Share share : grip.sessions.values()) {
            kept -= share.take(Math.max(0, kept - grip.count));
        }
    }

    /** Takes off what the session itself keeps, then what others keep, in their order. */
    private static void takeKept(Grip grip, SessionId by, int most) {
        Share share = grip.sessions.get(by);
        int left = share == null ? most : most - share.take(most);
        for (Share other : grip.sessions.values()) {
            left -= other.take(left);
        }
    }

    private Outcome extend(Command.Extend extend) {
        if (extend.token() < 1 || extend.ttlMs() < 1) {
            return rejected(RejectionCode.INVALID);
        }
        Grip grip = gripOf(extend.lockable(), extend.owner());
        if (grip == null || grip.token != extend.token()) {
            return notHeld(extend.lockable());
        }
        prolong(grip, Lease.ttl(extend.ttlMs()));
        return new Outcome.Extended(grip.deadlineMs);
    }

    private Outcome attach(OpenSession session, Command.Attach attach) {
        if (attach.token() < 1) {
            return rejected(RejectionCode.INVALID);
        }
        Grip grip = gripOf(attach.lockable(), attach.owner());
        if (grip == null || grip.token != attach.token()) {
            return notHeld(attach.lockable());
        }
        grip.sessions.computeIfAbsent(session.id, id -> new Share(++lastShare));
        return new Outcome.Attached();
    }

    private Outcome leave(OpenSession session, Command.Leave leave) {
        if (leave.token() < 1 || leave.lockable().kind() != LockableKind.MUTEX) {
            return rejected(RejectionCode.INVALID);
        }
        Grip grip = gripOf(leave.lockable(), leave.owner());
        Share share = grip == null ? null : grip.sessions.get(session.id);
        if (grip == null || grip.token != leave.token() || share == null || share.acquires == 0) {
            return notHeld(leave.lockable());
        }
        grip.acquires--;
        share.acquires--;
        if (share.acquires == 0) {
            grip.sessions.remove(session.id);
        }
        boolean over = grip.acquires == 0 || !grip.hasLease(logTimeMs);
        if (over) {
            lose(grip, LossReason.RELEASED_ELSEWHERE, null);
        }
        int left = over ? 0 : grip.count;
        serve(leave.lockable());
        return new Outcome.Released(left == 0 ? 0 : grip.count);
    }

    private Outcome expireIn(Command.ExpireIn expireIn) {
        if (expireIn.token() < 1 || expireIn.ttlMs() < 1) {
            return rejected(RejectionCode.INVALID);
        }
        Grip grip = gripOf(expireIn.lockable(), expireIn.owner());
        if (grip == null || grip.token != expireIn.token()) {
            return notHeld(expireIn.lockable());
        }
        boolean others = grip.sessions.entrySet().stream()
                .anyMatch(each -> each.getValue().acquires > 0 && each.getKey().low() != expireIn.acquiredIn());
        if (grip.acquires > 1 || others) {
            return new Outcome.Shared(grip.acquires);
        }
        grip.untilReleased = false;
        for (Share share : grip.sessions.values()) {
            share.keeps = false;
            share.kept = 0;
        }
        grip.deadlineMs = logTimeMs + expireIn.ttlMs();
        return new Outcome.Expiring(grip.deadlineMs);
    }

    private Outcome requestRelease(LockableKey lockable) {
        int asked = 0;
        for (Grip grip : grips) {
            if (grip.lockable.equals(lockable)) {
                Event request = new Event.ReleaseRequested(lockable, grip.owner, grip.token);
                for (SessionId session : grip.sessions.keySet()) {
                    if (sessions.get(session).events.stream()
                            .noneMatch(event -> event.event().equals(request))) {
                        tell(session, request);
                    }
                }
                asked += grip.sessions.isEmpty() ? 0 : 1;
            }
        }
        return new Outcome.ReleaseRequested(asked);
    }

    private Outcome forceRelease(Command.ForceRelease force) {
        return new Outcome.ForceReleased(takeAway(force.lockable(), force.token(), LossReason.FORCE_RELEASED));
    }

    private int takeAway(LockableKey lockable, long token, LossReason reason) {
        int taken = 0;
        for (Grip grip : List.copyOf(grips)) {
            if (grip.lockable.equals(lockable) && (token == 0 || token == grip.token)) {
                lose(grip, reason, null);
                taken++;
            }
        }
        serve(lockable);
        return taken;
    }

    private Outcome cancel(OpenSession session, long sequence, long acquireSequence) {
        if (acquireSequence < 1 || acquireSequence >= sequence) {
            return rejected(RejectionCode.INVALID);
        }
        for (Queued waiter : List.copyOf(waiting)) {
            if (waiter.session.equals(session.id) && waiter.sequence == acquireSequence) {
                leaveQueues(waiter);
                serve(waiter.acquires.get(0).lockable());
                return new Outcome.Cancelled(true);
            }
        }
        List<Undo> grants = session.undo.remove(acquireSequence);
        boolean undone = false;
        for (int i = grants == null ? -1 : grants.size() - 1; i >= 0; i--) {
            undone |= undo(session, grants.get(i));
        }
        if (!undone && acquireSequence > session.acknowledged) {
            session.outcomes.putIfAbsent(acquireSequence, rejected(RejectionCode.SEQUENCE_STALE));
        }
        return new Outcome.Cancelled(undone);
    }

    private boolean undo(OpenSession session, Undo undo) {
        Grip grip = gripOf(undo.lockable, undo.owner);
        if (grip != null && grip.token == undo.token) {
            grip.acquires--;
            int added = Math.min(undo.added, grip.count);
            grip.count -= added;
            takeKept(grip, session.id, added);
            Share share = grip.sessions.get(session.id);
            if (share != null) {
                share.acquires -= grip.lockable.kind() == LockableKind.MUTEX ? 1 : undo.added;
                if (share.acquires <= 0) {
                    grip.sessions.remove(session.id);
                }
            }
            boolean unwanted = grip.lockable.kind() == LockableKind.MUTEX && grip.acquires == 0;
            if (grip.count == 0 || unwanted || !grip.hasLease(logTimeMs)) {
                lose(grip, LossReason.RELEASED_ELSEWHERE, null);
            }
            serve(undo.lockable);
            return true;
        }
        return false;
    }

    private void end(SessionId id) {
        sessions.remove(id);
        ended.add(id);
        // From this moment on it keeps nothing, even if what it kept is still there.
        for (Grip grip : grips) {
            if (grip.sessions.containsKey(id)) {
                grip.sessions.get(id).keeps = false;
            }
        }
        List<Queued> gone = waiting.stream()
                .filter(waiter -> waiter.session.equals(id))
                .sorted(Comparator.comparingLong(Queued::sequence))
                .toList();
        gone.forEach(this::leaveQueues);
        gone.forEach(waiter -> serve(waiter.acquires.get(0).lockable()));
        List<Grip> linked = grips.stream()
                .filter(grip -> grip.sessions.containsKey(id))
                .sorted(Comparator.comparingLong(grip -> grip.sessions.get(id).order))
                .toList();
        for (Grip grip : linked) {
            Share share = Objects.requireNonNull(grip.sessions.remove(id));
            boolean mutex = grip.lockable.kind() == LockableKind.MUTEX;
            int left = grip.count - share.kept;
            if (!grip.hasLease(logTimeMs) || (left == 0 && !mutex)) {
                lose(grip, LossReason.EXPIRED, null);
            } else {
                grip.count = mutex ? Math.max(1, left) : left;
            }
            serve(grip.lockable);
        }
    }

    /** In deadline order; at the same deadline waits end before leases, and older ones first. */
    private void expire() {
        while (true) {
            Queued waiter = waiting.stream()
                    .min(Comparator.comparingLong(Queued::deadlineMs))
                    .orElse(null);
            Grip grip = grips.stream()
                    .min(Comparator.comparingLong(each -> each.deadlineMs))
                    .orElse(null);
            long waitEnds = waiter == null ? LogTime.NEVER : waiter.deadlineMs;
            long leaseEnds = grip == null ? LogTime.NEVER : grip.deadlineMs;
            if (Math.min(waitEnds, leaseEnds) > logTimeMs) {
                return;
            }
            if (waiter != null && waitEnds <= leaseEnds) {
                timeOut(waiter);
                serve(waiter.acquires.get(0).lockable());
            } else if (grip != null) {
                grip.deadlineMs = LogTime.NEVER;
                if (!grip.hasLease(logTimeMs)) {
                    lose(grip, LossReason.EXPIRED, null);
                    serve(grip.lockable);
                }
            }
        }
    }

    /** Serves that queue, and then those that joint waiters have touched, in the order in which they did. */
    private void serve(LockableKey lockable) {
        serveQueue(lockable);
        while (!touched.isEmpty()) {
            LockableKey next = touched.remove();
            Grip grip = oldestGrip(next);
            if (grip != null) {
                serveOtherAcquiresOf(next, grip.owner);
            }
            serveQueue(next);
        }
    }

    /** Grants to the head of the queue as long as its request fits. */
    private void serveQueue(LockableKey lockable) {
        for (Queued waiter : queueOf(lockable)) {
            if (!waiting.contains(waiter)) {
                continue;
            }
            if (waiter.deadlineMs <= logTimeMs) {
                timeOut(waiter);
            } else if (isReady(waiter)) {
                grantWaiter(waiter);
                serveOtherAcquiresOf(lockable, waiter.owner());
            } else {
                return;
            }
        }
    }

    /** Whether it comes first wherever it waits, but for what its owner has already, and all of it fits. */
    private boolean isReady(Queued waiter) {
        return waiter.acquires.stream().allMatch(acquire -> {
            LockableKey lockable = acquire.lockable();
            boolean fits = acquire.permits() <= acquire.limit() - taken(lockable);
            Grip own = gripOf(lockable, acquire.owner());
            if (own != null && !own.hasLease(logTimeMs)) {
                return false;
            }
            return (waiter.joint && own != null) || (fits && queueOf(lockable).get(0) == waiter);
        });
    }

    private void serveOtherAcquiresOf(LockableKey lockable, Owner owner) {
        if (lockable.kind() != LockableKind.MUTEX) {
            return;
        }
        for (Queued waiter : queueOf(lockable)) {
            if (!waiter.owner().equals(owner)) {
                continue;
            }
            if (waiter.deadlineMs <= logTimeMs) {
                timeOut(waiter);
            } else if (waiter.joint ? isReady(waiter) : gripOf(lockable, owner).hasLease(logTimeMs)) {
                grantWaiter(waiter);
            }
        }
    }

    private void grantWaiter(Queued waiter) {
        leaveQueues(waiter);
        OpenSession session = sessions.get(waiter.session);
        List<Outcome.Granted> grants = grantAll(session, waiter.sequence, waiter.acquires);
        Outcome.Granted first = grants.get(0);
        tell(
                session.id,
                waiter.joint
                        ? new Event.WaitGrantedAll(waiter.sequence, grants)
                        : new Event.WaitGranted(
                                waiter.sequence, first.token(), first.deadlineMs(), first.count(), first.reacquired()));
    }

    private void timeOut(Queued waiter) {
        leaveQueues(waiter);
        tell(waiter.session, new Event.WaitEnded(waiter.sequence, Event.WaitEnd.TIMED_OUT));
    }

    private void leaveQueues(Queued waiter) {
        waiting.remove(waiter);
        if (waiter.joint) {
            waiter.acquires.forEach(acquire -> touched.add(acquire.lockable()));
        }
    }

    private void lose(Grip grip, LossReason reason, SessionId knows) {
        grips.remove(grip);
        expiredHolds += reason == LossReason.EXPIRED ? 1 : 0;
        for (SessionId session : grip.sessions.keySet()) {
            if (!session.equals(knows)) {
                tell(session, new Event.HoldLost(grip.lockable, grip.owner, grip.token, reason, logTimeMs));
            }
        }
    }

    private void tell(SessionId id, Event event) {
        OpenSession session = sessions.get(id);
        if (session != null) {
            NumberedEvent numbered = new NumberedEvent(++session.lastEvent, event);
            session.events.add(numbered);
            events.computeIfAbsent(id, each -> new ArrayList<>()).add(numbered);
        }
    }

    private int taken(LockableKey lockable) {
        boolean mutex = lockable.kind() == LockableKind.MUTEX;
        return grips.stream()
                .filter(grip -> grip.lockable.equals(lockable))
                .mapToInt(grip -> mutex ? 1 : grip.count)
                .sum();
    }

    private Grip gripOf(LockableKey lockable, Owner owner) {
        return grips.stream()
                .filter(grip -> grip.lockable.equals(lockable) && grip.owner.equals(owner))
                .findFirst()
                .orElse(null);
    }

    private Grip oldestGrip(LockableKey lockable) {
        return grips.stream()
                .filter(grip -> grip.lockable.equals(lockable))
                .findFirst()
                .orElse(null);
    }

    private List<Queued> queueOf(LockableKey lockable) {
        return waiting.stream().filter(waiter -> waiter.of(lockable) != null).toList();
    }

    private Outcome notHeld(LockableKey lockable) {
        Grip oldest = oldestGrip(lockable);
        return new Outcome.NotHeld(oldest == null ? null : oldest.owner);
    }

    private static Outcome rejected(RejectionCode code) {
        return new Outcome.Rejected(code, "");
    }
}
