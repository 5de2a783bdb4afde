package dev.holdfast.node;

import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.node.gateway.LocalCluster;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.access.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Those who came by another door than the port for clients, each with a way of its own to the leaders: connections are made on behalf of one
 * principal. A way is kept for a while, for the next request. Thread-safe.
 *
 * <p>See {@code docs/adr/020-members-speak-for-others.md}.
 */
final class Visitors implements AutoCloseable {
    /** At the same time. */
    static final int MAX = 256;

    /** A leader takes only so many connections from one address, and its own callers in other members come from there, too. */
    private static final int CONNECTIONS_MAX = 1024;

    static final Duration KEPT = Duration.ofMinutes(1);

    private final Function<Mandate, LocalCluster> ways;
    private final int max;

    /** Of one principal, from different addresses. Who is nobody in particular has no such bound, for all of these are alike. */
    private final int perPrincipalMax;

    private final Timers timers;
    private final Map<Mandate, Visitor> known = new HashMap<>();
    private boolean sweeping;
    private boolean closed;

    /**
     * Nobody yet.
     *
     * @param ways makes one
     * @param groups how many connections a way may take: one to the leader of each
     */
    Visitors(Function<Mandate, LocalCluster> ways, int groups, Timers timers) {
        this.max = Math.min(MAX, CONNECTIONS_MAX / groups);
        this.perPrincipalMax = max / 4;
        this.ways = ways;
        this.timers = timers;
    }

    /** Somebody, and what is kept for that one. */
    final class Visitor {
        private final LocalCluster way;
        private final ClusterTransport shared;

        /** Guarded by the lock of the visitors, like the next. */
        private int present;

        private long leftNanos;

        private Visitor(LocalCluster way) {
            this.way = way;
            this.shared = way.shared();
        }

        ClusterTransport cluster() {
            return shared;
        }

        void leave() {
            left(this);
        }
    }

    /** @return {@code null} if there are too many, or the peer closes */
    @Nullable
    Visitor enter(Mandate whom) {
        Visitor makesRoom = null;
        Visitor visitor;
        synchronized (this) {
            visitor = known.get(whom);
            if (visitor == null && !closed) {
                boolean isFull = known.size() >= max;
                boolean hasEnough = isNamed(whom) && of(whom.principal()) >= perPrincipalMax;
                makesRoom = isFull || hasEnough ? removeLongestGone(hasEnough ? whom.principal() : null) : null;
                if (makesRoom != null || !(isFull || hasEnough)) {
                    visitor = new Visitor(ways.apply(whom));
                    known.put(whom, visitor);
                }
            }
            if (visitor != null) {
                visitor.present++;
            }
        }
        if (makesRoom != null) {
            makesRoom.way.close();
        }
        return visitor;
    }

    private static boolean isNamed(Mandate whom) {
        return !whom.principal().equals(Principal.ANONYMOUS);
    }

    private long of(Principal principal) {
        return known.keySet().stream()
                .filter(each -> each.principal().name().equals(principal.name()))
                .count();
    }

    /** @param of whom; {@code null} for anybody */
    private @Nullable Visitor removeLongestGone(@Nullable Principal of) {
        Map.Entry<Mandate, Visitor> longest = null;
        for (Map.Entry<Mandate, Visitor> each : known.entrySet()) {
            if (each.getValue().present == 0
                    && (of == null || each.getKey().principal().name().equals(of.name()))
                    && (longest == null || each.getValue().leftNanos - longest.getValue().leftNanos < 0)) {
                longest = each;
            }
        }
        return longest == null ? null : known.remove(longest.getKey());
    }

    private synchronized void left(Visitor visitor) {
        visitor.present--;
        visitor.leftNanos = timers.nanoTime();
        if (!sweeping && !closed) {
            sweeping = true;
            timers.schedule(this::sweep, KEPT.toNanos());
        }
    }

    private void sweep() {
        List<Visitor> gone = new ArrayList<>();
        synchronized (this) {
            long now = timers.nanoTime();
            Iterator<Visitor> each = known.values().iterator();
            while (each.hasNext()) {
                Visitor visitor = each.next();
                if (visitor.present == 0 && now - visitor.leftNanos >= KEPT.toNanos()) {
                    each.remove();
                    gone.add(visitor);
                }
            }
            sweeping = !known.isEmpty() && !closed;
            if (sweeping) {
                timers.schedule(this::sweep, KEPT.toNanos());
            }
        }
        gone.forEach(visitor -> visitor.way.close());
    }

    @Override
    public void close() {
        List<Visitor> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(known.values());
            known.clear();
        }
        all.forEach(visitor -> visitor.way.close());
    }
}
