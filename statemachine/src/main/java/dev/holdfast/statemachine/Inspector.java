package dev.holdfast.statemachine;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Function;
import java.util.function.Predicate;

/** Answers queries and changes nothing. A listing takes time in proportion to the whole table, not to its page. */
final class Inspector {
    private static final int LISTED_WAITERS_MAX = 10;
    private static final int SHOWN_HOLDS_MAX = Limits.PAGE_SIZE_MAX;

    private final MachineState state;
    private final long nowMs;

    Inspector(MachineState state, long nowMs) {
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
        LockableKey after = list.after();
        List<LockableEntry> page = firstOf(
                state.lockables.inOrder(),
                entry -> entry.lockable,
                key -> key.key().startsWith(list.keyPrefix()) && (after == null || key.compareTo(after) > 0),
                list.max() + 1);
        List<Answer.LockableView> views = new ArrayList<>();
        for (LockableEntry entry : page.subList(0, Math.min(page.size(), list.max()))) {
            views.add(view(entry, LISTED_WAITERS_MAX));
        }
        return new Answer.LockablePage(views, page.size() > list.max());
    }

    private Answer list(Query.ListSessions list) {
        if (list.max() < 1 || list.max() > Limits.PAGE_SIZE_MAX) {
            return pageSize(list.max(), 1);
        }
        List<Session> page = firstOf(
                state.sessions.inOrder(),
                (Session session) -> session.id,
                (SessionId id) -> id.compareTo(list.after()) > 0,
                list.max() + 1);
        List<Answer.SessionSummary> summaries = new ArrayList<>();
        for (Session session : page.subList(0, Math.min(page.size(), list.max()))) {
            summaries.add(new Answer.SessionSummary(
                    session.id,
                    session.host,
                    session.name,
                    session.leaseMs,
                    nowMs - session.sinceMs,
                    session.holdCount(),
                    session.waiterCount()));
        }
        return new Answer.SessionPage(summaries, page.size() > list.max());
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
                state.sessions.size());
    }

    private Answer.LockableView view(LockableEntry entry, int waitersMax) {
        List<Answer.HoldView> holds = new ArrayList<>();
        for (Hold hold : entry.holds()) {
            if (holds.size() == SHOWN_HOLDS_MAX) {
                break;
            }
            holds.add(view(hold));
        }
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
                hold.sortedLinks().stream().map(link -> view(link.session)).toList());
    }

    private static Answer.SessionView view(Session session) {
        return new Answer.SessionView(session.id.shortForm(), session.host, session.name);
    }

    private long left(long deadlineMs) {
        return deadlineMs == LogTime.NEVER ? LogTime.NEVER : Math.max(0, deadlineMs - nowMs);
    }

    private static Answer pageSize(int asked, int least) {
        return new Answer.QueryRejected(
                RejectionCode.INVALID, "a page of " + asked + "; allowed are " + least + " to " + Limits.PAGE_SIZE_MAX);
    }

    /** The first {@code max} of the wanted values in key order. Uses memory for no more than those. */
    private static <K extends Comparable<K>, V> List<V> firstOf(
            Iterable<V> values, Function<V, K> keyOf, Predicate<K> wanted, int max) {
        PriorityQueue<V> greatestFirst =
                new PriorityQueue<>(Comparator.<V, K>comparing(keyOf).reversed());
        for (V value : values) {
            if (!wanted.test(keyOf.apply(value))) {
                continue;
            }
            V greatest = greatestFirst.peek();
            if (greatestFirst.size() < max) {
                greatestFirst.add(value);
            } else if (greatest != null && keyOf.apply(value).compareTo(keyOf.apply(greatest)) < 0) {
                greatestFirst.remove();
                greatestFirst.add(value);
            }
        }
        List<V> page = new ArrayList<>(greatestFirst);
        page.sort(Comparator.comparing(keyOf));
        return page;
    }
}
