package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {
    private static final int SECONDS = 3;

    @Test
    @Tag("long")
    void callers_of_a_cluster_in_this_process_acquire_and_release_one_lock() {
        List<Row> rows = BenchRun.rows(SECONDS, "--where", "jvm", "--workloads", "one");
        assertThat(rows).singleElement().satisfies(row -> {
            assertThat(row.workload()).isEqualTo("one");
            assertThat(row.load().pairsPerSecond()).isPositive();
            assertThat(row.load().pairP99()).isGreaterThanOrEqualTo(row.load().pairP50());
        });
    }

    @Test
    void wrong_options_are_refused_in_one_line() {
        for (List<String> wrong : List.of(
                List.of("--callers", "0"),
                List.of("--workloads", "nothing"),
                List.of("--seconds", "0"),
                List.of("--where", "mars"),
                List.of("--micro", "--where", "thin"),
                List.of("--micro", "--against", "../older"),
                List.of("--cold-seconds", "0"),
                List.of("--paced-seconds", "0"),
                List.of("--embedded-callers", "16,0"),
                List.of("--where", "jvm", "--workloads", "cold"),
                List.of("--workloads", "cold", "--tls"),
                List.of("--kills", "0"),
                List.of("--rounds", "0"),
                List.of("--leases", "1"),
                List.of("--sessions", "0"),
                List.of("--growth-waiters", "0"),
                List.of("--restart-holds", "3000000"),
                List.of("--where", "jvm", "--workloads", "idle"),
                List.of("--against", "elsewhere", "--workloads", "own,idle"))) {
            BenchRun run = BenchRun.of(wrong.toArray(String[]::new));
            assertThat(run.status()).as("%s", wrong).isEqualTo(CommandLine.ExitCode.USAGE);
            assertThat(run.errors()).contains("holdfast bench: ", "--help");
        }
    }

    @Test
    void what_is_no_checkout_is_refused() {
        BenchRun run = BenchRun.of("--against", "there/is/none");
        assertThat(run.status()).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(run.errors()).contains("not a checkout of Holdfast");
    }
}
