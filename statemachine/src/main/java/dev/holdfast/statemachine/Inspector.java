package dev.holdfast.statemachine;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Answers queries and changes nothing. What it costs is bounded, whatever the state is: a page ends early if it has enough. */
final class Inspector {
    private static final int LISTED_WAITERS_MAX = 10;
    private static final int SHOWN_HOLDS_MAX = Limits.PAGE_SIZE_MAX;
    private static final int SHOWN_SESSIONS_MAX = 100;

    /** Holds, their sessions and waiters, in one page of a listing. */
    private static final int SHOWN_PER_PAGE_MAX = 5000;

    /** Lockables that nobody waits for, looked at for one page of those that somebody does. */
    static final int LEFT_OUT_PER_PAGE_MAX = 5000;

    private static final int AUDIT_BYTES_PER_PAGE_MAX = 1 << 20;

    private final MachineState state;
    private final long nowMs;
    private final Visibility visibility;

    Inspector(MachineState state, long nowMs, Visibility visibility) {
        this.visibility = visibility;
        this.nowMs = Math.max(state.logTimeMs, nowMs);
        this.state = state;
    }

    Answer answer(Query query) {
        if (query instanceof Query.Inspect inspect) {
            return inspect(inspect);
        } else if (query instanceof Query.ListLockables list) {
            return list(list);
        } else if (query instanceof Query.ListSessions list) {
            return list(list);
        } else if (query instanceof Query.Rules) {
            return new Answer.RuleList(state.rules.list());
        } else if (query instanceof Query.Audit audit) {
            return audit(audit);
        } else if (query instanceof Query.History) {
            return new Answer.QueryRejected(
                    RejectionCode.UNSUPPORTED, "the history is kept beside the state, and not asked for here");
        } else {
            return summary();
        }
    }

    private Answer inspect(Query.Inspect inspect) {
        if (inspect.waitersMax() < 0 || inspect.waitersMax() > Limits.PAGE_SIZE_MAX) {
            return pageSize(inspect.waitersMax(), 0);
        }
        var wrong = Validator.check(inspect.lockable());
        if (wrong != null) {
            return new Answer.QueryRejected(wrong.code(), wrong.detail());
        }
        LockableEntry entry = state.lockables.get(inspect.lockable());
        return entry == null
                ? new Answer.LockableView(inspect.lockable(), 0, List.of(), 0, List.of())
                : view(entry, inspect.waitersMax());
    }

    private Answer list(Query.ListLockables list) {
        if (list.max() < 1 || list.max() > Limits.PAGE_SIZE_MAX) {
            return pageSize(list.max(), 1);
        }
        List<Answer.LockableView> views = new ArrayList<>();
        int shown = 0;
        int leftOut = 0;
        // In their order, and apart from one another: so are the lockables.
        for (String prefix : visibility.within(list.keyPrefix())) {
            for (LockableEntry entry : from(prefix, list.after()).values()) {
                if (!entry.lockable.key().startsWith(prefix)) {
                    break;
                }
                if (views.size() == list.max() || shown >= SHOWN_PER_PAGE_MAX) {
                    return new Answer.LockablePage(views, true);
                }
                if (list.waitedFor() && entry.waiterCount() == 0 && ++leftOut < LEFT_OUT_PER_PAGE_MAX) {
                    continue;
                }
                Answer.LockableView view = view(entry, LISTED_WAITERS_MAX);
                views.add(view);
                shown += shownIn(view);
                if (leftOut == LEFT_OUT_PER_PAGE_MAX) {
                    return new Answer.LockablePage(views, true);
                }
            }
        }
        return new Answer.LockablePage(views, false);
    }

    /** From the first with the prefix, or after the last of the page before. */
    private NavigableMap<LockableKey, LockableEntry> from(String prefix, @Nullable LockableKey after) {
        // No lockable of the same key is before the mutex.
        LockableKey first = LockableKey.mutex(prefix);
        return after != null && after.compareTo(first) >= 0
                ? state.lockablesInOrder.tailMap(after, false)
                : state.lockablesInOrder.tailMap(first, true);
    }

    private static int shownIn(Answer.LockableView view) {
        int shown = view.waiters().size();
        for (Answer.HoldView hold : view.holds()) {
            shown += 1 + hold.sessions().size();
        }
        return shown;
    }

    private Answer list(Query.ListSessions list) {
        if (list.max() < 1 || list.max() > Limits.PAGE_SIZE_MAX) {
            return pageSize(list.max(), 1);
        }
        List<Answer.SessionSummary> summaries = new ArrayList<>();
        for (Session session : visibleSessions().tailMap(list.after(), false).values()) {
            if (summaries.size() == list.max()) {
                return new Answer.SessionPage(summaries, true);
            }
            summaries.add(new Answer.SessionSummary(
                    session.id,
                    session.host,
                    session.name,
                    session.principal,
                    session.address,
                    session.leaseMs,
                    nowMs - session.sinceMs,
                    session.holdCount(),
                    session.waiterCount()));
        }
        return new Answer.SessionPage(summaries, false);
    }

    private NavigableMap<SessionId, Session> visibleSessions() {
        String principal = visibility.principal();
        if (principal == null) {
            return state.sessionsInOrder;
        }
        Account account = state.accounts.find(principal, "");
        return account == null ? Collections.emptyNavigableMap() : account.open();
    }

    private Answer audit(Query.Audit audit) {
        if (audit.max() < 1 || audit.max() > Limits.PAGE_SIZE_MAX) {
            return pageSize(audit.max(), 1);
        }
        List<AuditRecord> records = new ArrayList<>();
        long shown = 0;
        for (AuditRecord each : state.audit.list()) {
            if (each.number() > audit.afterNumber()) {
                if (records.size() == audit.max() || shown >= AUDIT_BYTES_PER_PAGE_MAX) {
                    return new Answer.AuditPage(records, true);
                }
                records.add(each);
                shown += Footprint.of(each);
            }
        }
        return new Answer.AuditPage(records, false);
    }

    private Answer summary() {
        return new Answer.StateSummary(
                state.appliedIndex,
                state.logTimeMs,
                state.semantics,
                state.lastToken,
                state.lockables.size(),
                state.holdCount,
                state.waiterCount,
                state.sessionsInOrder.size(),
                state.footprint.bytes(),
                state.bytesMax);
    }

    private Answer.LockableView view(LockableEntry entry, int waitersMax) {
        List<Answer.HoldView> holds =
                entry.streamOfHolds().limit(SHOWN_HOLDS_MAX).map(this::view).toList();
        List<Answer.WaiterView> waiters = new ArrayList<>();
        for (Waiter waiter = entry.headWaiter(); waiter != null && waiters.size() < waitersMax; waiter = waiter.next) {
            waiters.add(new Answer.WaiterView(
                    waiter.owner,
                    waiter.permits,
                    waiter.limit,
                    nowMs - waiter.sinceMs,
                    left(waiter.deadlineMs()),
                    view(waiter.session)));
        }
        return new Answer.LockableView(entry.lockable, entry.held(), holds, entry.waiterCount(), waiters);
    }

    private Answer.HoldView view(Hold hold) {
        boolean timed = !hold.untilReleased() && !hold.hasKeeper();
        return new Answer.HoldView(
                hold.owner,
                hold.token,
                hold.count(),
                hold.leaseKind(),
                nowMs - hold.sinceMs,
                timed ? left(hold.deadlineMs()) : LogTime.NEVER,
                hold.sortedLinks().stream()
                        .limit(SHOWN_SESSIONS_MAX)
                        .map(link -> view(link.session))
                        .toList());
    }

    private static Answer.SessionView view(Session session) {
        return new Answer.SessionView(
                session.id.shortForm(), session.host, session.name, session.principal, session.address);
    }

    private long left(long deadlineMs) {
        return deadlineMs == LogTime.NEVER ? LogTime.NEVER : Math.max(0, deadlineMs - nowMs);
    }

    private static Answer pageSize(int asked, int least) {
        return new Answer.QueryRejected(
                RejectionCode.INVALID, "a page of " + asked + "; allowed are " + least + " to " + Limits.PAGE_SIZE_MAX);
    }
}
