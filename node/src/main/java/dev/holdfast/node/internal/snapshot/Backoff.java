package dev.holdfast.node.internal.snapshot;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How long to wait after attempts that failed: twice as long after each, up to some minutes. Not thread-safe. */
final class Backoff {
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int DOUBLINGS_MAX = 8;

    private final LongSupplier nanoTime;
    private int failures;
    private long lastFailure;

    Backoff(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void failed() {
        failures++;
        lastFailure = nanoTime.getAsLong();
    }

    void succeeded() {
        failures = 0;
    }

    /** Whether the last attempt failed. */
    boolean hasFailed() {
        return failures > 0;
    }

    /** Whether it is time for another attempt. */
    boolean isOver() {
        return !hasFailed() || nanoTime.getAsLong() - lastFailure >= pauseNanos();
    }

    long pauseSeconds() {
        return TimeUnit.NANOSECONDS.toSeconds(pauseNanos());
    }

    private long pauseNanos() {
        return FIRST_NANOS << Math.min(failures - 1, DOUBLINGS_MAX);
    }
}
