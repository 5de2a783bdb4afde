package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import dev.holdfast.bench.cluster.Place;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Short runs on real clusters: that something is measured, not how fast it is. */
class BenchCommandTest {
    private final StringWriter errors = new StringWriter();
    private int status;

    private String bench(String... arguments) {
        StringWriter printed = new StringWriter();
        status = BenchCommand.commandLine()
                .setOut(new PrintWriter(printed, true))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments);
        return printed.toString();
    }

    private BenchReport measure(String... arguments) {
        String[] all = Stream.concat(
                        Stream.of("--json", "--seconds", "1", "--windows", "1", "--warm-up", "0", "--prewarm", "0"),
                        Stream.of(arguments))
                .toArray(String[]::new);
        String json = bench(all);
        assertThat(status).as("%s", errors).isZero();
        return new Gson().fromJson(json, BenchReport.class);
    }

    @Test
    void callers_beside_their_peers_get_locks_and_permits() {
        BenchReport report = measure("--where", "jvm", "--workloads", "own,one,semaphore", "--callers", "2");
        assertThat(report.rows()).extracting(Row::workload).containsExactly("own", "one", "semaphore");
        assertThat(report.rows()).allSatisfy(row -> {
            assertThat(row.load().pairsPerSecond()).isPositive();
            assertThat(row.load().errors()).isZero();
            assertThat(row.load().pairP99()).isGreaterThanOrEqualTo(row.load().pairP50());
        });
        assertThat(report.fsync().p50Ms()).isPositive();
    }

    @Test
    void callers_in_a_process_of_the_cluster_and_in_a_thin_client_get_locks_and_keep_them() {
        BenchReport report =
                measure("--where", "thin,follower", "--workloads", "own,holds", "--callers", "2", "--holds", "2000");
        assertThat(report.rows()).extracting(Row::title).hasSize(3).doesNotHaveDuplicates();
        assertThat(report.rows()).allSatisfy(row -> assertThat(row.perSecond()).isPositive());
        Row.HoldsResult holds = report.rows().get(1).holds();
        assertThat(holds.leaderBytesPerHold()).isPositive();
        assertThat(holds.clientBytesPerHold()).isPositive();
    }

    private static double figure(Row row, String name) {
        return row.figures().stream()
                .filter(figure -> figure.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value();
    }

    @Test
    void a_leader_that_is_killed_is_missed_for_a_while_and_comes_back() {
        Row row = measure("--workloads", "leader-killed", "--kills", "1").rows().get(0);
        assertThat(row.place()).isEqualTo(Place.THIN);
        assertThat(figure(row, "gap median")).isPositive();
        assertThat(figure(row, "gap of the unluckiest caller median"))
                .isGreaterThanOrEqualTo(figure(row, "gap median"));
        assertThat(figure(row, "errors")).isNotNegative();
    }

    @Test
    void the_lock_of_a_process_that_is_killed_goes_to_the_next() {
        Row row = measure("--workloads", "holder-killed", "--leases", "600", "--holder-kills", "1")
                .rows()
                .get(0);
        assertThat(figure(row, "lease")).isEqualTo(600);
        assertThat(figure(row, "kill to grant median")).isPositive();
    }

    @Test
    void a_cluster_is_watched_that_has_sessions_only() {
        Row row = measure("--workloads", "sessions", "--idle-seconds", "1", "--sessions", "20", "--connections", "2")
                .rows()
                .get(0);
        assertThat(figure(row, "processor time of all peers, first")).isNotNegative();
        assertThat(figure(row, "processor time of all peers, 9 s later")).isNotNegative();
        assertThat(figure(row, "log entries, 9 s later")).isNotNegative();
    }

    @Test
    void sessions_are_of_all_groups() {
        Row row = measure(
                        "--workloads",
                        "sessions",
                        "--idle-seconds",
                        "1",
                        "--sessions",
                        "20",
                        "--connections",
                        "2",
                        "--groups",
                        "2")
                .rows()
                .get(0);
        assertThat(figure(row, "sessions")).isEqualTo(20);
    }

    @Test
    void a_cluster_grows_and_a_peer_of_it_is_started_again() {
        BenchReport report = measure(
                "--workloads",
                "growth,restart",
                "--growth-holds",
                "9",
                "--growth-waiters",
                "1",
                "--restart-holds",
                "9");
        assertThat(report.rows()).extracting(Row::workload).containsExactly("growth", "growth", "restart");
        assertThat(figure(report.rows().get(0), "hand-overs")).isNotNegative();
        assertThat(figure(report.rows().get(1), "pairs")).isNotNegative();
        assertThat(figure(report.rows().get(2), "snapshot")).isPositive();
        assertThat(figure(report.rows().get(2), "process started to peer ready"))
                .isPositive();
    }

    @Test
    void with_a_rate_no_more_is_begun_than_that() {
        BenchReport report = measure("--where", "jvm", "--workloads", "own", "--callers", "2", "--rate", "5");
        assertThat(report.rows().get(0).load().pairsPerSecond()).isBetween(1.0, 60.0);
    }

    @Test
    void wrong_options_are_told_in_a_line() {
        for (List<String> wrong : List.of(
                List.of("--callers", "0"),
                List.of("--workloads", "nothing"),
                List.of("--seconds", "0"),
                List.of("--where", "mars"),
                List.of("--micro", "--where", "thin"),
                List.of("--micro", "--against", "../older"),
                List.of("--kills", "0"),
                List.of("--leases", "1"),
                List.of("--sessions", "0"),
                List.of("--growth-waiters", "0"),
                List.of("--restart-holds", "3000000"),
                List.of("--where", "jvm", "--workloads", "idle"),
                List.of("--against", "elsewhere", "--workloads", "own,idle"))) {
            bench(wrong.toArray(String[]::new));
            assertThat(status).as("%s", wrong).isEqualTo(CommandLine.ExitCode.USAGE);
            assertThat(errors.toString()).contains("holdfast bench: ", "--help");
        }
    }

    @Test
    void a_checkout_that_is_not_built_is_told() {
        bench("--against", "there/is/none");
        assertThat(status).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(errors.toString()).contains("build that checkout first");
    }
}
