package dev.holdfast.bench.load;

import dev.holdfast.bench.load.LoadCourse.Percentile;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The pairs that ended in one stretch of time. */
final class Window {
    private static final long HIGHEST_NANOS = 600_000_000_000L;
    private static final int DIGITS = 3;
    private static final double NANOS_PER_MS = 1e6;
    private static final double PERCENT_50 = 50;
    private static final double PERCENT_90 = 90;
    private static final double PERCENT_99 = 99;
    private static final double PERCENT_100 = 100;
    private static final List<Double> SPREAD =
            List.of(0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 98.0, 99.0, 99.5, 99.9, 99.95, 99.99, 100.0);

    private final Histogram acquire = new ConcurrentHistogram(HIGHEST_NANOS, DIGITS);
    private final Histogram pair = new ConcurrentHistogram(HIGHEST_NANOS, DIGITS);
    private final AtomicIntegerArray grants;
    private final AtomicLong errors = new AtomicLong();

    Window(int callers) {
        grants = new AtomicIntegerArray(callers);
    }

    void record(int caller, long acquireNanos, long pairNanos) {
        acquire.recordValue(Math.min(acquireNanos, HIGHEST_NANOS));
        pair.recordValue(Math.min(pairNanos, HIGHEST_NANOS));
        grants.incrementAndGet(caller);
    }

    void error() {
        errors.incrementAndGet();
    }

    int grants(int caller) {
        return grants.get(caller);
    }

    LoadResult result(double seconds) {
        return new LoadResult(
                pair.getTotalCount() / seconds,
                ms(acquire, PERCENT_50),
                ms(acquire, PERCENT_99),
                ms(pair, PERCENT_50),
                ms(pair, PERCENT_90),
                ms(pair, PERCENT_99),
                ms(pair, PERCENT_100),
                IntStream.range(0, grants.length()).map(grants::get).min().orElse(0),
                IntStream.range(0, grants.length()).map(grants::get).max().orElse(0),
                errors.get(),
                List.of());
    }

    /** How all acquires of these windows are spread. */
    static List<Percentile> acquires(List<Window> windows) {
        return spread(windows.stream().map(window -> window.acquire).toList());
    }

    /** The same of pairs. */
    static List<Percentile> pairs(List<Window> windows) {
        return spread(windows.stream().map(window -> window.pair).toList());
    }

    private static List<Percentile> spread(List<Histogram> histograms) {
        Histogram all = new Histogram(HIGHEST_NANOS, DIGITS);
        histograms.forEach(all::add);
        return all.getTotalCount() == 0
                ? List.of()
                : SPREAD.stream()
                        .map(percent -> new Percentile(percent, ms(all, percent)))
                        .toList();
    }

    private static double ms(Histogram times, double percentile) {
        return times.getValueAtPercentile(percentile) / NANOS_PER_MS;
    }
}
