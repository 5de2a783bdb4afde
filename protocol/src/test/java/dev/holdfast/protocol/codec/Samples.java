package dev.holdfast.protocol.codec;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;

/** At least one sample of every kind of message. */
final class Samples {
    static final SessionId SESSION = new SessionId(-2, Long.MAX_VALUE);
    static final LockableKey MUTEX = LockableKey.mutex("invoice/\u20ac/\ud83d\ude00");
    static final LockableKey SEMAPHORE = LockableKey.semaphore("pool");
    static final Owner OWNER = Owner.of("user", "ann");
    static final Owner SCOPED = new Owner("user", "bob", new Owner.Scope("organisation", "acme"));

    static final Rule BOUND = new Rule("tenant1", Role.LOCK, "t1/\u20ac", OwnerBinding.WITHIN);
    static final Rule UNBOUND = new Rule("@ops", Role.ADMIN, "", OwnerBinding.ANY);

    static final List<ClientCommand> CLIENT_COMMANDS = List.of(
            new Command.OpenSession(10_000, "host-1", "billing"),
            new Command.CloseSession(),
            new Command.EndSession(SESSION),
            new Command.Acquire(MUTEX, OWNER, 1, 1, true, Lease.SESSION, 0),
            new Command.Acquire(SEMAPHORE, SCOPED, 3, 7, false, Lease.ttl(30_000), Command.Acquire.WAIT_FOREVER),
            new Command.Acquire(MUTEX, SCOPED, -1, Integer.MIN_VALUE, false, Lease.UNTIL_RELEASED, -1),
            new Command.CancelAcquire(41),
            new Command.Release(MUTEX, OWNER, Long.MAX_VALUE, Command.Release.ALL),
            new Command.Release(SEMAPHORE, SCOPED, 1, 2),
            new Command.Release(SEMAPHORE, SCOPED, 1, 2, 77, true),
            new Command.Release(MUTEX, OWNER, 1, 1, -1, false),
            new Command.Extend(MUTEX, OWNER, 9, Long.MAX_VALUE),
            new Command.ForceRelease(MUTEX, Command.ForceRelease.ANY_TOKEN),
            new Command.ForceRelease(SEMAPHORE, 12),
            new Command.Acknowledge(),
            new Command.Attach(MUTEX, OWNER, Long.MAX_VALUE),
            new Command.Attach(SEMAPHORE, SCOPED, 3),
            new Command.Leave(MUTEX, SCOPED, 5),
            new Command.ExpireIn(SEMAPHORE, SCOPED, 6, 30_000, 77),
            new Command.Drain(SEMAPHORE, OWNER, 7, Lease.SESSION),
            new Command.Drain(SEMAPHORE, SCOPED, 7, Lease.ttl(30_000)),
            new Command.RequestRelease(MUTEX),
            new Command.PutRule(BOUND),
            new Command.RemoveRule(UNBOUND),
            new Command.AcquireAll(List.of(MUTEX, LockableKey.mutex("order/7")), SCOPED, true, Lease.ttl(30_000), 5),
            new Command.AcquireAll(List.of(MUTEX), OWNER, false, Lease.SESSION, Command.Acquire.WAIT_FOREVER),
            new Command.AcquireAll(List.of(SEMAPHORE, SEMAPHORE), OWNER, false, Lease.UNTIL_RELEASED, -1),
            new Command.AcquireAll(List.of(), OWNER, false, Lease.SESSION, 0));

    static final List<Command.SystemCommand> SYSTEM_COMMANDS = List.of(
            new Command.Tick(),
            new Command.ExpireSession(SESSION),
            new Command.ExpireHold(MUTEX, 7),
            new Command.Activate(2),
            new Command.BoundState(1L << 40),
            new Command.OfferJoin("ab".repeat(32), "", Long.MAX_VALUE, Caller.NOBODY),
            new Command.OfferJoin("cd".repeat(32), "d", 1, new Caller("root", "10.0.0.1", 5)),
            new Command.UseJoin("ab".repeat(32), "d", "0123456789abcdef"),
            new Command.EndJoin("ab".repeat(32)),
            new Command.WithdrawJoin("ab".repeat(32), Caller.NOBODY),
            new Command.WithdrawJoin("cd".repeat(32), new Caller("", "::1", Long.MAX_VALUE)),
            new Command.RecordAudit(new Caller("ann", "10.0.0.1", 7), "members-remove", "d", "begins"));

    static final List<Outcome> OUTCOMES = outcomes();

    private static List<Outcome> outcomes() {
        List<Outcome> outcomes = new ArrayList<>(List.of(
                new Outcome.SessionOpened(SESSION),
                new Outcome.SessionClosed(),
                new Outcome.Granted(5, LogTime.NEVER, 2, true),
                new Outcome.Granted(6, 1, 1, false),
                new Outcome.Refused(SCOPED, 5, 0),
                new Outcome.Refused(null, 0, 4, 3),
                new Outcome.Queued(0),
                new Outcome.Queued(3),
                new Outcome.Released(0),
                new Outcome.Released(2),
                new Outcome.Extended(LogTime.NEVER),
                new Outcome.ForceReleased(0),
                new Outcome.ForceReleased(3),
                new Outcome.Cancelled(true),
                new Outcome.Cancelled(false),
                new Outcome.NotHeld(OWNER),
                new Outcome.NotHeld(OWNER, 2),
                new Outcome.NotHeld(null),
                new Outcome.CapacityExceeded(8, 0, 7),
                new Outcome.Attached(),
                new Outcome.Expiring(77),
                new Outcome.Shared(2),
                new Outcome.ReleaseRequested(0),
                new Outcome.ReleaseRequested(3),
                new Outcome.Drained(new Outcome.Granted(5, 99, 4, true), 3),
                new Outcome.RulesChanged(true),
                new Outcome.RulesChanged(false),
                new Outcome.Acknowledged(),
                new Outcome.GrantedAll(
                        List.of(new Outcome.Granted(5, LogTime.NEVER, 1, false), new Outcome.Granted(2, 9, 3, true))),
                new Outcome.RefusedAll(MUTEX, SCOPED, Long.MAX_VALUE, 0),
                new Outcome.RefusedAll(MUTEX, null, 0, 3)));
        for (RejectionCode code : RejectionCode.values()) {
            outcomes.add(new Outcome.Rejected(code, "because of " + code));
        }
        return List.copyOf(outcomes);
    }

    static final List<Event> EVENTS = events();

    private static List<Event> events() {
        List<Event> events = new ArrayList<>(List.of(
                new Event.WaitGranted(7, 8, LogTime.NEVER, 1, false),
                new Event.WaitGranted(7, 8, 9, 10, true),
                new Event.ReleaseRequested(SEMAPHORE, SCOPED, 8)));
        events.add(new Event.WaitGrantedAll(
                7, List.of(new Outcome.Granted(8, LogTime.NEVER, 1, false), new Outcome.Granted(3, 9, 2, true))));
        for (Event.WaitEnd reason : Event.WaitEnd.values()) {
            events.add(new Event.WaitEnded(7, reason));
        }
        for (Event.LossReason reason : Event.LossReason.values()) {
            events.add(new Event.HoldLost(MUTEX, SCOPED, 8, reason, 99));
            events.add(new Event.HoldLost(SEMAPHORE, OWNER, 8, reason, 0));
        }
        return List.copyOf(events);
    }

    static final List<Query> QUERIES = List.of(
            new Query.Inspect(MUTEX, 10),
            new Query.ListLockables("", null, 1),
            new Query.ListLockables("invoice/", SEMAPHORE, 1000),
            new Query.ListLockables("", SEMAPHORE, 7, true),
            new Query.ListSessions(SessionId.NONE, 5),
            new Query.ListSessions(SESSION, 5),
            new Query.Rules(),
            new Query.Audit(0, 1000),
            new Query.Audit(Long.MAX_VALUE, 1),
            new Query.History(MUTEX, Query.History.NEWEST, 50),
            new Query.History(SEMAPHORE, 1L << 40, 1000),
            new Query.Summary());

    static final List<Answer> ANSWERS = answers();

    private static List<Answer> answers() {
        Answer.SessionView session = new Answer.SessionView("fffffffe", "host-1", "billing", "alice", "10.0.0.7");
        List<Answer.HoldView> holds = new ArrayList<>();
        for (LeaseKind lease : LeaseKind.values()) {
            holds.add(new Answer.HoldView(SCOPED, 1, 2, lease, 3, LogTime.NEVER, List.of(session, session)));
        }
        holds.add(new Answer.HoldView(OWNER, 1, 2, LeaseKind.TTL, 3, 4, List.of()));
        Answer.WaiterView waiter = new Answer.WaiterView(OWNER, 1, 2, 3, LogTime.NEVER, session);
        Answer.LockableView full = new Answer.LockableView(SEMAPHORE, 8, holds, 2, List.of(waiter, waiter));
        Answer.LockableView idle = new Answer.LockableView(MUTEX, 0, List.of(), 0, List.of());
        Answer.SessionSummary summary =
                new Answer.SessionSummary(SESSION, "host-1", "billing", "alice", "10.0.0.7", 10_000, 1, 2, 3);
        List<Rule> rules = new ArrayList<>();
        for (Role role : Role.values()) {
            for (OwnerBinding binding : OwnerBinding.values()) {
                rules.add(new Rule("alice", role, "orders/", binding));
            }
        }
        AuditRecord record = new AuditRecord(
                7, 99, "alice", "10.0.0.7", AuditRecord.FORCE_RELEASE, "mutex orders/7", "1 hold taken");
        List<Answer.ChangeView> changes = new ArrayList<>();
        for (ChangeKind kind : ChangeKind.values()) {
            changes.add(new Answer.ChangeView(changes.size(), kind, SCOPED, 7, 2, 0, 30_000, session));
        }
        changes.add(new Answer.ChangeView(
                Long.MAX_VALUE, ChangeKind.QUEUED, OWNER, 0, 1, Answer.ChangeView.NOTHING_ENDED, 0, null));
        return List.of(
                new Answer.HistoryPage(changes, true, 60_000),
                new Answer.HistoryPage(List.of(), false, LogTime.NEVER),
                full,
                idle,
                new Answer.LockablePage(List.of(full, idle), true),
                new Answer.LockablePage(List.of(), false),
                new Answer.SessionPage(List.of(summary), true),
                new Answer.SessionPage(List.of(), false),
                new Answer.StateSummary(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
                new Answer.RuleList(rules),
                new Answer.RuleList(List.of()),
                new Answer.AuditPage(
                        List.of(record, new AuditRecord(8, 0, "", "", AuditRecord.END_SESSION, "0123abcd", "")), true),
                new Answer.AuditPage(List.of(), false),
                new Answer.QueryRejected(RejectionCode.INVALID, "a page of 0"));
    }

    static Batch batchOfEverything() {
        List<SequencedCommand> commands = new ArrayList<>();
        for (ClientCommand command : CLIENT_COMMANDS) {
            commands.add(new SequencedCommand(commands.size() + 1L, command));
        }
        SessionBatch full = new SessionBatch(SESSION, 17, Long.MAX_VALUE, commands);
        SessionBatch empty = new SessionBatch(SessionId.NONE, 0, 0, List.of());
        SessionBatch called = empty.withCaller(new Caller("tenant \u20ac", "::1", Long.MAX_VALUE));
        return new Batch(SYSTEM_COMMANDS, List.of(full, empty, called));
    }

    private Samples() {}
}
