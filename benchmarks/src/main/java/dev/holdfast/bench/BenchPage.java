package dev.holdfast.bench;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.trial.Figure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The report of a run as one page that needs nothing else. */
final class BenchPage {
    private final BenchReport report;
    private final List<Others> others;
    private final String when;
    private final String machine;
    private final StringBuilder page = new StringBuilder();

    /**
     * @param others what to show beside it
     * @param when it was measured
     * @param machine on what
     */
    BenchPage(BenchReport report, List<Others> others, String when, String machine) {
        this.report = report;
        this.others = List.copyOf(others);
        this.when = when;
        this.machine = machine;
    }

    /** That of this JVM. */
    static String thisMachine() {
        return Runtime.getRuntime().availableProcessors() + " processors, Java " + System.getProperty("java.version")
                + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch");
    }

    String draw() {
        page.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .append("<title>Holdfast bench</title><style>\n")
                .append(style())
                .append("</style></head><body><main>\n<h1>Holdfast bench</h1>\n");
        line(
                "<p>Measured %s on %s; 4 KiB are durable in %.2f ms (p50), %.2f ms (p99).</p>",
                escape(when),
                escape(machine),
                report.fsync().p50Ms(),
                report.fsync().p99Ms());
        List<Row> loads =
                report.rows().stream().filter(row -> row.load() != null).toList();
        if (!loads.isEmpty()) {
            table(loads);
        }
        findings();
        beside();
        for (int i = 0; i < loads.size(); i++) {
            load(i, loads.get(i));
        }
        return page.append("</main></body></html>\n").toString();
    }

    private static String style() {
        try (InputStream css = BenchPage.class.getResourceAsStream("report.css")) {
            if (css == null) {
                throw new IllegalStateException("report.css is not on the class path");
            }
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void table(List<Row> rows) {
        boolean builds = rows.stream().anyMatch(row -> !row.build().isEmpty());
        begin(
                "Loads",
                builds ? "Build" : "",
                "Where",
                "What",
                "Callers",
                "Pairs/s",
                "Acquire p50",
                "p99",
                "Pair p50",
                "p90",
                "p99",
                "p99.9",
                "Slowest",
                "JIT",
                "Others",
                "Grants least / most");
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            LoadResult load = row.load();
            if (load != null) {
                double p999 =
                        load.course() == null ? 0 : LoadPlots.at(load.course().pair(), 99.9);
                line(
                        "<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"number\">%d</td><td class=\"number\">%s</td>%s"
                                + "<td class=\"number\">%s</td><td class=\"number\">%s</td><td class=\"number\">%d / %d</td></tr>",
                        escape(row.build()),
                        row.where(),
                        load.course() == null
                                ? escape(row.what(" "))
                                : "<a href=\"#load-" + i + "\">" + escape(row.what(" ")) + "</a>",
                        row.callers(),
                        LoadPlots.rate(load.pairsPerSecond()),
                        times(
                                load.acquireP50(),
                                load.acquireP99(),
                                load.pairP50(),
                                load.pairP90(),
                                load.pairP99(),
                                p999,
                                load.pairMax()),
                        CpuShares.jitOf(row.cpu()),
                        CpuShares.othersOf(row.cpu()),
                        load.grantsLeast(),
                        load.grantsMost());
            }
        }
        end();
        page.append(
                        "<p class=\"muted\">Each figure is the median over the windows, but p99.9 is that of all windows together. ")
                .append(
                        "JIT is the share of the compilers in the time of all processors, and Others that of processes that do ")
                .append("not belong to the bench: where one is more than 5 %, the row was disturbed.</p>\n");
    }

    private static String times(double... all) {
        StringBuilder cells = new StringBuilder();
        for (double ms : all) {
            cells.append("<td class=\"number\">")
                    .append(ms == 0 ? "–" : LoadPlots.time(ms))
                    .append("</td>");
        }
        return cells.toString();
    }

    /** What is neither a load nor a picture. */
    private void findings() {
        List<String> lines = new ArrayList<>();
        for (Row row : report.rows()) {
            String name = (row.build().isEmpty() ? "" : row.build() + ", ") + row.where() + ", " + row.what(", ");
            Row.HoldsResult holds = row.holds();
            if (holds != null) {
                lines.add(String.format(
                        Locale.ROOT,
                        "%s: %,d holds, %,.0f acquired per second, %,.0f bytes each on the leader's heap and %,.0f on the client's",
                        name,
                        holds.count(),
                        holds.perSecond(),
                        holds.leaderBytesPerHold(),
                        holds.clientBytesPerHold()));
            }
            if (!row.figures().isEmpty()) {
                lines.add(name + ": "
                        + row.figures().stream().map(Figure::toString).collect(Collectors.joining(", ")));
            }
        }
        if (!lines.isEmpty()) {
            page.append("<ul>\n");
            lines.forEach(each -> line("<li>%s</li>", escape(each)));
            page.append("</ul>\n");
        }
    }

    /** One bar of a comparison. */
    private record Bar(String name, double perSecond, double pairP50, double pairP99, String source, boolean ours) {}

    private void beside() {
        List<Row> rows = report.rows().stream()
                .filter(row -> row.place() == Place.THIN && row.part().isEmpty() && row.perSecond() > 0)
                .filter(row -> others.stream().anyMatch(each -> !each.like(row).isEmpty()))
                .toList();
        if (rows.isEmpty()) {
            return;
        }
        page.append(
                "<h2>Beside other products</h2>\n<p>What is marked as now was measured by this run, and nothing else. The rest is read from:</p>\n<ul>\n");
        for (Others each : others) {
            line(
                    "<li>%s: measured %s%s</li>",
                    escape(each.source()),
                    escape(each.date()),
                    each.machine().isEmpty() ? "" : ", on " + escape(each.machine()));
        }
        page.append(
                "</ul>\n<p>Another machine, or another day, makes another figure: compare what was measured together.</p>\n");
        begin("Beside other products", "Product", "Per second", "", "Pair p50", "p99", "Measured");
        for (Row row : rows) {
            List<Bar> bars = bars(row);
            double most = bars.stream().mapToDouble(Bar::perSecond).max().orElse(1);
            line("<tr class=\"first\"><th colspan=\"6\" scope=\"rowgroup\">%s</th></tr>", escape(work(row)));
            for (Bar bar : bars) {
                line(
                        "<tr><td>%s</td><td class=\"number\">%s</td><td class=\"bar\"><svg viewBox=\"0 0 100 10\" "
                                + "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"%s\" width=\"%.1f\" height=\"10\"/></svg>"
                                + "</td>%s<td>%s</td></tr>",
                        escape(bar.name()),
                        LoadPlots.rate(bar.perSecond()),
                        bar.ours() ? "ours" : "theirs",
                        Math.max(0.5, 100 * bar.perSecond() / most),
                        times(bar.pairP50(), bar.pairP99()),
                        escape(bar.source()));
            }
        }
        end();
    }

    private List<Bar> bars(Row row) {
        List<Bar> bars = new ArrayList<>();
        LoadResult load = row.load();
        bars.add(new Bar(
                "Holdfast" + (row.build().isEmpty() ? "" : ", " + row.build()),
                row.perSecond(),
                load == null ? 0 : load.pairP50(),
                load == null ? 0 : load.pairP99(),
                "now" + CpuShares.remark(row.cpu()),
                true));
        for (Others other : others) {
            for (Others.Measured each : other.like(row)) {
                bars.add(new Bar(
                        each.product(),
                        each.perSecond(),
                        each.pairP50(),
                        each.pairP99(),
                        other.date() + (each.disturbed() ? ", disturbed by other processes" : ""),
                        false));
            }
        }
        return bars;
    }

    private static String work(Row row) {
        return switch (row.workload()) {
            case "own" ->
                row.callers() == 1 ? "pairs of 1 caller" : "pairs of " + row.callers() + " callers with a key each";
            case "one" -> "grants of one key to " + row.callers() + " callers";
            case "semaphore" -> "permits of 8 to " + row.callers() + " callers";
            case "holds" -> "locks acquired and kept";
            default -> row.what(", ");
        };
    }

    private void load(int number, Row row) {
        LoadResult load = row.load();
        if (load == null || load.course() == null) {
            return;
        }
        line(
                "<section id=\"load-%d\"><h2>%s</h2>%n<p>%s pairs a second%s</p>",
                number,
                escape((row.build().isEmpty() ? "" : row.build() + ": ") + row.title()),
                LoadPlots.rate(load.pairsPerSecond()),
                escape(CpuShares.remark(row.cpu())));
        page.append(new LoadPlots("load-" + number, load.course()).draw()).append("</section>\n");
    }

    private void begin(String name, String... columns) {
        line("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table><thead><tr>", name);
        for (String column : columns) {
            line("<th>%s</th>", column);
        }
        page.append("</tr></thead><tbody>\n");
    }

    private void end() {
        page.append("</tbody></table></div>\n");
    }

    private void line(String pattern, Object... arguments) {
        page.append(String.format(Locale.ROOT, pattern, arguments)).append('\n');
    }

    /** For text, and for attributes in double quotes. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
