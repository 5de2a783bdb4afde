package dev.holdfast.bench.micro;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Measurements for people to read. */
final class MicroTable {
    private final PrintWriter out;

    MicroTable(PrintWriter out) {
        this.out = out;
    }

    void print(List<MicroRow> rows) {
        line("%-18s %20s  %12s  %10s  %s", "WHAT", "WITH", "NS EACH", "ERROR", "P50 / P99.9 / LONGEST NS");
        rows.forEach(this::print);
        for (MicroRow row : rows) {
            MicroRow first = firstOf(row.benchmark(), rows);
            if (row.shouldBeFlat() && !row.equals(first)) {
                line(
                        "%s takes %.2f times as long with %,d %s as with %,d",
                        row.benchmark(), row.nanos() / first.nanos(), row.count(), row.parameter(), first.count());
            }
        }
    }

    private void print(MicroRow row) {
        line(
                "%-18s %,11d %-8s  %,12.1f  %10s  %s",
                row.benchmark(),
                row.count(),
                row.parameter(),
                row.nanos(),
                String.format(Locale.ROOT, "± %,.1f", row.errorNanos()),
                single(row.single()));
    }

    private static String single(MicroRow.@Nullable Single times) {
        return times == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%,.0f / %,.0f / %,.0f",
                        times.p50Nanos(),
                        times.p999Nanos(),
                        times.longestNanos());
    }

    private static MicroRow firstOf(String benchmark, List<MicroRow> rows) {
        return rows.stream()
                .filter(row -> row.benchmark().equals(benchmark))
                .findFirst()
                .orElseThrow();
    }

    private void line(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments).stripTrailing());
    }
}
