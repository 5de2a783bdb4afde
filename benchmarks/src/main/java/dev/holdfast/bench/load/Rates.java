package dev.holdfast.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Counts what happens in the course of time, in bins of equal length. Thread-safe. */
final class Rates {
    private static final int BINS_MAX = 120;
    private static final double NANOS_PER_SECOND = 1e9;

    private final long beganNanos;
    private final double binSeconds;
    private final AtomicIntegerArray counts;

    /** @param seconds how long it is watched; what comes later is not counted */
    Rates(long beganNanos, int seconds) {
        this.beganNanos = beganNanos;
        counts = new AtomicIntegerArray(Math.max(1, Math.min(BINS_MAX, seconds)));
        binSeconds = (double) seconds / counts.length();
    }

    double binSeconds() {
        return binSeconds;
    }

    void happened(long nanos) {
        int bin = (int) ((nanos - beganNanos) / NANOS_PER_SECOND / binSeconds);
        if (bin >= 0 && bin < counts.length()) {
            counts.incrementAndGet(bin);
        }
    }

    List<Double> perSecond() {
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < counts.length(); i++) {
            rates.add(counts.get(i) / binSeconds);
        }
        return rates;
    }
}
