package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.LoadCourse;
import dev.holdfast.bench.load.LoadCourse.Percentile;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.trial.Figure;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class BenchPageTest {
    private static final List<Percentile> TIMES = List.of(
            new Percentile(0, 0.5),
            new Percentile(50, 1.25),
            new Percentile(90, 2),
            new Percentile(99, 9),
            new Percentile(99.9, 47),
            new Percentile(100, 120));

    @TempDir
    Path folder;

    private static Row row(String workload, int callers, double rate) {
        LoadCourse course = new LoadCourse(1, 2, List.of(0.0, 10.0, 700.0, 480.0), TIMES, TIMES);
        LoadResult load = new LoadResult(rate, 0.7, 5, 1.25, 2, 9, 120, 3, 4, 0, List.of(), course);
        return new Row("", Place.THIN, workload, "", callers, load, null, List.of(), new CpuShares(2, 7));
    }

    private static String page(List<Others> others, Row... rows) {
        BenchReport report = new BenchReport(new Fsync(0.1, 0.2), List.of(rows));
        return new BenchPage(report, others, "2026-12-01 10:00", "2 processors <&>").draw();
    }

    private static String besideOf(String page) {
        return page.substring(page.indexOf("<h2>Beside other products"), page.indexOf("<section"));
    }

    @Test
    void each_load_has_its_percentiles_and_its_rate_in_pictures_and_in_words() throws Exception {
        String page = page(List.of(), row("own", 16, 590));
        assertThat(page)
                .contains("thin, own, 16 callers", "590 pairs a second, disturbed by other processes")
                .contains("47 ms", "120 ms", "2 processors &lt;&amp;&gt;", "2026-12-01 10:00")
                .doesNotContain("<&>", "http:", "https:");
        String drawings = page.substring(page.indexOf("<section"), page.lastIndexOf("</main>"));
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader("<div>" + drawings + "</div>")));
        assertThat(document.getElementsByTagName("svg").getLength()).isEqualTo(2);
        assertThat(document.getElementsByTagName("desc").item(0).getTextContent())
                .isEqualTo("After 2 s of warm-up, between 480 and 700 pairs a second in the bins of 1.0 s.");
        assertThat(document.getElementsByTagName("desc").item(1).getTextContent())
                .contains("p50 1.25 ms", "p99.9 47 ms", "slowest 120 ms");
    }

    @Test
    void other_products_are_shown_with_where_their_figures_are_from_and_when_they_were_measured() {
        String beside = besideOf(page(List.of(Others.published()), row("own", 64, 20_000), row("own", 3, 100)));
        assertThat(beside)
                .contains("What is marked as now was measured by this run, and nothing else")
                .contains("docs/performance.md, Beside others: measured 2026-11-26, on 2 processors")
                .contains(
                        "pairs of 64 callers",
                        "Hazelcast 5.3.8",
                        "23,806",
                        "ZooKeeper 3.9.4",
                        "3,015",
                        "20,000",
                        "as it was then",
                        "23,194")
                .contains("now, disturbed by other processes")
                .doesNotContain("3 callers", "11,439");
        assertThat(beside.split("2026-11-26", -1)).hasSize(5);
    }

    @Test
    void where_nothing_comparable_was_measured_nobody_is_beside() {
        Row follower =
                new Row("", Place.FOLLOWER, "own", "", 64, row("own", 64, 5).load(), null, List.of(), null);
        Row kills = new Row(
                "", Place.THIN, "leader-killed", "", 16, null, null, List.of(new Figure("gap", 700, "ms")), null);
        assertThat(page(List.of(Others.published()), follower, kills))
                .contains("leader-killed: gap 700 ms")
                .doesNotContain("Beside other products", "Hazelcast");
    }

    @Test
    void a_row_of_an_older_build_has_no_picture() {
        LoadResult older = new LoadResult(1900, 1, 2, 50, 0, 70, 80, 3, 4, 0, List.of());
        assertThat(page(List.of(), new Row("other", Place.THIN, "own", "", 1, older, null, List.of(), null)))
                .contains("other", "1,900")
                .doesNotContain("<section", "href=");
    }

    /** Nobody is to mistake a figure that nobody measured for one. */
    @Test
    void the_published_figures_are_those_of_the_document() throws IOException {
        Map<String, List<Double>> documented = new TreeMap<>();
        String text = Files.readString(Path.of("..", "docs", "performance.md"));
        String section = text.substring(text.indexOf("## Beside others"));
        assertThat(section).contains("(" + Others.published().date());
        Matcher line = Pattern.compile(
                        "(?m)^\\| (?:pairs|grants|permits)/s, (.*?) \\| ([\\d,]+) \\| ([\\d,]+) \\| ([\\d,]+) \\|$")
                .matcher(section);
        while (line.find()) {
            documented.put(line.group(1).replaceAll("\\D.*", ""), List.of());
            for (int group = 2; group <= 4; group++) {
                double figure = Double.parseDouble(line.group(group).replace(",", ""));
                assertThat(Others.published().measured()).as(line.group()).anyMatch(each -> each.perSecond() == figure);
            }
        }
        assertThat(documented).containsOnlyKeys("1", "16", "64", "256");
        assertThat(Others.published().measured()).hasSize(18);
    }

    @Test
    void the_file_of_a_comparison_is_understood_and_of_two_measurements_the_later_counts() throws IOException {
        Path file = Files.writeString(folder.resolve("run.json"), """
                {"date":"2026-01-02T03:04:05Z","cpus":4,"results":[
                {"peer":"x","workload":"facts","variant":"","version":"Product X 1.2, all of it"},
                {"peer":"x","workload":"W1","variant":"failed","error":"it ended"},
                {"peer":"x","workload":"W1","variant":"n16","callers":16,"per_s":10,"others_cpu":3},
                {"peer":"x","workload":"W1","variant":"n16","callers":16,"per_s":20.5,"pair_p50_ms":3,"pair_p99_ms":4,"others_cpu":38},
                {"peer":"x","workload":"W4","variant":"kill-leader","median_ms":7}]}
                """);
        Others others = Others.read(file);
        assertThat(others.measured())
                .containsExactly(new Others.Measured("Product X 1.2", "own", 16, 20.5, 3, 4, true));
        assertThat(besideOf(page(List.of(others), row("own", 16, 590))))
                .contains(
                        "measured 2026-01-02T03:04:05Z, on 4 processors",
                        "Product X 1.2",
                        "20.5",
                        "2026-01-02T03:04:05Z, disturbed by other processes");
    }

    @Test
    void a_file_that_is_something_else_or_says_no_date_is_refused_in_one_line() throws IOException {
        for (String wrong : List.of("", "[]", "hello", "{\"results\":[]}", "{\"date\":\"x\",\"results\":[3]}")) {
            Path file = Files.writeString(folder.resolve("wrong.json"), wrong);
            assertThatThrownBy(() -> Others.read(file)).as(wrong).isInstanceOf(IOException.class);
            BenchRun run = BenchRun.of("--beside", file.toString());
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.errors()).startsWith("holdfast bench: --beside: ");
        }
    }

    @Test
    void a_report_never_gets_into_a_folder_that_has_something() throws IOException {
        Files.writeString(folder.resolve("precious"), "");
        BenchRun run = BenchRun.of("--report", folder.toString());
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.errors()).contains("is not empty", "--help");
    }
}
