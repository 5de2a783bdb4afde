package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.verify.Course.Latency;
import dev.holdfast.jepsen.verify.TrialReport.FaultReport;
import dev.holdfast.jepsen.workload.Kind;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class CourseTest {
    private static final Call.Acquire ACQUIRE = new Call.Acquire("o", 1, 1, false, Call.Lease.TTL, 5000);
    private static final long MS = 1_000_000;
    private static final long BEGAN = 77_000_000_000L;

    private static Operation acquire(long atMs, long tookMs, Result result) {
        return new Operation(
                1,
                "p1-0",
                ACQUIRE,
                result,
                BEGAN + atMs * MS,
                result instanceof Result.Unknown ? Operation.NEVER : BEGAN + (atMs + tookMs) * MS);
    }

    private static FaultReport fault(String name, long startedMs, long healedMs, long lastedMs) {
        return new FaultReport(name, startedMs, healedMs, lastedMs, 900, 800, 70, "");
    }

    @Test
    void operations_are_counted_by_what_they_were_and_how_they_ended() {
        Course course = Course.of(
                List.of(
                        acquire(0, 10, new Result.Granted(1, 1)),
                        acquire(20, 30, new Result.Refused()),
                        acquire(40, 2, new Result.Failed("no leader")),
                        acquire(60, 0, new Result.Unknown("lost")),
                        acquire(100, 100, new Result.Granted(2, 1)),
                        new Operation(1, "p1-0", new Call.ForceRelease(), new Result.Done(), BEGAN, BEGAN + 5 * MS),
                        new Operation(1, "p1-0", new Call.Believe("o", 1), new Result.Done(), BEGAN, BEGAN + 1)),
                List.of());
        assertThat(course.seconds()).isCloseTo(0.2, within(1e-9));
        assertThat(course.latencies())
                .extracting(latency -> latency.operation() + " " + latency.outcome() + " " + latency.count())
                .containsExactly(
                        "acquire done 2",
                        "acquire refused 1",
                        "acquire failed 1",
                        "acquire unknown 1",
                        "force-release done 1");
        Latency granted = course.latencies().get(0);
        assertThat(granted.p50()).isEqualTo(10);
        assertThat(granted.p99()).isEqualTo(100);
        assertThat(granted.bins()).extracting(Course.Bin::number).containsExactly(0, Course.BINS / 2);
    }

    @Test
    void the_longest_gap_begins_with_a_grant_and_may_last_until_the_end() {
        List<Operation> history = List.of(
                acquire(0, 1000, new Result.Granted(1, 1)),
                acquire(1000, 200, new Result.Granted(2, 1)),
                acquire(1200, 300, new Result.Granted(3, 1)));
        assertThat(Course.of(history, List.of()).longestGap()).isEqualTo(new Course.Gap(1.2, 1.5));
        Course.Gap atTheEnd =
                Course.of(history, List.of(fault("kill-all", 1400, 10, 600))).longestGap();
        assertThat(atTheEnd).isEqualTo(new Course.Gap(1.5, 2.0));
        assertThat(Course.of(List.of(), List.of()).longestGap().seconds()).isZero();
    }

    @Test
    void every_grant_is_in_a_bin() {
        Random random = new Random(1);
        List<Operation> history = IntStream.range(0, 5000)
                .mapToObj(i -> acquire(random.nextInt(60_000), 1, new Result.Granted(i + 1, 1)))
                .toList();
        List<Integer> grants = Course.of(history, List.of()).grants();
        assertThat(grants).hasSize(Course.BINS);
        assertThat(grants.stream().mapToInt(Integer::intValue).sum()).isEqualTo(5000);
    }

    @Test
    void a_page_does_not_grow_with_the_length_of_a_trial() throws Exception {
        assertThat(drawn(20_000).length()).isLessThan(2 * drawn(4_000).length()).isLessThan(400_000);
    }

    /** A trial of that many operations of several kinds, with all outcomes. */
    private static String drawn(int operations) {
        Random random = new Random(2);
        List<Operation> history = new ArrayList<>();
        for (int i = 0; i < operations; i++) {
            Result result = List.of(
                            new Result.Granted(i + 1, 1),
                            new Result.Refused(),
                            new Result.Failed("f"),
                            new Result.Unknown("u"))
                    .get(random.nextInt(4));
            Call call = List.of(ACQUIRE, new Call.Inspect(), new Call.Release("o", 1, 0), new Call.Write(1, 1))
                    .get(random.nextInt(4));
            long at = BEGAN + i * MS;
            history.add(new Operation(
                    1,
                    "k",
                    call,
                    result,
                    at,
                    result instanceof Result.Unknown ? Operation.NEVER : at + random.nextInt(1_000_000_000)));
        }
        return new CoursePlots("t", Course.of(history, List.of()), List.of()).draw();
    }

    @Test
    void the_drawing_is_well_formed_and_says_in_words_what_it_shows() throws Exception {
        List<Operation> history = List.of(
                acquire(0, 10, new Result.Granted(1, 1)),
                acquire(500, 0, new Result.Unknown("lost")),
                acquire(2000, 30, new Result.Granted(2, 1)));
        List<FaultReport> faults = List.of(fault("kill <all>", 100, 1500, 1900));
        CoursePlots plots = new CoursePlots("trial-1", Course.of(history, faults), faults);
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader("<div>" + plots.draw() + plots.tables() + "</div>")));
        NodeList drawings = document.getElementsByTagName("svg");
        assertThat(drawings.getLength()).isEqualTo(2);
        String said = document.getElementsByTagName("desc").item(0).getTextContent();
        assertThat(said).contains("2 grants in 2 s", "longest time without one is 2.0 s, from 0.0 s on");
        assertThat(document.getElementsByTagName("desc").item(1).getTextContent())
                .contains("2 done: p50 10 ms, p99 30 ms", "1 of unknown outcome");
        assertThat(plots.draw())
                .contains("kill &lt;all&gt;", "longest gap 2.0 s")
                .doesNotContain("<all>");
        assertThat(plots.tables()).contains("kill &lt;all&gt;", "1.5 s", "1.9 s", "900 ms");
    }

    @Test
    void of_very_many_trials_the_failed_ones_and_the_latest_are_drawn() throws Exception {
        try (Verification verification = new Verification(java.nio.file.Path.of("unused"), line -> {})) {
            for (int i = 0; i < 100; i++) {
                List<String> failures = i == 3 ? List.of("something was wrong") : List.of();
                verification.add(new TrialReport(
                        new TrialPlan(Kind.MUTEX, 3, 1, List.of(), 1, i),
                        1,
                        0,
                        0,
                        List.of(),
                        Course.of(List.of(), List.of()),
                        List.of(),
                        Map.of(),
                        List.of(),
                        failures));
            }
            String page = Html.page(verification);
            assertThat(page.split("<section ", -1)).hasSize(Html.TRIALS_DRAWN_MAX + 1);
            assertThat(page)
                    .contains("id=\"trial-4\"", "id=\"trial-100\"", "Of 100 trials, 40 are drawn")
                    .doesNotContain("id=\"trial-5\"");
        }
    }
}
