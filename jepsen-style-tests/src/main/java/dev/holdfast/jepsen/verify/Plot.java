package dev.holdfast.jepsen.verify;

import java.util.Locale;

/**
 * A plot over the time of a trial. What is drawn is stretched to the width of the page, whatever that is; all text is
 * outside the drawing, so that it keeps its size. Not thread-safe.
 */
final class Plot {
    /** The width and height in the drawing's own units. */
    static final int WIDTH = 1000;

    static final int HEIGHT = 100;

    private static final double LABEL_MIN = 16;
    private static final double LABEL_MAX = 84;

    private final String id;
    private final String title;
    private final double seconds;
    private final StringBuilder drawn = new StringBuilder();
    private final StringBuilder labels = new StringBuilder();

    /**
     * @param id unique in its page
     * @param seconds how long the time is that it shows
     */
    Plot(String id, String title, double seconds) {
        this.id = id;
        this.title = title;
        this.seconds = seconds;
    }

    static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }

    /** With at most one decimal. Made for very many of them, as {@code String.format} is not. */
    static String number(double value) {
        long tenths = Math.round(value * 10);
        return tenths % 10 == 0 ? String.valueOf(tenths / 10) : String.valueOf(tenths / 10.0);
    }

    double x(double second) {
        return WIDTH * Math.min(1, Math.max(0, second / seconds));
    }

    /** A stretch of time, from top to bottom. */
    void band(String look, double from, double until, String words) {
        drawn.append(format(
                "<rect class=\"%s\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"><title>%s</title></rect>%n",
                look, x(from), Math.max(1, x(until) - x(from)), HEIGHT, Html.escape(words)));
    }

    /** @param path SVG's path data */
    void path(String look, String path) {
        if (!path.isEmpty()) {
            drawn.append(format("<path class=\"%s\" d=\"%s\"/>%n", look, path));
        }
    }

    /**
     * A line across, and what it stands for.
     *
     * @param y from 0 at the bottom to 1 at the top
     */
    void level(double y, String words) {
        drawn.append(format("<path class=\"level\" d=\"M0 %.1fH%d\"/>%n", HEIGHT * (1 - y), WIDTH));
        labels.append(format("<span class=\"y\" style=\"bottom:%.1f%%\">%s</span>%n", 100 * y, Html.escape(words)));
    }

    /** Words within the plot, at the top. */
    void label(String look, double second, String words) {
        double left = Math.min(LABEL_MAX, Math.max(LABEL_MIN, 100 * second / seconds));
        labels.append(format("<span class=\"%s\" style=\"left:%.1f%%\">%s</span>%n", look, left, Html.escape(words)));
    }

    /** As an HTML fragment. The description says in words what a reader is to see. */
    String draw(String description) {
        return format("<figure><figcaption>%s</figcaption><div class=\"frame\">%n", Html.escape(title))
                + format(
                        "<svg role=\"img\" aria-labelledby=\"%1$s-t %1$s-d\" viewBox=\"0 0 %2$d %3$d\" "
                                + "preserveAspectRatio=\"none\"><title id=\"%1$s-t\">%4$s</title>"
                                + "<desc id=\"%1$s-d\">%5$s</desc>%n",
                        id, WIDTH, HEIGHT, Html.escape(title), Html.escape(description))
                + drawn
                + "</svg>\n<div aria-hidden=\"true\">"
                + labels
                + "</div></div></figure>\n";
    }
}
