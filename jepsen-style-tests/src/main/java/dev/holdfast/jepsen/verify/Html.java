package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.SmallestHistory.Found;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The report of a verification as one page that needs nothing else. */
final class Html {
    /** So that the page of a long run can still be opened. The table has all trials. */
    static final int TRIALS_DRAWN_MAX = 40;

    private static final int KEYS_DRAWN_MAX = 10;

    static String page(Verification verification) {
        StringBuilder page = new StringBuilder(head());
        page.append("<h1>Holdfast verification: ")
                .append(verdict(verification.passed()))
                .append("</h1>\n");
        page.append("<p>").append(escape(Report.faultsLine(verification))).append("</p>\n");
        List<TrialReport> reports = verification.reports();
        Set<Integer> drawn = drawn(reports);
        overview(reports, drawn, page);
        if (drawn.size() < reports.size()) {
            page.append(String.format(
                    Locale.ROOT,
                    "<p>Of %,d trials, %d are drawn below: failed ones, and then the latest.</p>%n",
                    reports.size(),
                    drawn.size()));
        }
        drawn.forEach(number -> trial(number + 1, reports.get(number), page));
        return page.append("</main></body></html>\n").toString();
    }

    private static String head() {
        return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                + "<title>Holdfast verification</title><style>\n" + style()
                + "</style></head><body><main>\n";
    }

    private static String style() {
        try (InputStream css = Html.class.getResourceAsStream("report.css")) {
            if (css == null) {
                throw new IllegalStateException("report.css is not on the class path");
            }
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Which trials to draw, by their place in the list. */
    private static Set<Integer> drawn(List<TrialReport> reports) {
        Set<Integer> drawn = new TreeSet<>();
        IntStream.range(0, reports.size())
                .filter(number -> !reports.get(number).passed())
                .limit(TRIALS_DRAWN_MAX)
                .forEach(drawn::add);
        for (int number = reports.size() - 1; number >= 0 && drawn.size() < TRIALS_DRAWN_MAX; number--) {
            drawn.add(number);
        }
        return drawn;
    }

    private static void overview(List<TrialReport> reports, Set<Integer> drawn, StringBuilder page) {
        page.append(
                "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Trials\"><table><thead><tr><th></th>"
                        + "<th>Workload</th><th>Peers</th><th>Groups</th><th>Operations</th><th>Unknown</th><th>Keys judged</th>"
                        + "<th>Longest gap</th><th>Took</th><th>Seed</th><th>Verdict</th></tr></thead><tbody>\n");
        for (int i = 0; i < reports.size(); i++) {
            TrialReport report = reports.get(i);
            String kind = report.plan().kind().name().toLowerCase(Locale.ROOT);
            page.append(Plot.format(
                    "<tr><td class=\"number\">%d</td><td>%s</td><td class=\"number\">%d</td><td class=\"number\">%d</td>"
                            + "<td class=\"number\">%,d</td><td class=\"number\">%,d</td>"
                            + "<td class=\"number\">%,d</td><td class=\"number\">%s</td><td class=\"number\">%,d s</td>"
                            + "<td class=\"number\">%d</td><td>%s</td></tr>%n",
                    i + 1,
                    drawn.contains(i) ? "<a href=\"#trial-" + (i + 1) + "\">" + kind + "</a>" : kind,
                    report.plan().peers(),
                    report.plan().groups(),
                    report.operations(),
                    report.unknown(),
                    report.keys().size(),
                    CoursePlots.time(report.course().longestGap().seconds() * 1e3),
                    report.seconds(),
                    report.plan().seed(),
                    verdict(report.passed())));
        }
        page.append("</tbody></table></div>\n");
    }

    private static void trial(int number, TrialReport report, StringBuilder page) {
        page.append(Plot.format(
                "<section id=\"trial-%1$d\"><h2>%1$d. %2$s %3$d: %4$s</h2>%n<p>%5$s</p>%n",
                number,
                report.plan().kind().name().toLowerCase(Locale.ROOT),
                report.plan().peers(),
                verdict(report.passed()),
                escape(Summary.of(report))));
        if (!report.passed()) {
            failed(report, page);
        }
        CoursePlots plots = new CoursePlots("trial-" + number, report.course(), report.faults());
        page.append(plots.draw()).append(plots.tables()).append("</section>\n");
    }

    private static String verdict(boolean passed) {
        return passed ? "<span class=\"passed\">passed</span>" : "<span class=\"failed\">FAILED</span>";
    }

    private static void failed(TrialReport report, StringBuilder page) {
        page.append("<ul class=\"complaints\">\n");
        Summary.complaints(report)
                .forEach(line -> page.append("<li>").append(escape(line)).append("</li>\n"));
        page.append("</ul>\n");
        List<KeyReport> bad = report.badKeys();
        bad.stream()
                .limit(KEYS_DRAWN_MAX)
                .forEach(key -> page.append(drawn(key, report.smallest().get(key))));
        if (bad.size() > KEYS_DRAWN_MAX) {
            page.append(Plot.format("<p>%,d more keys are not drawn.</p>%n", bad.size() - KEYS_DRAWN_MAX));
        }
    }

    /** The history of a key, with a heading that says what is wrong with it; first the smallest that shows it, if that is known. */
    static String drawn(KeyReport key, @Nullable Found smallest) {
        StringBuilder page = new StringBuilder("<h3>" + escape(key.key()) + ": " + key.verdict() + "</h3>\n");
        if (smallest != null) {
            List<String> lines = Summary.smallest(key, smallest);
            page.append("<h4>The smallest history that shows it</h4>\n<p>")
                    .append(escape(lines.get(0)))
                    .append(". It is not drawn to scale.</p>\n")
                    .append(Timeline.notToScale("smallest history of " + key.key(), smallest.operations())
                            .draw())
                    .append("<pre>")
                    .append(escape(String.join("\n", lines.subList(1, lines.size()))))
                    .append("</pre>\n");
        }
        return page.append("<details><summary>All that was recorded of ")
                .append(escape(key.key()))
                .append(
                        "</summary>\n<p>A bar is an operation, from its invocation to its answer; point at it for the details. ")
                .append("From the red line on, no order of the operations explains all the answers.</p>\n")
                .append(Timeline.of(key).draw())
                .append("</details>\n")
                .toString();
    }

    /** For text, and for attributes in double quotes. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private Html() {}
}
