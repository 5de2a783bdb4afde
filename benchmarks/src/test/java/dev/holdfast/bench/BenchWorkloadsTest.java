package dev.holdfast.bench;

import static dev.holdfast.bench.BenchRun.figure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.bench.cluster.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Short runs of every workload on real clusters: that something is measured, not how fast it is. */
@Tag("long")
class BenchWorkloadsTest {
    private static final int SECONDS = 3;

    /** For the first pair of new processes. */
    private static final int FROM_COLD_SECONDS = 10;

    @Test
    void callers_in_the_process_of_their_peers_acquire_locks_and_permits() {
        List<Row> rows = BenchRun.rows(SECONDS, "--where", "jvm", "--workloads", "own,one,semaphore", "--callers", "2");
        assertThat(rows).extracting(Row::workload).containsExactly("own", "one", "semaphore");
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.load().pairsPerSecond()).isPositive();
            assertThat(row.load().errors()).isZero();
            assertThat(row.load().pairP99()).isGreaterThanOrEqualTo(row.load().pairP50());
        });
    }

    @Test
    void callers_beside_a_follower_and_behind_a_thin_client_acquire_locks_and_keep_them() {
        List<Row> rows = BenchRun.rows(
                SECONDS, "--where", "thin,follower", "--workloads", "own,holds", "--callers", "2", "--holds", "20000");
        assertThat(rows).extracting(Row::title).hasSize(3).doesNotHaveDuplicates();
        assertThat(rows).allSatisfy(row -> assertThat(row.perSecond()).isPositive());
        Row.HoldsResult holds = rows.get(1).holds();
        assertThat(holds.leaderBytesPerHold()).isPositive();
        assertThat(holds.clientBytesPerHold()).isPositive();
    }

    @Test
    void the_price_of_tls_is_measured() {
        List<Row> rows = BenchRun.rows(SECONDS, "--where", "thin,jvm", "--workloads", "own", "--callers", "2", "--tls");
        assertThat(rows).extracting(Row::build).containsExactly("plain", "TLS", "plain", "TLS");
        assertThat(rows).allSatisfy(row -> assertThat(row.perSecond()).isPositive());
        assertThat(Comparison.ratios(rows)).hasSize(2).allMatch(line -> line.endsWith("per second as without TLS"));
    }

    @Test
    void the_gap_after_a_kill_of_the_leader_is_measured() {
        Row row = onlyRow("--workloads", "leader-killed", "--kills", "1");
        assertThat(row.place()).isEqualTo(Place.THIN);
        assertThat(figure(row, "gap median")).isPositive();
        assertThat(figure(row, "gap of the unluckiest caller median"))
                .isGreaterThanOrEqualTo(figure(row, "gap median"));
        assertThat(figure(row, "errors")).isNotNegative();
    }

    @Test
    void the_lock_of_a_process_that_is_killed_goes_to_the_next_waiter() {
        Row row = onlyRow("--workloads", "holder-killed", "--leases", "2000", "--holder-kills", "1");
        assertThat(figure(row, "lease")).isEqualTo(2000);
        assertThat(figure(row, "kill to grant median")).isPositive();
    }

    @Test
    void the_cost_of_idle_sessions_is_measured() {
        Row row = onlyRow("--workloads", "sessions", "--idle-seconds", "1", "--sessions", "20", "--connections", "2");
        assertThat(figure(row, "processor time of all peers, first")).isNotNegative();
        assertThat(figure(row, "processor time of all peers, 9 s later")).isNotNegative();
        assertThat(figure(row, "log entries, 9 s later")).isNotNegative();
    }

    @Test
    void idle_sessions_are_opened_in_a_cluster_of_several_groups() {
        Row row = onlyRow(
                "--workloads",
                "sessions",
                "--idle-seconds",
                "1",
                "--sessions",
                "20",
                "--connections",
                "2",
                "--groups",
                "2");
        assertThat(figure(row, "sessions")).isEqualTo(20);
    }

    @Test
    void growth_and_the_restart_of_a_peer_are_measured() {
        List<Row> rows = BenchRun.rows(
                SECONDS,
                "--workloads",
                "growth,restart",
                "--growth-holds",
                "9",
                "--growth-waiters",
                "1",
                "--restart-holds",
                "9");
        assertThat(rows).extracting(Row::workload).containsExactly("growth", "growth", "restart");
        assertThat(figure(rows.get(0), "hand-overs")).isNotNegative();
        assertThat(figure(rows.get(1), "pairs")).isNotNegative();
        assertThat(figure(rows.get(2), "snapshot")).isPositive();
        assertThat(figure(rows.get(2), "process started to peer ready")).isPositive();
    }

    @Test
    void the_gap_of_a_rolling_restart_is_measured() {
        Row row = onlyRow("--workloads", "rolling-restart", "--rounds", "1");
        assertThat(row.callers()).isEqualTo(8);
        assertThat(figure(row, "restarts")).isEqualTo(3);
        assertThat(figure(row, "gap, thin client median")).isPositive();
        assertThat(figure(row, "gap, another member median")).isPositive();
        assertThat(figure(row, "stop median")).isPositive();
    }

    @Test
    void with_a_rate_no_more_pairs_are_begun_than_that() {
        Row row = onlyRow("--where", "jvm", "--workloads", "own", "--callers", "2", "--rate", "5");
        // Far fewer than without a rate; those that were due while the session was being opened come late, in one go.
        assertThat(row.load().pairsPerSecond()).isBetween(1.0, 60.0);
    }

    @Test
    void a_caller_is_measured_from_the_start_of_all_processes_and_at_ten_pairs_a_second() {
        List<Row> rows = BenchRun.rows(
                FROM_COLD_SECONDS, "--workloads", "cold,paced", "--cold-seconds", "6", "--paced-seconds", "15");
        assertThat(rows)
                .extracting(row -> row.what(" "))
                .containsExactly("cold 0-5 s", "cold warm", "cold", "paced 0-10 s");
        assertThat(rows.get(1).load().pairsPerSecond()).isPositive();
        assertThat(figure(rows.get(2), "of the warm rate in 0-5 s")).isNotNegative();
        assertThat(rows.get(3).load().grantsMost()).isLessThanOrEqualTo(101);
        assertThat(rows.get(3).load().pairP90())
                .isGreaterThanOrEqualTo(rows.get(3).load().pairP50());
        if (Files.exists(Path.of("/proc/stat"))) {
            assertThat(rows).allSatisfy(row -> assertThat(row.cpu().jit()).isPositive());
        }
    }

    @Test
    void a_caller_is_measured_while_other_processes_take_every_processor() {
        List<Row> rows = BenchRun.rows(FROM_COLD_SECONDS, "--workloads", "busy");
        assertThat(rows).extracting(row -> row.what(" ")).containsExactly("busy quiet", "busy busy", "busy");
        assertThat(rows.get(1).load().pairsPerSecond()).isPositive();
        assertThat(figure(rows.get(2), "of the quiet rate")).isNotNegative();
        assertThat(figure(rows.get(2), "busy processes"))
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(figure(rows.get(2), "which used")).isPositive();
    }

    @Test
    void callers_in_each_of_three_processes_are_measured_together_and_apart() {
        List<Row> rows = BenchRun.rows(FROM_COLD_SECONDS, "--workloads", "embedded", "--embedded-callers", "2");
        assertThat(rows).extracting(Row::title).hasSize(8).doesNotHaveDuplicates();
        assertThat(rows).extracting(Row::where).startsWith("leader", "follower", "follower", "all");
        assertThat(rows.get(3).perSecond())
                .isCloseTo(
                        rows.subList(0, 3).stream().mapToDouble(Row::perSecond).sum(), within(0.001));
        assertThat(rows.get(7).callers()).isEqualTo(24);
        assertThat(rows.get(7).perSecond()).isPositive();
    }

    private static Row onlyRow(String... arguments) {
        List<Row> rows = BenchRun.rows(SECONDS, arguments);
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }
}
