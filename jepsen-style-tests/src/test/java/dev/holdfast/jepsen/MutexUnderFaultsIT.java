package dev.holdfast.jepsen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.jepsen.checker.Expiries;
import dev.holdfast.jepsen.checker.LinearizabilityChecker;
import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.LockModel;
import dev.holdfast.jepsen.checker.Refusals;
import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.cluster.RealCluster;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.workload.MutexWorkload;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Thin clients contend for mutexes on three processes, of which leaders are killed and paused; the history is checked. */
class MutexUnderFaultsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long STEPS_MAX = 100_000_000;
    private static final int GRANTS_BETWEEN_FAULTS = 150;

    @Test
    void the_history_is_linearizable_though_leaders_are_killed_and_paused() throws Exception {
        long seed = System.nanoTime();
        List<Operation> history;
        try (RealCluster cluster = RealCluster.start(ClusterPlan.of(3));
                MutexWorkload workload = MutexWorkload.start(cluster.servers(), 3, 2, seed)) {
            awaitGrants(workload);

            Peer killed = cluster.leader();
            cluster.kill(killed);
            awaitGrants(workload);
            cluster.start(killed);
            awaitGrants(workload);

            Peer paused = cluster.leader();
            cluster.pause(paused);
            awaitGrants(workload);
            cluster.resume(paused);
            awaitGrants(workload);

            for (Peer peer : cluster.peers()) {
                cluster.kill(peer);
            }
            for (Peer peer : cluster.peers()) {
                cluster.start(peer);
            }
            awaitGrants(workload);

            workload.stop();
            cluster.awaitEqualStates(PATIENCE);
            history = workload.recorder().history();
        }
        List<KeyReport> reports = new LinearizabilityChecker<>(
                        new LockModel(new Refusals(history)), Expiries::addTo, STEPS_MAX)
                .check(history);
        System.out.printf(
                "MutexUnderFaultsIT: %d operations, %d of unknown outcome, on %d keys; seed %d%n",
                history.size(), history.stream().filter(Operation::isUnknown).count(), reports.size(), seed);
        assertThat(reports)
                .allSatisfy(report -> assertThat(report.verdict())
                        .as("%s until completion %d of %s", report.key(), report.failingPrefix(), report.operations())
                        .isEqualTo(Verdict.OK));
    }

    private static void awaitGrants(MutexWorkload workload) {
        long before = grants(workload);
        await("grants").atMost(PATIENCE).until(() -> grants(workload) >= before + GRANTS_BETWEEN_FAULTS);
    }

    private static long grants(MutexWorkload workload) {
        return workload.recorder().history().stream()
                .filter(operation -> operation.result() instanceof Result.Granted)
                .count();
    }
}
