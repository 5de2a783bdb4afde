package dev.holdfast.jepsen.invariant;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.invariant.Grants.Grant;
import dev.holdfast.jepsen.invariant.Grants.Hold;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * At no time is more held than the lockable has room for: one hold of a mutex, the limit of a semaphore. A grant counts
 * from its answer until a release or a forced release begins, and no longer than its lease certainly lasts: from the
 * invocation that last renewed it, or until its client last believed that it held it.
 */
final class HoldsFit implements Invariant {
    /** Cluster and clients count the same milliseconds, but round them differently. */
    private static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private record Interval(Grant grant, int permits, long from, long until) {}

    private record Edge(long at, Interval interval, boolean begins) {}

    @Override
    public String name() {
        return "holds fit";
    }

    @Override
    public List<Violation> check(String key, List<Operation> operations) {
        Map<Long, Long> renewedUntil = new HashMap<>();
        Map<Long, Long> endedFrom = new HashMap<>();
        List<Operation> forced = new ArrayList<>();
        for (Operation operation : operations) {
            boolean done = operation.result() instanceof Result.Done;
            if (operation.call() instanceof Call.Extend extend && done) {
                renewedUntil.merge(extend.token(), lease(operation, extend.ttlMs()), Math::max);
            } else if (operation.call() instanceof Call.Believe belief && done) {
                renewedUntil.merge(belief.token(), operation.invokedNanos(), Math::max);
            } else if (operation.call() instanceof Call.Release release) {
                endedFrom.merge(release.token(), operation.invokedNanos(), Math::min);
            } else if (operation.call() instanceof Call.ForceRelease
                    && !(operation.result() instanceof Result.Failed)) {
                forced.add(operation);
            }
        }
        List<Interval> intervals = new ArrayList<>();
        for (Hold hold : new Grants(operations).holds()) {
            for (Grant grant : hold.grants()) {
                long from = grant.operation().completedNanos();
                long until = Math.max(leaseOf(grant), renewedUntil.getOrDefault(grant.token(), Long.MIN_VALUE));
                until = Math.min(until, endedFrom.getOrDefault(grant.token(), Long.MAX_VALUE));
                for (Operation force : forced) {
                    // One that began before the grant may have taken effect after it.
                    boolean mayEnd = force.completedNanos() >= grant.operation().invokedNanos();
                    until = mayEnd ? Math.min(until, force.invokedNanos()) : until;
                }
                if (from < until) {
                    intervals.add(new Interval(grant, permits(hold, grant), from, until));
                }
            }
        }
        return sweep(key, intervals);
    }

    /** A further acquire adds to a semaphore's hold only. */
    private static int permits(Hold hold, Grant grant) {
        boolean further = grant.call().limit() == 1 && !hold.grants().get(0).equals(grant);
        return further ? 0 : grant.call().permits();
    }

    private static long leaseOf(Grant grant) {
        return grant.call().lease() == Call.Lease.UNTIL_RELEASED
                ? Long.MAX_VALUE
                : lease(grant.operation(), grant.call().leaseMs());
    }

    private static long lease(Operation renewal, long ms) {
        return renewal.invokedNanos() + TimeUnit.MILLISECONDS.toNanos(ms) - MARGIN_NANOS;
    }

    private List<Violation> sweep(String key, List<Interval> intervals) {
        List<Edge> edges = new ArrayList<>();
        for (Interval interval : intervals) {
            edges.add(new Edge(interval.from, interval, true));
            edges.add(new Edge(interval.until, interval, false));
        }
        edges.sort(Comparator.comparingLong(Edge::at).thenComparing(Edge::begins));
        List<Violation> violations = new ArrayList<>();
        Set<Interval> held = new HashSet<>();
        int permits = 0;
        for (Edge edge : edges) {
            if (!edge.begins) {
                held.remove(edge.interval);
                permits -= edge.interval.permits;
                continue;
            }
            held.add(edge.interval);
            permits += edge.interval.permits;
            int limit = edge.interval.grant.call().limit();
            if (permits > limit) {
                List<Operation> evidence =
                        held.stream().map(each -> each.grant.operation()).toList();
                violations.add(
                        new Violation(name(), key, permits + " permits of " + limit + " were held at once", evidence));
            }
        }
        return violations;
    }
}
