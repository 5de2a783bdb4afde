package dev.holdfast.bench;

import dev.holdfast.bench.load.LoadCourse;
import dev.holdfast.bench.load.LoadCourse.Percentile;
import java.util.List;
import java.util.Locale;

/** Draws a load: its rate in the course of time, and how its times are spread. Text is outside the drawings, which are stretched to the page. */
final class LoadPlots {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 100;
    private static final double ROOM_ABOVE = 1.1;

    /** What is drawn at the right end: the slowest of all. */
    private static final double NINES_MAX = 5;

    private static final List<Double> PERCENTS = List.of(0.0, 90.0, 99.0, 99.9, 99.99);

    private final String id;
    private final LoadCourse course;

    /** @param id unique in its page */
    LoadPlots(String id, LoadCourse course) {
        this.id = id;
        this.course = course;
    }

    String draw() {
        return "<div class=\"pair\">\n" + rates() + (course.pair().isEmpty() ? "" : percentiles()) + "</div>\n";
    }

    private String rates() {
        List<Double> rates = course.pairsPerSecond();
        double most = rates.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        double top = Math.max(most, 1) * ROOM_ABOVE;
        double seconds = course.binSeconds() * rates.size();
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < rates.size(); i++) {
            double left = (double) WIDTH * i / rates.size();
            double y = HEIGHT * (1 - rates.get(i) / top);
            line.append(format(i == 0 ? "M%.1f %.1f" : "H%.1fV%.1f", left, y));
        }
        line.append("H").append(WIDTH);
        String drawn = format(
                        "<rect class=\"warm\" x=\"0\" y=\"0\" width=\"%.1f\" height=\"%d\"/>",
                        WIDTH * Math.min(1, course.warmUpSeconds() / seconds), HEIGHT)
                + level(0)
                + level(most / top)
                + format("<path class=\"area\" d=\"%sV%dH0Z\"/>", line, HEIGHT)
                + format("<path class=\"line\" d=\"%s\"/>", line);
        String labels = label(0, "0") + label(most / top, rate(most));
        String axis = tick(0, "0 s")
                + (course.warmUpSeconds() > 0 && course.warmUpSeconds() < seconds
                        ? tick(course.warmUpSeconds() / seconds, format("%.0f s", course.warmUpSeconds()))
                        : "")
                + tick(1, format("%.0f s", seconds));
        List<Double> measured =
                rates.subList((int) Math.min(rates.size(), course.warmUpSeconds() / course.binSeconds()), rates.size());
        return figure(
                "rate",
                "Pairs per second",
                format(
                        "After %.0f s of warm-up, between %s and %s pairs a second in the bins of %.1f s.",
                        course.warmUpSeconds(),
                        rate(measured.stream()
                                .mapToDouble(Double::doubleValue)
                                .min()
                                .orElse(0)),
                        rate(measured.stream()
                                .mapToDouble(Double::doubleValue)
                                .max()
                                .orElse(0)),
                        course.binSeconds()),
                drawn,
                labels,
                axis);
    }

    private String percentiles() {
        double least = Math.pow(10, Math.floor(Math.log10(Math.max(0.001, at(course.acquire(), 0)))));
        double most = Math.pow(10, Math.ceil(Math.log10(Math.max(least * 10, at(course.pair(), 100)))));
        StringBuilder drawn = new StringBuilder();
        StringBuilder labels = new StringBuilder();
        for (double ms = least; ms <= most * 1.01; ms *= 10) {
            drawn.append(level(height(ms, least, most)));
            labels.append(label(height(ms, least, most), time(ms)));
        }
        drawn.append(curve("acquire", course.acquire(), least, most)).append(curve("line", course.pair(), least, most));
        StringBuilder axis = new StringBuilder();
        for (double percent : PERCENTS) {
            axis.append(tick(place(percent), percent == 0 ? "0" : trimmed(percent) + " %"));
        }
        axis.append(tick(1, "all"));
        return figure(
                "times",
                "Percentiles: pair, and acquire (dashed)",
                "Pairs: p50 " + time(at(course.pair(), 50)) + ", p90 " + time(at(course.pair(), 90)) + ", p99 "
                        + time(at(course.pair(), 99)) + ", p99.9 " + time(at(course.pair(), 99.9))
                        + ", slowest "
                        + time(at(course.pair(), 100)) + ". Acquires: p50 " + time(at(course.acquire(), 50))
                        + ", p99 " + time(at(course.acquire(), 99)) + ".",
                drawn.toString(),
                labels.toString(),
                axis.toString());
    }

    static double at(List<Percentile> percentiles, double percent) {
        return percentiles.stream()
                .filter(each -> each.percent() == percent)
                .mapToDouble(Percentile::ms)
                .findFirst()
                .orElse(0);
    }

    private static String curve(String look, List<Percentile> percentiles, double least, double most) {
        StringBuilder path = new StringBuilder();
        for (Percentile each : percentiles) {
            path.append(format(
                    "%s%.1f %.1f",
                    path.isEmpty() ? "M" : "L",
                    WIDTH * place(each.percent()),
                    HEIGHT * (1 - height(each.ms(), least, most))));
        }
        return format("<path class=\"%s\" d=\"%s\"/>", look, path);
    }

    /** Each further nine takes the same room, as in HdrHistogram's plots. */
    private static double place(double percent) {
        double nines = percent >= 100 ? NINES_MAX : -Math.log10(1 - percent / 100);
        return Math.min(1, nines / NINES_MAX);
    }

    private static double height(double ms, double least, double most) {
        return Math.log10(Math.max(ms, least) / least) / Math.log10(most / least) / ROOM_ABOVE;
    }

    private String figure(String part, String title, String description, String drawn, String labels, String axis) {
        return format(
                "<figure><figcaption>%2$s</figcaption><div class=\"frame\"><svg role=\"img\" "
                        + "aria-labelledby=\"%1$s-t %1$s-d\" viewBox=\"0 0 %3$d %4$d\" preserveAspectRatio=\"none\">"
                        + "<title id=\"%1$s-t\">%2$s</title><desc id=\"%1$s-d\">%5$s</desc>%6$s</svg>"
                        + "<div aria-hidden=\"true\">%7$s</div></div><div class=\"x\" aria-hidden=\"true\">%8$s</div></figure>%n",
                id + "-" + part, title, WIDTH, HEIGHT, description, drawn, labels, axis);
    }

    private static String level(double y) {
        return format("<path class=\"level\" d=\"M0 %.1fH%d\"/>", HEIGHT * (1 - y), WIDTH);
    }

    private static String label(double y, String words) {
        return format("<span class=\"y\" style=\"bottom:%.1f%%\">%s</span>", 100 * y, words);
    }

    private static String tick(double x, String words) {
        return format("<span style=\"left:%.1f%%\">%s</span>", 100 * x, words);
    }

    static String rate(double perSecond) {
        return format(perSecond < 100 ? "%.1f" : "%,.0f", perSecond);
    }

    private static String trimmed(double number) {
        return number == Math.rint(number) ? format("%.0f", number) : String.valueOf(number);
    }

    /** Milliseconds as people write them. */
    static String time(double ms) {
        if (ms >= 1000) {
            return trimmed(Math.round(ms / 100) / 10.0) + " s";
        }
        return ms >= 10
                ? format("%.0f ms", ms)
                : ms >= 0.095 ? trimmed(Math.round(ms * 100) / 100.0) + " ms" : ms + " ms";
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}
