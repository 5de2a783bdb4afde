package dev.holdfast.http.internal.api;

import dev.holdfast.protocol.LogTime;
import java.util.concurrent.TimeUnit;

/** How much of a lease a caller may believe in. */
final class Leases {
    /** As clients in Java: two clocks differ in speed, and log time is in whole milliseconds. */
    private static final long DRIFT_PART = 100;

    private static final long GRANULARITY_MS = 1;

    /**
     * What is left of a lease now.
     *
     * @param leaseMs how long it was when the leader said so
     * @param sentNanos when the leader was asked, which is before it said so
     */
    static long leftMs(long leaseMs, long sentNanos) {
        if (leaseMs == LogTime.NEVER) {
            return LogTime.NEVER;
        }
        long sinceMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentNanos) + 1;
        return Math.max(0, leaseMs - leaseMs / DRIFT_PART - GRANULARITY_MS - sinceMs);
    }

    private Leases() {}
}
