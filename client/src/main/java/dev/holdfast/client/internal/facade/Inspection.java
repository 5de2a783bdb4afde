package dev.holdfast.client.internal.facade;

import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.info.ChangeInfo;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.info.LockableHistory;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.info.SemaphoreInfo;
import dev.holdfast.client.info.WaiterInfo;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks the leader what there is, and puts the answers into the users' words. Any thread may call it; every call blocks. */
final class Inspection {
    private static final int WAITERS_MAX = 100;
    private static final int CHANGES_MAX = 500;
    private static final int PAGE_SIZE = 500;
    private static final String LISTING_OF_SESSIONS = "listing of sessions";

    /** A question that only a leader answers. */
    private static final Query ANYTHING = new Query.Inspect(LockableKey.mutex("anything"), 0);

    private final GroupClients groups;
    private final Clock wallClock;

    Inspection(GroupClients groups, Clock wallClock) {
        this.groups = groups;
        this.wallClock = wallClock;
    }

    /** Whether the leader of every group answers within that time. Interruptible. */
    boolean reach(Duration timeout) throws InterruptedException {
        String operation = "connection to the cluster";
        long beganNanos = System.nanoTime();
        long timeoutNanos = timeout.toNanos();
        CompletableFuture<Void> reached = groups.all(operation, timeoutNanos).thenCompose(all -> {
            long leftNanos = timeoutNanos - (System.nanoTime() - beganNanos);
            return CompletableFuture.allOf(all.stream()
                    .map(group -> group.queries().ask(ANYTHING, operation, Math.max(1, leftNanos)))
                    .toArray(CompletableFuture<?>[]::new));
        });
        try {
            Waiting.interruptibly(reached);
            return true;
        } catch (LockUnavailableException unreachable) {
            return false;
        }
    }

    Answer.LockableView view(LockableKey key, int waitersMax, long timeoutNanos) {
        return expected(
                Waiting.uninterruptibly(ask(key, waitersMax, timeoutNanos)), lookUp(key), Answer.LockableView.class);
    }

    private CompletableFuture<Answer> ask(LockableKey key, int waitersMax, long timeoutNanos) {
        String operation = lookUp(key);
        Query query = new Query.Inspect(key, waitersMax);
        return groups.with(
                key,
                operation,
                timeoutNanos,
                (group, leftNanos) -> group.queries().ask(query, operation, leftNanos));
    }

    private static String lookUp(LockableKey key) {
        return "look-up of '" + key.key() + "'";
    }

    LockableHistory history(LockableKey key, long timeoutNanos) {
        String operation = "look-up of what happened to '" + key.key() + "'";
        Query query = new Query.History(key, Query.History.NEWEST, CHANGES_MAX);
        Answer.HistoryPage page = expected(
                Waiting.uninterruptibly(groups.with(
                        key,
                        operation,
                        timeoutNanos,
                        (group, leftNanos) -> group.queries().ask(query, operation, leftNanos))),
                operation,
                Answer.HistoryPage.class);
        Instant now = wallClock.instant();
        return new LockableHistory(
                page.changes().stream().map(change -> change(change, now)).toList(),
                page.more(),
                page.knownForMs() == LogTime.NEVER ? null : now.minusMillis(page.knownForMs()));
    }

    private static ChangeInfo change(Answer.ChangeView change, Instant now) {
        Answer.SessionView session = change.session();
        return new ChangeInfo(
                change.number(),
                Terms.change(change.kind()),
                Terms.owner(change.owner()),
                change.token(),
                change.count(),
                now.minusMillis(change.agoMs()),
                change.lastedMs() == Answer.ChangeView.NOTHING_ENDED ? null : Duration.ofMillis(change.lastedMs()),
                session == null ? null : session(session));
    }

    Optional<LockInfo> lock(Lockable lockable, LockableKey key, long timeoutNanos) {
        return lock(lockable, view(key, WAITERS_MAX, timeoutNanos));
    }

    /** The same, without blocking. */
    CompletableFuture<Optional<LockInfo>> lockAsync(Lockable lockable, LockableKey key, long timeoutNanos) {
        return ask(key, WAITERS_MAX, timeoutNanos)
                .thenApply(answer -> lock(lockable, expected(answer, lookUp(key), Answer.LockableView.class)));
    }

    private Optional<LockInfo> lock(Lockable lockable, Answer.LockableView view) {
        return view.holds().stream()
                .findFirst()
                .map(hold -> new LockInfo(lockable, hold(hold), view.waiterCount(), waiters(view)));
    }

    SemaphoreInfo semaphore(Lockable lockable, LockableKey key, int max, long timeoutNanos) {
        Answer.LockableView view = view(key, WAITERS_MAX, timeoutNanos);
        return new SemaphoreInfo(lockable, max, view.held(), holds(view), view.waiterCount(), waiters(view));
    }

    /** @param timeoutNanos for each page */
    Stream<LockableInfo> lockables(String keyPrefix, long timeoutNanos) {
        String operation = "listing of '" + shortened(keyPrefix) + "'";
        List<Iterator<Answer.LockableView>> ofGroups =
                Waiting.uninterruptibly(groups.all(operation, timeoutNanos)).stream()
                        .map(group -> lockables(group, keyPrefix, operation, timeoutNanos))
                        .toList();
        return Pages.stream(new Merged<>(ofGroups, Comparator.comparing(Answer.LockableView::lockable)))
                .map(this::lockable);
    }

    private static Iterator<Answer.LockableView> lockables(
            GroupClient group, String keyPrefix, String operation, long timeoutNanos) {
        return new Pages<>(last -> {
            LockableKey after = last == null ? null : last.lockable();
            Answer.LockablePage page = ask(
                    group,
                    new Query.ListLockables(keyPrefix, after, PAGE_SIZE),
                    operation,
                    timeoutNanos,
                    Answer.LockablePage.class);
            return new Pages.Page<>(page.lockables(), page.more());
        });
    }

    /** For a message, whatever the caller passed. */
    private static String shortened(String keyPrefix) {
        return keyPrefix.length() <= 100 ? keyPrefix : keyPrefix.substring(0, 100) + "...";
    }

    /** @param timeoutNanos for each page */
    Stream<ClientSessionInfo> sessions(long timeoutNanos) {
        return Waiting.uninterruptibly(groups.all(LISTING_OF_SESSIONS, timeoutNanos)).stream()
                .flatMap(group -> Pages.stream(sessions(group, timeoutNanos)))
                .map(this::session);
    }

    private static Iterator<Answer.SessionSummary> sessions(GroupClient group, long timeoutNanos) {
        return new Pages<>(last -> {
            SessionId after = last == null ? SessionId.NONE : last.id();
            Answer.SessionPage page = ask(
                    group,
                    new Query.ListSessions(after, PAGE_SIZE),
                    LISTING_OF_SESSIONS,
                    timeoutNanos,
                    Answer.SessionPage.class);
            return new Pages.Page<>(page.sessions(), page.more());
        });
    }

    /** Whether there was a session with that short id, which has ended then. */
    boolean endSession(String id, long timeoutNanos) {
        List<Runnable> found = new ArrayList<>();
        for (GroupClient group : Waiting.uninterruptibly(groups.all(LISTING_OF_SESSIONS, timeoutNanos))) {
            sessions(group, timeoutNanos).forEachRemaining(session -> {
                if (session.id().shortForm().equals(id)) {
                    found.add(() -> Waiting.uninterruptibly(
                            group.queries().endSession(session.id(), "end of session " + id, timeoutNanos)));
                }
            });
        }
        if (found.size() > 1) {
            throw new LockRequestRejectedException(
                    LockRequestRejectedException.Reason.INVALID,
                    found.size() + " sessions are called '" + id + "': none was ended");
        }
        found.forEach(Runnable::run);
        return !found.isEmpty();
    }

    static <T extends Answer> T ask(
            GroupClient group, Query query, String operation, long timeoutNanos, Class<T> expected) {
        return expected(
                Waiting.uninterruptibly(group.queries().ask(query, operation, timeoutNanos)), operation, expected);
    }

    private static <T extends Answer> T expected(Answer answer, String operation, Class<T> expected) {
        if (!expected.isInstance(answer)) {
            throw new IllegalStateException("the cluster answered the " + operation + " with " + answer);
        }
        return expected.cast(answer);
    }

    private LockableInfo lockable(Answer.LockableView view) {
        LockableKey key = view.lockable();
        return new LockableInfo(
                Terms.kind(key.kind()), key.key(), view.held(), holds(view), view.waiterCount(), waiters(view));
    }

    private ClientSessionInfo session(Answer.SessionSummary session) {
        return new ClientSessionInfo(
                session.id().shortForm(),
                session.host(),
                session.name(),
                session.principal(),
                session.address(),
                Duration.ofMillis(session.leaseMs()),
                since(session.openForMs()),
                session.holds(),
                session.waiters());
    }

    private List<HoldInfo> holds(Answer.LockableView view) {
        return view.holds().stream().map(this::hold).toList();
    }

    private HoldInfo hold(Answer.HoldView hold) {
        return new HoldInfo(
                Terms.owner(hold.owner()),
                hold.token(),
                hold.count(),
                Terms.lease(hold.lease()),
                since(hold.heldForMs()),
                durationOrNull(hold.leaseLeftMs()),
                hold.sessions().stream().map(Inspection::session).toList());
    }

    private static List<WaiterInfo> waiters(Answer.LockableView view) {
        return view.waiters().stream()
                .map(waiter -> new WaiterInfo(
                        Terms.owner(waiter.owner()),
                        waiter.permits(),
                        waiter.limit(),
                        Duration.ofMillis(waiter.waitedMs()),
                        durationOrNull(waiter.waitLeftMs()),
                        session(waiter.session())))
                .toList();
    }

    private static HoldInfo.SessionInfo session(Answer.SessionView session) {
        return new HoldInfo.SessionInfo(
                session.id(), session.host(), session.name(), session.principal(), session.address());
    }

    private Instant since(long forMs) {
        return wallClock.instant().minusMillis(forMs);
    }

    private static @Nullable Duration durationOrNull(long ms) {
        return ms == LogTime.NEVER ? null : Duration.ofMillis(ms);
    }
}
