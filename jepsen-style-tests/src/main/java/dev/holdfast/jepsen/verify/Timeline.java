package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.Expiries;
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
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;

/** Draws the history of one key: time from left to right, a row for each process, a bar for each operation. */
final class Timeline {
    private static final int BAR_HEIGHT = 20;
    private static final int ROW_HEIGHT = 26;
    private static final int LEFT = 110;
    private static final int RIGHT = 200;
    private static final int BAR_WIDTH_MIN = 14;
    private static final double PIXELS_PER_OPERATION = 46;
    private static final double PIXELS_PER_EVENT = 80;
    private static final int WIDTH_MIN = 600;

    private final String title;
    private final List<Operation> operations;
    private final long began;
    private final long failing;
    private final double width;
    private final LongToDoubleFunction place;
    private final Map<Integer, Integer> rows = new TreeMap<>();

    /** @param place from 0 for the first instant to 1 for the last */
    private Timeline(String title, List<Operation> operations, long failing, double width, LongToDoubleFunction place) {
        this.title = title;
        this.operations = operations;
        this.failing = failing;
        this.width = width;
        this.place = place;
        began = operations.stream().mapToLong(Operation::invokedNanos).min().orElse(0);
        operations.forEach(operation -> rows.putIfAbsent(operation.process(), 0));
        int row = 0;
        for (Map.Entry<Integer, Integer> entry : rows.entrySet()) {
            entry.setValue(row++);
        }
    }

    /** All that was recorded, to scale, and a line where it cannot be explained any more. */
    static Timeline of(KeyReport report) {
        List<Operation> operations = report.operations().stream()
                .filter(operation -> !Expiries.isAdded(operation))
                .toList();
        long[] instants = instants(operations);
        long first = instants.length == 0 ? 0 : instants[0];
        long last = instants.length == 0 ? 1 : Math.max(first + 1, instants[instants.length - 1]);
        return new Timeline(
                "history of " + report.key(),
                operations,
                failingInstant(report),
                Math.max(WIDTH_MIN, operations.size() * PIXELS_PER_OPERATION),
                nanos -> (double) (nanos - first) / (last - first));
    }

    /** With the same distance between any two instants at which something begins or ends, so that it can be read. */
    static Timeline notToScale(String title, List<Operation> operations) {
        long[] instants = instants(operations);
        int last = Math.max(1, instants.length - 1);
        return new Timeline(
                title,
                operations,
                Operation.NEVER,
                last * PIXELS_PER_EVENT,
                nanos -> (double) LongStream.of(instants)
                                .filter(instant -> instant < nanos)
                                .count()
                        / last);
    }

    private static long[] instants(List<Operation> operations) {
        return operations.stream()
                .flatMapToLong(operation -> operation.isUnknown()
                        ? LongStream.of(operation.invokedNanos())
                        : LongStream.of(operation.invokedNanos(), operation.completedNanos()))
                .distinct()
                .sorted()
                .toArray();
    }

    /** As an HTML fragment. */
    String draw() {
        StringBuilder svg = new StringBuilder();
        double height = (rows.size() + 1.0) * ROW_HEIGHT;
        svg.append(String.format(
                Locale.ROOT,
                "<div class=\"timeline\" tabindex=\"0\" role=\"region\" aria-label=\"%3$s\">"
                        + "<svg width=\"%1$.0f\" height=\"%2$.0f\" role=\"img\" aria-label=\"%3$s\">%n",
                LEFT + width + RIGHT,
                height,
                Html.escape(title)));
        rows.forEach((process, row) -> svg.append(String.format(
                Locale.ROOT,
                "<text x=\"4\" y=\"%d\" class=\"process\">process %d</text>%n",
                row * ROW_HEIGHT + 15,
                process)));
        operations.forEach(operation -> svg.append(bar(operation)));
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
    private static long failingInstant(KeyReport report) {
        List<Long> completions = new ArrayList<>();
        report.operations().stream()
                .filter(operation -> !operation.isUnknown())
                .forEach(operation -> completions.add(operation.completedNanos()));
        completions.sort(Comparator.naturalOrder());
        int prefix = report.failingPrefix();
        return prefix == 0 || prefix > completions.size() ? Operation.NEVER : completions.get(prefix - 1);
    }

    private double x(long nanos) {
        return LEFT + width * place.applyAsDouble(nanos);
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
        } else if (operation.result() instanceof Result.Refused) {
            return what + " no";
        } else if (operation.result() instanceof Result.Value read) {
            return what + " " + read.value();
        }
        return what;
    }
}
