package dev.holdfast.bench.load;

import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The times of the pairs that ended in one stretch of time. */
final class Window {
    private static final long HIGHEST_NANOS = 600_000_000_000L;
    private static final int DIGITS = 3;
    private static final double NANOS_PER_MS = 1e6;

    private final Histogram acquire = new ConcurrentHistogram(HIGHEST_NANOS, DIGITS);
    private final Histogram pair = new ConcurrentHistogram(HIGHEST_NANOS, DIGITS);

    void record(long acquireNanos, long pairNanos) {
        acquire.recordValue(Math.min(acquireNanos, HIGHEST_NANOS));
        pair.recordValue(Math.min(pairNanos, HIGHEST_NANOS));
    }

    double perSecond(double seconds) {
        return pair.getTotalCount() / seconds;
    }

    double acquireMs(double percentile) {
        return acquire.getValueAtPercentile(percentile) / NANOS_PER_MS;
    }

    double pairMs(double percentile) {
        return pair.getValueAtPercentile(percentile) / NANOS_PER_MS;
    }
}
