package dev.holdfast.bench.load;

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

    private static double ms(Histogram times, double percentile) {
        return times.getValueAtPercentile(percentile) / NANOS_PER_MS;
    }
}
