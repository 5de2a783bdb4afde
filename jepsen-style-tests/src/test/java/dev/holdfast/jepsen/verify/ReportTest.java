package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.invariant.Invariant;
import dev.holdfast.jepsen.workload.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Call.Acquire ALICE = new Call.Acquire("alice<&>", 1, 1, false, Call.Lease.TTL, 5000);
    private static final Call.Acquire BOB = new Call.Acquire("bob", 1, 1, false, Call.Lease.TTL, 5000);

    private static final List<TrialReport.FaultReport> FAULTS =
            List.of(new TrialReport.FaultReport("kill-leader", 1, 60, 100, 50, 700, 30, ""));

    @TempDir
    Path folder;

    /** Two holders at once. */
    private static List<Operation> wrongHistory() {
        return List.of(
                new Operation(1, "p1-0", ALICE, new Result.Granted(1, 1), 0, 1_000_000),
                new Operation(2, "p1-0", BOB, new Result.Granted(2, 1), 2_000_000, 3_000_000),
                new Operation(3, "p1-0", new Call.Inspect(), new Result.Unknown("lost"), 4_000_000, Operation.NEVER));
    }

    private static TrialReport report(List<Operation> history) {
        return report(history, List.of());
    }

    private static TrialReport report(List<Operation> history, List<String> failures) {
        return new TrialReport(
                new TrialPlan(Kind.MUTEX, 3, 1, List.of(), 1, 7),
                1,
                history.size(),
                1,
                FAULTS,
                Course.of(history, FAULTS),
                Judge.judge(history),
                Judge.smallest(history, Judge.judge(history)),
                Invariant.checkAll(history),
                failures);
    }

    @Test
    void a_double_grant_is_a_failure_in_every_form_of_the_report() throws Exception {
        TrialReport report = report(wrongHistory());
        assertThat(report.passed()).isFalse();
        assertThat(Summary.of(report)).startsWith("FAILED, 3 operations");
        assertThat(Summary.complaints(report))
                .hasSize(2)
                .anyMatch(line -> line.contains("2 permits of 1 were held at once"))
                .anyMatch(line -> line.equals("p1-0: not linearizable, as shown by its first 2 completions"));

        try (Verification verification = new Verification(folder, line -> {})) {
            verification.add(report);
            Path page = Report.write(verification, folder);
            JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("report.json")))
                    .getAsJsonObject();
            assertThat(json.get("passed").getAsBoolean()).isFalse();
            assertThat(json.getAsJsonArray("faultsExercised")).hasSize(1);
            assertThat(Files.readString(page))
                    .contains("FAILED", "p1-0: ILLEGAL", "process 2", "class=\"failing\"", "alice&lt;&amp;&gt;")
                    .doesNotContain("alice<");
        }
    }

    @Test
    void the_smallest_history_that_shows_it_is_drawn_and_told() throws Exception {
        List<Operation> history = new ArrayList<>(wrongHistory());
        Call.Acquire carol = new Call.Acquire("carol", 1, 1, false, Call.Lease.TTL, 5000);
        history.add(new Operation(4, "p1-0", carol, new Result.Refused(), 1_200_000, 1_300_000));
        TrialReport report = report(history);
        assertThat(report.smallest()).hasSize(1);
        report.smallest().forEach((key, found) -> {
            assertThat(found.operations()).extracting(Operation::call).containsExactly(ALICE, BOB);
            assertThat(Summary.smallest(key, found).get(0))
                    .isEqualTo(
                            "p1-0: no order of these explains all the answers, whatever became of the other operation");
        });
        try (Verification verification = new Verification(folder, line -> {})) {
            verification.add(report);
            String page = Files.readString(Report.write(verification, folder));
            String small = page.substring(page.indexOf("The smallest history"), page.indexOf("<details>"));
            assertThat(small)
                    .contains(
                            "process 1",
                            "process 2",
                            "acq 1",
                            "acq 2",
                            "2.0 ms to 3.0 ms, process 2: Acquire[owner=bob")
                    .doesNotContain("process 3", "process 4", "carol");
            assertThat(Files.readString(folder.resolve("report.json"))).contains("no order of these explains");
        }
    }

    @Test
    void everything_recorded_of_a_failing_key_is_evidence() {
        assertThat(Summary.evidence(report(wrongHistory())))
                .hasSize(3)
                .first()
                .asString()
                .startsWith("p1-0: 0.0 ms to 1.0 ms, process 1: Acquire[owner=alice<&>")
                .endsWith("-> Granted[token=1, count=1]");
    }

    @Test
    void a_bystander_that_lost_its_hold_is_a_failure_although_every_history_is_correct() throws Exception {
        TrialReport report = report(List.of(), List.of("heap: the bystander's hold with token 7 was lost"));
        assertThat(report.passed()).isFalse();
        assertThat(Summary.complaints(report)).containsExactly("heap: the bystander's hold with token 7 was lost");
        try (Verification verification = new Verification(folder, line -> {})) {
            verification.add(report);
            assertThat(verification.passed()).isFalse();
            assertThat(Files.readString(Report.write(verification, folder)))
                    .contains(
                            "the bystander's longest silence 700 ms, slowest keep-alive 30 ms",
                            "heap: the bystander's hold with token 7 was lost");
        }
    }

    @Test
    void a_correct_history_passes() {
        List<Operation> history = new ArrayList<>();
        history.add(new Operation(1, "p1-0", ALICE, new Result.Granted(1, 1), 0, 1));
        history.add(new Operation(1, "p1-0", new Call.Release("alice<&>", 1, 0), new Result.Done(), 2, 3));
        history.add(new Operation(2, "p1-0", BOB, new Result.Granted(2, 1), 4, 5));
        assertThat(report(history).passed()).isTrue();
        assertThat(report(history).keys())
                .singleElement()
                .satisfies(key -> assertThat(key.operations()).isEmpty());
        assertThat(Summary.complaints(report(history))).isEmpty();
        assertThat(Summary.evidence(report(history))).isEmpty();
    }

    @Test
    void wrong_options_are_refused_in_one_line() {
        for (List<String> wrong : List.of(
                List.of("--faults", "earthquake"),
                List.of("--workloads", "nothing"),
                List.of("--soak", "forever"),
                List.of("--peers", "2"))) {
            StringWriter errors = new StringWriter();
            int status = VerifyCommand.commandLine()
                    .setErr(new PrintWriter(errors, true))
                    .execute(Stream.concat(wrong.stream(), Stream.of("--report", folder.toString()))
                            .toArray(String[]::new));
            assertThat(status).as("%s", wrong).isEqualTo(2);
            assertThat(errors.toString()).startsWith("holdfast verify: ").contains("--help");
        }
    }
}
