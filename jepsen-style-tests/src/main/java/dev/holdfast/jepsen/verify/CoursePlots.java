package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.verify.Course.Bin;
import dev.holdfast.jepsen.verify.Course.Latency;
import dev.holdfast.jepsen.verify.TrialReport.FaultReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Draws the course of a trial: grants per second, and latencies by operation and outcome, over the faults. */
final class CoursePlots {
    private static final double[] TICKS = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200};
    private static final int TICKS_MAX = 6;

    /** Where operations are drawn whose outcome is unknown, and below which the times end. */
    private static final double UNKNOWN_AT = 0.95;

    private static final double TIMES_BELOW = 0.88;
    private static final double LEAST_MS = 0.01;

    private final String id;
    private final Course course;
    private final List<FaultReport> faults;

    /** @param id unique in its page */
    CoursePlots(String id, Course course, List<FaultReport> faults) {
        this.id = id;
        this.course = course;
        this.faults = faults;
    }

    String draw() {
        StringBuilder page = new StringBuilder("<div class=\"plots\">\n").append(numbers());
        page.append(grants());
        Map<String, List<Latency>> byOperation = course.latencies().stream()
                .collect(Collectors.groupingBy(Latency::operation, LinkedHashMap::new, Collectors.toList()));
        byOperation.forEach((operation, latencies) -> page.append(times(operation, latencies)));
        return page.append(axis()).append("</div>\n").append(legend()).toString();
    }

    /** The faults' numbers, above where each began. */
    private String numbers() {
        StringBuilder numbers = new StringBuilder("<div class=\"numbers\" aria-hidden=\"true\">");
        for (int i = 0; i < faults.size(); i++) {
            FaultReport fault = faults.get(i);
            double middle = (fault.startedMs() + fault.lastedMs() / 2.0) / 1e3;
            numbers.append(Plot.format(
                    "<span style=\"left:%.1f%%\"%s>%d</span>",
                    100 * middle / course.seconds(), i % 2 == 0 ? "" : " class=\"low\"", i + 1));
        }
        return numbers.append("</div>\n").toString();
    }

    private Plot plot(String part, String title) {
        Plot plot = new Plot(id + "-" + part, title, course.seconds());
        for (int i = 0; i < faults.size(); i++) {
            FaultReport fault = faults.get(i);
            double from = fault.startedMs() / 1e3;
            double healed = from + fault.healedMs() / 1e3;
            double until = from + fault.lastedMs() / 1e3;
            String words = Plot.format(
                    "%d %s: from %.1f s, put right at %.1f s, over at %.1f s",
                    i + 1, fault.fault(), from, healed, until);
            plot.band("fault", from, healed, words);
            plot.band("after", healed, until, words);
        }
        return plot;
    }

    private String grants() {
        Plot plot = plot("grants", "Grants per second");
        double most = course.grants().stream().mapToInt(Integer::intValue).max().orElse(0) / course.binSeconds();
        double top = Math.max(most, 1) * 1.25;
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < course.grants().size(); i++) {
            double y = Plot.HEIGHT * (1 - course.grants().get(i) / course.binSeconds() / top);
            double left = (double) Plot.WIDTH * i / Course.BINS;
            line.append(i == 0 ? "M" : "H")
                    .append(Plot.number(left))
                    .append(i == 0 ? " " : "V")
                    .append(Plot.number(y));
        }
        line.append("H").append(Plot.WIDTH);
        plot.path("area", line + "V" + Plot.HEIGHT + "H0Z");
        plot.path("line", line.toString());
        plot.level(0, "0");
        plot.level(Math.max(most, 1) / top, Plot.format(most < 10 ? "%.1f" : "%,.0f", Math.max(most, 1)));
        Course.Gap gap = course.longestGap();
        String words = Plot.format("longest gap %s", time(gap.seconds() * 1e3));
        plot.band("gap", gap.from(), gap.until(), words);
        plot.label("gap", (gap.from() + gap.until()) / 2, words);
        double sum = course.grants().stream().mapToInt(Integer::intValue).sum();
        return plot.draw(Plot.format(
                "%,.0f grants in %.0f s, at most %.0f a second. The longest time without one is %s, from %.1f s on. "
                        + "The faults are bands; their table follows.",
                sum, course.seconds(), most, time(gap.seconds() * 1e3), gap.from()));
    }

    private String times(String operation, List<Latency> latencies) {
        Plot plot = plot(operation, "Latency of " + operation);
        double least = decade(floorOf(course.latencies()), false);
        double most = Math.max(decade(ceilingOf(course.latencies()), true), least * 10);
        for (double ms = least; ms <= most * 1.01; ms *= 10) {
            plot.level(y(ms, least, most), time(ms));
        }
        for (Latency latency : latencies) {
            StringBuilder ranges = new StringBuilder();
            StringBuilder medians = new StringBuilder();
            for (Bin bin : latency.bins()) {
                // Side by side, so that none hides another.
                double x = Plot.WIDTH
                        * (bin.number() + 0.2 + 0.2 * latency.outcome().lane())
                        / Course.BINS;
                double median = latency.outcome() == Outcome.UNKNOWN ? UNKNOWN_AT : y(bin.p50(), least, most);
                medians.append("M")
                        .append(Plot.number(x))
                        .append(" ")
                        .append(Plot.number(Plot.HEIGHT * (1 - median)))
                        .append("h0");
                if (latency.outcome() != Outcome.UNKNOWN && bin.count() > 1) {
                    ranges.append("M")
                            .append(Plot.number(x))
                            .append(" ")
                            .append(Plot.number(Plot.HEIGHT * (1 - y(bin.min(), least, most))))
                            .append("V")
                            .append(Plot.number(Plot.HEIGHT * (1 - y(bin.max(), least, most))));
                }
            }
            plot.path("range " + latency.outcome(), ranges.toString());
            plot.path("median " + latency.outcome(), medians.toString());
        }
        return plot.draw(latencies.stream().map(CoursePlots::words).collect(Collectors.joining(" ")));
    }

    private static String words(Latency latency) {
        return latency.outcome() == Outcome.UNKNOWN
                ? Plot.format("%,d of unknown outcome.", latency.count())
                : Plot.format(
                        "%,d %s: p50 %s, p99 %s, at most %s.",
                        latency.count(),
                        latency.outcome(),
                        time(latency.p50()),
                        time(latency.p99()),
                        time(latency.max()));
    }

    private static double floorOf(List<Latency> latencies) {
        return latencies.stream()
                .filter(latency -> latency.outcome() != Outcome.UNKNOWN)
                .flatMap(latency -> latency.bins().stream())
                .mapToDouble(Bin::min)
                .min()
                .orElse(1);
    }

    private static double ceilingOf(List<Latency> latencies) {
        return latencies.stream().mapToDouble(Latency::max).max().orElse(1);
    }

    private static double decade(double ms, boolean up) {
        double power = Math.log10(Math.max(ms, LEAST_MS));
        return Math.pow(10, up ? Math.ceil(power) : Math.floor(power));
    }

    /** Logarithmic. */
    private static double y(double ms, double least, double most) {
        double part = Math.log10(Math.max(ms, least) / least) / Math.log10(most / least);
        return TIMES_BELOW * part;
    }

    private String axis() {
        double step = TICKS[TICKS.length - 1];
        for (int i = TICKS.length - 1; i >= 0 && course.seconds() / TICKS[i] <= TICKS_MAX; i--) {
            step = TICKS[i];
        }
        StringBuilder axis = new StringBuilder("<div class=\"x\" aria-hidden=\"true\">");
        for (double tick = 0; tick <= course.seconds(); tick += step) {
            axis.append(Plot.format(
                    "<span style=\"left:%.1f%%\">%s</span>",
                    100 * tick / course.seconds(),
                    step < 60 ? Plot.format("%.0f s", tick) : Plot.format("%.0f min", tick / 60)));
        }
        return axis.append("</div>\n").toString();
    }

    private static String legend() {
        StringBuilder legend = new StringBuilder("<p class=\"legend\">");
        legend.append("<span><i class=\"fault\"></i>a fault, until it was put right</span>")
                .append("<span><i class=\"after\"></i>until locks were granted again</span>");
        for (Outcome outcome : Outcome.values()) {
            legend.append(Plot.format("<span><i class=\"dot %1$s\"></i>%1$s</span>", outcome));
        }
        return legend.append(
                        "<span class=\"muted\">A dot is the median of a bin, and a line goes from its fastest to its")
                .append(" slowest; the bin is that of the invocation.</span></p>\n")
                .toString();
    }

    /** The faults, and the latencies, as tables. */
    String tables() {
        StringBuilder page = new StringBuilder();
        if (!faults.isEmpty()) {
            page.append("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Faults\"><table><thead><tr>")
                    .append("<th></th><th>Fault</th><th>From</th><th>Put right after</th><th>Granting again after</th>")
                    .append("<th>Longest gap</th><th>Bystander</th></tr></thead><tbody>\n");
            for (int i = 0; i < faults.size(); i++) {
                FaultReport fault = faults.get(i);
                page.append(Plot.format(
                        "<tr><td class=\"number\">%d</td><td>%s</td><td class=\"number\">%.1f s</td>"
                                + "<td class=\"number\">%s</td><td class=\"number\">%s</td>"
                                + "<td class=\"number\">%s</td><td class=\"words\">%s</td></tr>%n",
                        i + 1,
                        Html.escape(fault.fault()),
                        fault.startedMs() / 1e3,
                        time((double) fault.healedMs()),
                        time((double) fault.lastedMs()),
                        time((double) fault.longestGapMs()),
                        Html.escape(Summary.seenByBystander(fault))));
            }
            page.append("</tbody></table></div>\n");
        }
        return page.append(latencyTable()).toString();
    }

    private String latencyTable() {
        StringBuilder page = new StringBuilder(
                "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Latencies\"><table><thead><tr>"
                        + "<th>Operation</th><th>Outcome</th><th>Count</th><th>p50</th><th>p99</th><th>Slowest</th>"
                        + "</tr></thead><tbody>\n");
        for (Latency latency : course.latencies()) {
            boolean known = latency.outcome() != Outcome.UNKNOWN;
            page.append(Plot.format(
                    "<tr><td>%s</td><td>%s</td><td class=\"number\">%,d</td><td class=\"number\">%s</td>"
                            + "<td class=\"number\">%s</td><td class=\"number\">%s</td></tr>%n",
                    Html.escape(latency.operation()),
                    latency.outcome(),
                    latency.count(),
                    known ? time(latency.p50()) : "–",
                    known ? time(latency.p99()) : "–",
                    known ? time(latency.max()) : "–"));
        }
        return page.append("</tbody></table></div>\n").toString();
    }

    /** Milliseconds as people write them. */
    static String time(double ms) {
        if (ms >= 1000) {
            return Plot.format(ms % 1000 == 0 ? "%.0f s" : "%.1f s", ms / 1e3);
        }
        return Plot.format(ms >= 10 || ms == Math.rint(ms) ? "%.0f ms" : ms >= 0.1 ? "%.1f ms" : "%.2f ms", ms);
    }
}
