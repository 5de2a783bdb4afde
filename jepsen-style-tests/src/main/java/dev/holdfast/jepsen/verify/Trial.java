package dev.holdfast.jepsen.verify;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.SmallestHistory.Found;
import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.RealCluster;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.invariant.Invariant;
import dev.holdfast.jepsen.invariant.Violation;
import dev.holdfast.jepsen.verify.Fault.Spared;
import dev.holdfast.jepsen.verify.TrialReport.FaultReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Starts a cluster and clients, inflicts faults, and judges the outcome. */
final class Trial {
    /** So long that not even a very slow machine is taken for a cluster that has stopped. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final TrialPlan plan;
    private final String database;
    private final TrialWatch watch;
    private final List<Window> windows = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /** A fault: when it began, when it was put right, and when it was over. */
    private record Window(
            Fault fault, long fromNanos, long healedNanos, long untilNanos, Bystander.Seen seen, String note) {}

    /**
     * @param database the JDBC URL of a database for the kinds that need one
     * @param watch is given a line for each thing that happens
     */
    Trial(TrialPlan plan, String database, TrialWatch watch) {
        this.plan = plan;
        this.database = database;
        this.watch = watch;
    }

    /** @param folder empty; the histories and the peers' logs stay there */
    TrialReport run(Path folder) throws Exception {
        long began = System.nanoTime();
        Files.createDirectories(folder);
        ClusterPlan clusterPlan = ClusterPlan.of(plan.peers()).groups(plan.groups());
        if (plan.tls()) {
            clusterPlan = clusterPlan.overTls();
        }
        for (Fault fault : plan.faults()) {
            clusterPlan = fault.needs().apply(clusterPlan);
        }
        List<Path> folders = new ArrayList<>();
        step(TrialWatch.START);
        try (RealCluster cluster = RealCluster.start(clusterPlan);
                Clients clients = Clients.start(plan.kind(), cluster, plan.seed(), folder, database);
                Bystander bystander = Bystander.connect(cluster.servers());
                Crowd crowd = new Crowd(cluster.servers(), folder)) {
            Random random = new Random(plan.seed());
            Target target = new Target(cluster, clients, bystander, crowd, random);
            try {
                clients.awaitGrants(plan.grantsBetween(), PATIENCE);
                watch.ended(TrialWatch.START);
                for (Fault fault : plan.faults()) {
                    step(fault.name());
                    inflict(fault, target);
                    watch.ended(fault.name());
                }
                step(TrialWatch.FINISH);
                clients.stop();
                cluster.awaitEqualStates(PATIENCE);
                List<Path> last = clients.folders();
                failures.addAll(new Aftermath(cluster, plan.kind())
                        .keysThatCannotBeAcquired(Clients.history(last.get(last.size() - 1))));
            } catch (IOException | IllegalStateException | LockException e) {
                failures.add(String.valueOf(e.getMessage()));
            }
            folders.addAll(clients.folders());
            cluster.copyLogs(folder);
        }
        watch.ended(TrialWatch.FINISH);
        step(TrialWatch.JUDGE);
        // After a failure some callers were cut short: only now is everything recorded.
        List<Operation> all = new ArrayList<>();
        List<KeyReport> keys = new ArrayList<>();
        Map<KeyReport, Found> smallest = new HashMap<>();
        List<Violation> violations = new ArrayList<>();
        List<List<Operation>> histories = new ArrayList<>();
        for (Path each : folders) {
            List<Operation> history = Clients.history(each);
            String repeated = Successors.complaint(all, history);
            if (repeated != null) {
                failures.add(repeated);
            }
            all.addAll(history);
            histories.add(history);
        }
        for (List<Operation> part : Successors.parts(histories)) {
            List<KeyReport> judged = Judge.judge(part);
            keys.addAll(judged);
            smallest.putAll(Judge.smallest(part, judged));
            violations.addAll(Invariant.checkAll(part));
        }
        List<FaultReport> faults = reports(all, began);
        watch.ended(TrialWatch.JUDGE);
        return new TrialReport(
                plan,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                all.size(),
                (int) all.stream().filter(Operation::isUnknown).count(),
                faults,
                Course.of(all, faults),
                keys,
                smallest,
                violations,
                failures);
    }

    private void step(String name) {
        watch.began(name);
        watch.says(name + " ...");
    }

    private void inflict(Fault fault, Target target) throws Exception {
        target.begin();
        target.bystander.watch();
        long from = System.nanoTime();
        fault.inflict().on(target);
        TimeUnit.NANOSECONDS.sleep(fault.lasts().toNanos());
        Spared spared = target.isLeaderGone() ? Spared.NOT : fault.bystander();
        Bystander.Seen before = target.bystander.seen();
        if (spared == Spared.UNTIL_HEALED) {
            judge(fault, target.bystander.loss());
        }
        fault.heal().on(target);
        target.clients.revive();
        long healed = System.nanoTime();
        target.clients.awaitGrants(plan.grantsBetween(), PATIENCE);
        judge(fault, spared == Spared.THROUGHOUT ? target.bystander.loss() : target.bystander.falseBelief());
        Bystander.Seen seen = spared == Spared.UNTIL_HEALED ? before : target.bystander.seen();
        Window window = new Window(fault, from, healed, System.nanoTime(), seen, target.note());
        windows.add(window);
        watch.says(Summary.bystander(report(window, new long[0], from)));
    }

    private void judge(Fault fault, @Nullable String complaint) {
        if (complaint != null) {
            failures.add(fault + ": " + complaint);
        }
    }

    /** @param otherwise when the history begins if it is empty */
    private List<FaultReport> reports(List<Operation> history, long otherwise) {
        long zero = Course.beginOf(history, otherwise);
        long[] grants = history.stream()
                .filter(operation -> operation.result() instanceof Result.Granted)
                .mapToLong(Operation::completedNanos)
                .sorted()
                .toArray();
        return windows.stream().map(window -> report(window, grants, zero)).toList();
    }

    private static FaultReport report(Window window, long[] grants, long zeroNanos) {
        return new FaultReport(
                window.fault.name(),
                TimeUnit.NANOSECONDS.toMillis(window.fromNanos - zeroNanos),
                TimeUnit.NANOSECONDS.toMillis(window.healedNanos - window.fromNanos),
                TimeUnit.NANOSECONDS.toMillis(window.untilNanos - window.fromNanos),
                TimeUnit.NANOSECONDS.toMillis(longestGap(grants, window)),
                window.seen.silenceMs(),
                window.seen.slowestKeepAliveMs(),
                window.note);
    }

    private static long longestGap(long[] grants, Window window) {
        long longest = 0;
        long before = window.fromNanos;
        for (long nanos : grants) {
            if (nanos >= window.fromNanos && nanos <= window.untilNanos) {
                longest = Math.max(longest, nanos - before);
                before = nanos;
            }
        }
        return Math.max(longest, window.untilNanos - before);
    }
}
