package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.cluster.Place;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchOptionsTest {
    @Test
    void what_starts_cold_is_not_part_of_the_default_run() {
        BenchOptions options = parse();
        assertThat(options.workloads).containsExactly("own", "one", "semaphore", "holds");
        assertThat(options.trialNames()).isEmpty();
    }

    @Test
    void a_child_gets_the_options_of_the_workloads_that_it_runs() {
        BenchOptions options = parse(
                "--workloads",
                "own,cold,embedded",
                "--cold-seconds",
                "7",
                "--embedded-callers",
                "2,3",
                "--against",
                "elsewhere");
        assertThat(options.complaint()).isNull();
        assertThat(options.forChild(Place.THIN))
                .containsSequence("--where", "thin", "--workloads", "own,cold,embedded")
                .containsSequence("--cold-seconds", "7")
                .containsSequence("--embedded-callers", "2,3")
                .doesNotContain("--paced-seconds");
        assertThat(options.forChild(Place.LEADER))
                .containsSequence("--where", "leader", "--workloads", "own")
                .doesNotContain("--cold-seconds");
    }

    @Test
    void nothing_is_run_where_there_are_no_callers_to_measure() {
        assertThat(parse("--workloads", "cold,paced,busy,embedded").workloadsAt(Place.LEADER))
                .isEmpty();
    }

    private static BenchOptions parse(String... arguments) {
        BenchOptions options = new BenchOptions();
        new CommandLine(options)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs(List.of(arguments).toArray(String[]::new));
        return options;
    }
}
