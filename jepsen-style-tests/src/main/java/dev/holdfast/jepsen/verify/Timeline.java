package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Draws the history of one key: time from left to right, a row for each process, a bar for each operation. */
final class Timeline {
    private static final int BAR_HEIGHT = 20;
    private static final int ROW_HEIGHT = 26;
    private static final int LEFT = 110;
    private static final int BAR_WIDTH_MIN = 14;
    private static final double PIXELS_PER_OPERATION = 46;

    private final KeyReport report;
    private final List<Operation> operations;
    private final long began;
    private final long ended;
    private final double width;
    private final Map<Integer, Integer> rows = new TreeMap<>();

    Timeline(KeyReport report) {
        this.report = report;
        this.operations = report.operations().stream()
                .filter(operation ->
                        !(operation.call() instanceof Call.Expire || operation.call() instanceof Call.Cancel))
                .sorted(Comparator.comparingLong(Operation::invokedNanos))
                .toList();
        this.began =
                operations.stream().mapToLong(Operation::invokedNanos).min().orElse(0);
        this.ended = operations.stream()
                .mapToLong(operation -> operation.isUnknown() ? operation.invokedNanos() : operation.completedNanos())
                .max()
                .orElse(1);
        this.width = Math.max(600, operations.size() * PIXELS_PER_OPERATION);
        operations.forEach(operation -> rows.putIfAbsent(operation.process(), 0));
        int row = 0;
        for (Map.Entry<Integer, Integer> entry : rows.entrySet()) {
            entry.setValue(row++);
        }
    }

    /** As an HTML fragment. */
    String draw() {
        StringBuilder svg = new StringBuilder();
        double height = (rows.size() + 1.0) * ROW_HEIGHT;
        svg.append(String.format(
                Locale.ROOT,
                "<div class=\"timeline\"><svg width=\"%.0f\" height=\"%.0f\" role=\"img\" aria-label=\"%s\">%n",
                LEFT + width + 200,
                height,
                Html.escape("history of " + report.key())));
        rows.forEach((process, row) -> svg.append(String.format(
                Locale.ROOT,
                "<text x=\"4\" y=\"%d\" class=\"process\">process %d</text>%n",
                row * ROW_HEIGHT + 15,
                process)));
        operations.forEach(operation -> svg.append(bar(operation)));
        long failing = failingInstant();
        if (failing != Operation.NEVER) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"0\" y2=\"%2$.0f\" class=\"failing\"/>%n",
                    x(failing),
                    height));
        }
        return svg.append("</svg></div>\n").toString();
    }

    /** The instant from which on the history cannot be explained. */
    private long failingInstant() {
        List<Long> completions = new ArrayList<>();
        operations.stream()
                .filter(operation -> !operation.isUnknown())
                .forEach(operation -> completions.add(operation.completedNanos()));
        completions.sort(Comparator.naturalOrder());
        int prefix = report.failingPrefix();
        return prefix == 0 || prefix > completions.size() ? Operation.NEVER : completions.get(prefix - 1);
    }

    private double x(long nanos) {
        return LEFT + width * (nanos - began) / Math.max(1, ended - began);
    }

    private String bar(Operation operation) {
        double left = x(operation.invokedNanos());
        double right = operation.isUnknown() ? LEFT + width + 20 : x(operation.completedNanos());
        int top = rows.getOrDefault(operation.process(), 0) * ROW_HEIGHT;
        String label = Html.escape(label(operation));
        String times = String.format(
                Locale.ROOT,
                "%.3f ms to %s",
                (operation.invokedNanos() - began) / 1e6,
                operation.isUnknown()
                        ? "never"
                        : String.format(Locale.ROOT, "%.3f ms", (operation.completedNanos() - began) / 1e6));
        return String.format(
                Locale.ROOT,
                "<g><title>%s&#10;%s&#10;%s</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" class=\"%s\"/>"
                        + "<text x=\"%.1f\" y=\"%d\">%s</text></g>%n",
                Html.escape(operation.call().toString()),
                Html.escape(operation.result().toString()),
                times,
                left,
                top,
                Math.max(BAR_WIDTH_MIN, right - left),
                BAR_HEIGHT,
                operation.result().getClass().getSimpleName().toLowerCase(Locale.ROOT),
                left + 2,
                top + 14,
                label);
    }

    /** So short that it fits into a bar. */
    private static String label(Operation operation) {
        String what =
                operation.call().getClass().getSimpleName().substring(0, 3).toLowerCase(Locale.ROOT);
        if (operation.call() instanceof Call.Acquire acquire && acquire.permits() > 1) {
            what += acquire.permits();
        }
        if (operation.result() instanceof Result.Granted granted) {
            return what + " " + granted.token();
        } else if (operation.call() instanceof Call.Release release) {
            return what + " " + release.token();
        } else if (operation.call() instanceof Call.Write write) {
            return what + " " + write.token() + ":" + write.value();
        }
        return what;
    }
}
