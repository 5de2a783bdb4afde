package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.info.WaiterInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * The actuator's endpoint {@code holdfast}: the members, if the application has a peer; and what the application holds and waits for, with
 * the keys of the locks and their owners. It shows neither credentials nor what others hold, except who keeps this application waiting.
 *
 * <p>It reads the cluster's list of locks, up to a bound in number and in time: {@code complete} is false if there are more, or the cluster did not
 * answer.
 */
@Endpoint(id = "holdfast")
public final class HoldfastEndpoint {
    private static final int SEEN_MAX = 10_000;
    private static final int SHOWN_MAX = 500;

    /** How many timeouts the whole list may take, of which each of its pages may take one. */
    private static final int TIMEOUTS = 3;

    private final HoldfastClient client;
    private final LocalPeer peer;
    private final Duration timeout;

    HoldfastEndpoint(HoldfastClient client, LocalPeer peer, Duration timeout) {
        this.client = client;
        this.peer = peer;
        this.timeout = timeout;
    }

    /**
     * All of it. Blocks for about four timeouts at most.
     *
     * @return for JSON
     */
    @ReadOperation
    public Map<String, Object> holdfast() {
        Map<String, Object> shown = new LinkedHashMap<>();
        if (peer.isThere()) {
            shown.put("peer", peer.describe());
            shown.put("problems", peer.problems());
            try {
                shown.put("members", peer.members());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                shown.put("members", List.of());
            }
        }
        shown.put("process", client.processOwner().id());
        Set<String> sessions = client.sessionIds();
        shown.put("sessions", sessions.stream().sorted().toList());
        Found found = new Found(sessions, System.nanoTime() + TIMEOUTS * timeout.toNanos());
        if (!sessions.isEmpty()) {
            try {
                found.read(client.list("", timeout).iterator());
            } catch (LockException e) {
                found.complete = false;
                shown.put("error", String.valueOf(e.getMessage()));
            }
        }
        shown.put("holds", found.holds);
        shown.put("waits", found.waits);
        shown.put("complete", found.complete);
        return shown;
    }

    /** What is this application's in the list. */
    private static final class Found {
        private final Set<String> sessions;
        private final long deadlineNanos;
        private final List<Map<String, Object>> holds = new ArrayList<>();
        private final List<Map<String, Object>> waits = new ArrayList<>();
        private boolean complete = true;

        Found(Set<String> sessions, long deadlineNanos) {
            this.sessions = sessions;
            this.deadlineNanos = deadlineNanos;
        }

        void read(Iterator<LockableInfo> list) {
            for (int seen = 0; list.hasNext(); seen++) {
                if (seen == SEEN_MAX
                        || System.nanoTime() - deadlineNanos > 0
                        || holds.size() + waits.size() >= SHOWN_MAX) {
                    complete = false;
                    return;
                }
                read(list.next());
            }
        }

        private void read(LockableInfo lockable) {
            for (HoldInfo hold : lockable.holds()) {
                if (hold.sessions().stream().anyMatch(each -> sessions.contains(each.id()))) {
                    holds.add(describe(lockable, hold));
                }
            }
            for (WaiterInfo waiter : lockable.waiters()) {
                if (sessions.contains(waiter.session().id())) {
                    waits.add(describe(lockable, waiter));
                }
            }
            if (lockable.waiterCount() > lockable.waiters().size()) {
                // Only the first are listed; one of this application may be behind them.
                complete = false;
            }
        }

        private static Map<String, Object> describe(LockableInfo lockable, HoldInfo hold) {
            Map<String, Object> shown = head(lockable);
            shown.put("owner", hold.owner().toString());
            shown.put("token", hold.token());
            shown.put("count", hold.count());
            shown.put("lease", lower(hold.lease()));
            hold.leaseLeft().ifPresent(left -> shown.put("leaseLeftMs", left.toMillis()));
            shown.put("since", hold.since().toString());
            shown.put("waiters", lockable.waiterCount());
            return shown;
        }

        private static Map<String, Object> describe(LockableInfo lockable, WaiterInfo waiter) {
            Map<String, Object> shown = head(lockable);
            shown.put("owner", waiter.owner().toString());
            shown.put("permits", waiter.permits());
            shown.put("waitedMs", waiter.waited().toMillis());
            waiter.waitLeft().ifPresent(left -> shown.put("waitLeftMs", left.toMillis()));
            shown.put(
                    "heldBy",
                    lockable.holds().stream()
                            .map(hold -> hold.owner().toString())
                            .toList());
            return shown;
        }

        private static Map<String, Object> head(LockableInfo lockable) {
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("kind", lower(lockable.kind()));
            shown.put("key", lockable.key());
            return shown;
        }

        private static String lower(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT);
        }
    }
}
