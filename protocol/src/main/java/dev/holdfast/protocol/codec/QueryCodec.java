package dev.holdfast.protocol.codec;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.v1.AnswerProto;
import dev.holdfast.protocol.v1.AuditPageProto;
import dev.holdfast.protocol.v1.AuditProto;
import dev.holdfast.protocol.v1.EmptyProto;
import dev.holdfast.protocol.v1.HistoryProto;
import dev.holdfast.protocol.v1.HoldViewProto;
import dev.holdfast.protocol.v1.InspectProto;
import dev.holdfast.protocol.v1.ListLockablesProto;
import dev.holdfast.protocol.v1.ListSessionsProto;
import dev.holdfast.protocol.v1.LockablePageProto;
import dev.holdfast.protocol.v1.LockableViewProto;
import dev.holdfast.protocol.v1.QueryProto;
import dev.holdfast.protocol.v1.RuleListProto;
import dev.holdfast.protocol.v1.RuleProto;
import dev.holdfast.protocol.v1.SessionPageProto;
import dev.holdfast.protocol.v1.SessionSummaryProto;
import dev.holdfast.protocol.v1.SessionViewProto;
import dev.holdfast.protocol.v1.StateSummaryProto;
import dev.holdfast.protocol.v1.WaiterViewProto;
import java.util.ArrayList;
import java.util.List;

/** Encodes and decodes queries and answers. */
public final class QueryCodec {

    public static QueryProto encode(Query query) {
        QueryProto.Builder builder = QueryProto.newBuilder();
        if (query instanceof Query.Inspect inspect) {
            builder.setInspect(InspectProto.newBuilder()
                    .setLockable(TermCodec.encode(inspect.lockable()))
                    .setWaitersMax(inspect.waitersMax()));
        } else if (query instanceof Query.ListLockables list) {
            ListLockablesProto.Builder proto = ListLockablesProto.newBuilder()
                    .setKeyPrefix(list.keyPrefix())
                    .setMax(list.max())
                    .setWaitedFor(list.waitedFor());
            LockableKey after = list.after();
            if (after != null) {
                proto.setAfter(TermCodec.encode(after));
            }
            builder.setListLockables(proto);
        } else if (query instanceof Query.ListSessions list) {
            builder.setListSessions(ListSessionsProto.newBuilder()
                    .setAfter(TermCodec.encode(list.after()))
                    .setMax(list.max()));
        } else if (query instanceof Query.Summary) {
            builder.setSummary(EmptyProto.getDefaultInstance());
        } else if (query instanceof Query.Rules) {
            builder.setRules(EmptyProto.getDefaultInstance());
        } else if (query instanceof Query.Audit audit) {
            builder.setAudit(
                    AuditProto.newBuilder().setAfterNumber(audit.afterNumber()).setMax(audit.max()));
        } else if (query instanceof Query.History history) {
            builder.setHistory(HistoryProto.newBuilder()
                    .setLockable(TermCodec.encode(history.lockable()))
                    .setBeforeNumber(history.beforeNumber())
                    .setMax(history.max()));
        }
        return builder.build();
    }

    public static Query decode(QueryProto query) throws MalformedMessageException {
        return switch (query.getQueryCase()) {
            case INSPECT ->
                new Query.Inspect(
                        TermCodec.decode(query.getInspect().getLockable()),
                        query.getInspect().getWaitersMax());
            case LIST_LOCKABLES ->
                new Query.ListLockables(
                        query.getListLockables().getKeyPrefix(),
                        query.getListLockables().hasAfter()
                                ? TermCodec.decode(query.getListLockables().getAfter())
                                : null,
                        query.getListLockables().getMax(),
                        query.getListLockables().getWaitedFor());
            case LIST_SESSIONS ->
                new Query.ListSessions(
                        TermCodec.decode(query.getListSessions().getAfter()),
                        query.getListSessions().getMax());
            case SUMMARY -> new Query.Summary();
            case RULES -> new Query.Rules();
            case AUDIT ->
                new Query.Audit(
                        query.getAudit().getAfterNumber(), query.getAudit().getMax());
            case HISTORY ->
                new Query.History(
                        TermCodec.decode(query.getHistory().getLockable()),
                        query.getHistory().getBeforeNumber(),
                        query.getHistory().getMax());
            case QUERY_NOT_SET -> throw new MalformedMessageException("unknown query");
        };
    }

    public static AnswerProto encode(Answer answer) {
        AnswerProto.Builder builder = AnswerProto.newBuilder();
        if (answer instanceof Answer.LockableView view) {
            builder.setLockable(encode(view));
        } else if (answer instanceof Answer.LockablePage page) {
            LockablePageProto.Builder proto = LockablePageProto.newBuilder().setMore(page.more());
            page.lockables().forEach(view -> proto.addLockables(encode(view)));
            builder.setLockables(proto);
        } else if (answer instanceof Answer.SessionPage page) {
            SessionPageProto.Builder proto = SessionPageProto.newBuilder().setMore(page.more());
            page.sessions().forEach(session -> proto.addSessions(encode(session)));
            builder.setSessions(proto);
        } else if (answer instanceof Answer.StateSummary summary) {
            builder.setSummary(encode(summary));
        } else if (answer instanceof Answer.RuleList list) {
            RuleListProto.Builder proto = RuleListProto.newBuilder();
            list.rules().forEach(rule -> proto.addRules(RuleCodec.encode(rule)));
            builder.setRules(proto);
        } else if (answer instanceof Answer.AuditPage page) {
            AuditPageProto.Builder proto = AuditPageProto.newBuilder().setMore(page.more());
            page.records().forEach(each -> proto.addRecords(RuleCodec.encode(each)));
            builder.setAudit(proto);
        } else if (answer instanceof Answer.HistoryPage page) {
            builder.setHistory(HistoryCodec.encode(page));
        } else if (answer instanceof Answer.QueryRejected rejected) {
            builder.setRejected(OutcomeCodec.encode(rejected.code(), rejected.detail()));
        }
        return builder.build();
    }

    public static Answer decode(AnswerProto answer) throws MalformedMessageException {
        return switch (answer.getAnswerCase()) {
            case LOCKABLE -> decode(answer.getLockable());
            case LOCKABLES -> {
                List<Answer.LockableView> views = new ArrayList<>();
                for (LockableViewProto view : answer.getLockables().getLockablesList()) {
                    views.add(decode(view));
                }
                yield new Answer.LockablePage(views, answer.getLockables().getMore());
            }
            case SESSIONS -> {
                List<Answer.SessionSummary> sessions = new ArrayList<>();
                answer.getSessions().getSessionsList().forEach(session -> sessions.add(decode(session)));
                yield new Answer.SessionPage(sessions, answer.getSessions().getMore());
            }
            case SUMMARY -> decode(answer.getSummary());
            case RULES -> {
                List<Rule> rules = new ArrayList<>();
                for (RuleProto rule : answer.getRules().getRulesList()) {
                    rules.add(RuleCodec.decode(rule));
                }
                yield new Answer.RuleList(rules);
            }
            case AUDIT -> {
                List<AuditRecord> records = new ArrayList<>();
                answer.getAudit().getRecordsList().forEach(each -> records.add(RuleCodec.decode(each)));
                yield new Answer.AuditPage(records, answer.getAudit().getMore());
            }
            case HISTORY -> HistoryCodec.decode(answer.getHistory());
            case REJECTED ->
                new Answer.QueryRejected(
                        OutcomeCodec.decode(answer.getRejected().getCode()),
                        answer.getRejected().getDetail());
            case ANSWER_NOT_SET -> throw new MalformedMessageException("unknown answer");
        };
    }

    private static LockableViewProto encode(Answer.LockableView view) {
        LockableViewProto.Builder builder = LockableViewProto.newBuilder()
                .setLockable(TermCodec.encode(view.lockable()))
                .setHeld(view.held())
                .setWaiterCount(view.waiterCount());
        for (Answer.HoldView hold : view.holds()) {
            HoldViewProto.Builder proto = HoldViewProto.newBuilder()
                    .setOwner(TermCodec.encode(hold.owner()))
                    .setToken(hold.token())
                    .setCount(hold.count())
                    .setLease(TermCodec.encode(hold.lease()))
                    .setHeldForMs(hold.heldForMs())
                    .setLeaseLeftMs(hold.leaseLeftMs());
            hold.sessions().forEach(session -> proto.addSessions(encode(session)));
            builder.addHolds(proto);
        }
        for (Answer.WaiterView waiter : view.waiters()) {
            builder.addWaiters(WaiterViewProto.newBuilder()
                    .setOwner(TermCodec.encode(waiter.owner()))
                    .setPermits(waiter.permits())
                    .setLimit(waiter.limit())
                    .setWaitedMs(waiter.waitedMs())
                    .setWaitLeftMs(waiter.waitLeftMs())
                    .setSession(encode(waiter.session())));
        }
        return builder.build();
    }

    private static Answer.LockableView decode(LockableViewProto view) throws MalformedMessageException {
        List<Answer.HoldView> holds = new ArrayList<>();
        for (HoldViewProto hold : view.getHoldsList()) {
            holds.add(new Answer.HoldView(
                    TermCodec.decode(hold.getOwner()),
                    hold.getToken(),
                    hold.getCount(),
                    TermCodec.decode(hold.getLease()),
                    hold.getHeldForMs(),
                    hold.getLeaseLeftMs(),
                    hold.getSessionsList().stream().map(QueryCodec::decode).toList()));
        }
        List<Answer.WaiterView> waiters = new ArrayList<>();
        for (WaiterViewProto waiter : view.getWaitersList()) {
            waiters.add(new Answer.WaiterView(
                    TermCodec.decode(waiter.getOwner()),
                    waiter.getPermits(),
                    waiter.getLimit(),
                    waiter.getWaitedMs(),
                    waiter.getWaitLeftMs(),
                    decode(waiter.getSession())));
        }
        return new Answer.LockableView(
                TermCodec.decode(view.getLockable()), view.getHeld(), holds, view.getWaiterCount(), waiters);
    }

    static SessionViewProto encode(Answer.SessionView session) {
        return SessionViewProto.newBuilder()
                .setId(session.id())
                .setHost(session.host())
                .setName(session.name())
                .setPrincipal(session.principal())
                .setAddress(session.address())
                .build();
    }

    static Answer.SessionView decode(SessionViewProto session) {
        return new Answer.SessionView(
                session.getId(), session.getHost(), session.getName(), session.getPrincipal(), session.getAddress());
    }

    private static SessionSummaryProto encode(Answer.SessionSummary session) {
        return SessionSummaryProto.newBuilder()
                .setId(TermCodec.encode(session.id()))
                .setHost(session.host())
                .setName(session.name())
                .setPrincipal(session.principal())
                .setAddress(session.address())
                .setLeaseMs(session.leaseMs())
                .setOpenForMs(session.openForMs())
                .setHolds(session.holds())
                .setWaiters(session.waiters())
                .build();
    }

    private static Answer.SessionSummary decode(SessionSummaryProto session) {
        return new Answer.SessionSummary(
                TermCodec.decode(session.getId()),
                session.getHost(),
                session.getName(),
                session.getPrincipal(),
                session.getAddress(),
                session.getLeaseMs(),
                session.getOpenForMs(),
                session.getHolds(),
                session.getWaiters());
    }

    private static StateSummaryProto encode(Answer.StateSummary summary) {
        return StateSummaryProto.newBuilder()
                .setAppliedIndex(summary.appliedIndex())
                .setLogTimeMs(summary.logTimeMs())
                .setSemantics(summary.semantics())
                .setLastToken(summary.lastToken())
                .setLockables(summary.lockables())
                .setHolds(summary.holds())
                .setWaiters(summary.waiters())
                .setSessions(summary.sessions())
                .setBytes(summary.bytes())
                .setBytesMax(summary.bytesMax())
                .build();
    }

    private static Answer.StateSummary decode(StateSummaryProto summary) {
        return new Answer.StateSummary(
                summary.getAppliedIndex(),
                summary.getLogTimeMs(),
                summary.getSemantics(),
                summary.getLastToken(),
                summary.getLockables(),
                summary.getHolds(),
                summary.getWaiters(),
                summary.getSessions(),
                summary.getBytes(),
                summary.getBytesMax());
    }

    private QueryCodec() {}
}
