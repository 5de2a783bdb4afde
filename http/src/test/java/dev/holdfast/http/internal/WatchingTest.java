package dev.holdfast.http.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The alert rules and the dashboard that come with the product ask for metrics that there are, and each alert is explained. */
class WatchingTest {
    private static final Path RULES = Path.of("../config/prometheus/alerts.yml");
    private static final Path OPERATIONS = Path.of("../docs/operations.md");
    private static final Pattern EXPRESSION = Pattern.compile("(?m)^ +expr: (.*)$");
    private static final Pattern METRIC = Pattern.compile("holdfast_[a-z_]+");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");

    private static final Path DASHBOARD = Path.of("../config/grafana/holdfast.json");
    private static final Pattern QUERY = Pattern.compile("(?m)^ +\"expr\": \"(.*)\",$");
    private static final Pattern SUFFIX_OF_SUMMARY = Pattern.compile("_(sum|count)$");

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(result -> result.group(result.groupCount()))
                .toList();
    }

    @Test
    void they_ask_for_metrics_that_there_are() throws IOException {
        assertThat(asked(EXPRESSION, RULES)).hasSizeGreaterThan(9).isSubsetOf(names());
    }

    @Test
    void the_dashboard_asks_for_metrics_that_there_are() throws IOException {
        assertThat(asked(QUERY, DASHBOARD)).hasSizeGreaterThan(20).isSubsetOf(names());
    }

    private static Set<String> names() {
        return Stream.concat(
                        Exports.ALL.stream()
                                .map(export -> export.metadata().getPrometheusName()
                                        + (export.kind() == Export.Kind.COUNTER ? "_total" : "")),
                        Stream.of("holdfast_ready", "holdfast_live"))
                .collect(Collectors.toSet());
    }

    private static List<String> asked(Pattern query, Path file) throws IOException {
        return found(query, Files.readString(file)).stream()
                .flatMap(expression -> METRIC.matcher(expression).results().map(MatchResult::group))
                .map(name -> SUFFIX_OF_SUMMARY.matcher(name).replaceFirst(""))
                .toList();
    }

    @Test
    void each_is_explained() throws IOException {
        String operations = Files.readString(OPERATIONS);
        assertThat(found(ALERT, Files.readString(RULES)))
                .hasSizeGreaterThan(9)
                .allSatisfy(alert -> assertThat(operations).contains("| `" + alert + "` |"));
    }

    @Test
    void prometheus_understands_them() throws Exception {
        Promtool promtool = Promtool.find();
        if (promtool == null) {
            System.out.println("SKIPPED WatchingTest: prometheus_understands_them: " + Promtool.MISSING);
            abort(Promtool.MISSING);
            return;
        }
        promtool.check("rules", RULES.toString());
    }
}
