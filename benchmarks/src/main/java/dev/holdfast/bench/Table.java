package dev.holdfast.bench;

import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.trial.Figure;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** Measurements for people to read. */
final class Table {
    /** Rates from here on are told without decimals. */
    private static final int WHOLE = 100;

    private final PrintWriter out;

    Table(PrintWriter out) {
        this.out = out;
    }

    void print(List<Row> rows, Fsync fsync) {
        if (rows.stream().anyMatch(row -> row.load() != null)) {
            printHeader();
        }
        rows.stream().filter(row -> row.load() != null).forEach(this::printLoad);
        rows.stream().filter(row -> row.holds() != null).forEach(this::printHolds);
        rows.stream().filter(row -> !row.figures().isEmpty()).forEach(this::printFigures);
        line("fsync of 4 KiB on this disk: p50 %.2f ms, p99 %.2f ms", fsync.p50Ms(), fsync.p99Ms());
    }

    private void printHeader() {
        line(
                "%-9s %-8s %-19s %7s  %10s  %22s  %30s  %5s  %6s  %s",
                "",
                "WHERE",
                "WHAT",
                "CALLERS",
                "PAIRS/S",
                "ACQUIRE P50 / P99 MS",
                "PAIR P50 / P90 / P99 MS",
                "JIT",
                "OTHERS",
                "GRANTS LEAST / MOST");
    }

    private void printLoad(Row row) {
        LoadResult load = row.load();
        if (load == null) {
            return;
        }
        line(
                "%-9s %-8s %-19s %7d  %10s  %22s  %30s  %5s  %6s  %d / %d%s%s",
                row.build(),
                row.where(),
                row.what(" "),
                row.callers(),
                rate(load.pairsPerSecond()),
                times(load.acquireP50(), load.acquireP99()),
                times(load.pairP50(), load.pairP90(), load.pairP99()),
                CpuShares.jitOf(row.cpu()),
                CpuShares.othersOf(row.cpu()),
                load.grantsLeast(),
                load.grantsMost(),
                load.errors() == 0 ? "" : ", " + load.errors() + " errors",
                CpuShares.remark(row.cpu()));
    }

    private void printHolds(Row row) {
        Row.HoldsResult holds = row.holds();
        if (holds != null) {
            line(
                    "%-9s %-8s %,d holds acquired by %d callers: %,.0f per second, %,.0f bytes each on the leader's heap, of which "
                            + "%,.0f are left when they are released, and %,.0f on the client's, %,.0f MB resident in the "
                            + "leader's process%s",
                    row.build(),
                    row.where(),
                    holds.count(),
                    row.callers(),
                    holds.perSecond(),
                    holds.leaderBytesPerHold(),
                    holds.leaderBytesLeftPerHold(),
                    holds.clientBytesPerHold(),
                    holds.leaderResidentMb(),
                    shares(row));
        }
    }

    private void printFigures(Row row) {
        line(
                "%-9s %-8s %s: %s%s",
                row.build(),
                row.where(),
                row.what(", "),
                row.figures().stream().map(Figure::toString).collect(Collectors.joining(", ")),
                shares(row));
    }

    /** Who else used the processors, at the end of a sentence. */
    private static String shares(Row row) {
        return ", JIT " + CpuShares.jitOf(row.cpu()) + ", others " + CpuShares.othersOf(row.cpu())
                + CpuShares.remark(row.cpu());
    }

    private static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < WHOLE ? "%.1f" : "%,.0f", perSecond);
    }

    /** Those that an older build does not tell are dashes. */
    private static String times(double... ms) {
        return DoubleStream.of(ms)
                .mapToObj(each -> each == 0 ? "-" : String.format(Locale.ROOT, "%.2f", each))
                .collect(Collectors.joining(" / "));
    }

    private void line(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments).stripTrailing());
    }
}
