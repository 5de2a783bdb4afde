package dev.holdfast.client.internal.lease;

import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.protocol.LogTime;
import java.util.concurrent.TimeUnit;

/**
 * Tells when, on this client's clock, a deadline in the cluster's log time may be reached at the earliest.
 *
 * <p>Log time has no relation to any clock here, but it never runs faster than real time. An answer that carries log time
 * {@code T} to a request that was sent at the local instant {@code t} says: when log time was {@code T}, it was {@code t}
 * or later here. So log time {@code D} comes no sooner than {@code t + (D - T)}. Each such pair is an <i>anchor</i>; the
 * best is the one with the greatest {@code t - T}, for it allows the latest deadline that is still safe: a slow answer
 * makes a poor anchor, a quick one a good anchor, and a time without a leader, when log time stands still, makes all later
 * anchors better.
 *
 * <p>Two allowances are taken off. Log time is in whole milliseconds, so {@code T} may be up to 1 ms more than it says.
 * And two quartz clocks differ in speed: {@value #DRIFT_PERCENT} % of the time between the anchor and the deadline. The
 * second makes old anchors lose value by and by, and new ones take their place.
 *
 * <p>Not thread-safe.
 *
 * <p>See docs/adr/002-stamps-count-only-in-their-term.md.
 */
public final class LogClock {
    /** How much faster the leader's clock may run than this client's, in percent. */
    public static final int DRIFT_PERCENT = 1;

    /** What {@code T} may be more than it says, because log time is in whole milliseconds. */
    private static final long GRANULARITY_NANOS = 1_000_000;

    /** A lease so long is counted without looking at it too closely: about 100 years. */
    private static final long LONGEST_MS = TimeUnit.DAYS.toMillis(36_500);

    private boolean anchored;
    private long anchorNanos;
    private long anchorLogMs;

    /**
     * Takes note of an answer.
     *
     * @param sentNanos when the first attempt of the request that may have been answered was sent
     * @param logTimeMs the log time in the answer
     */
    public void observe(long sentNanos, long logTimeMs) {
        if (!anchored || isBetter(sentNanos, logTimeMs)) {
            anchored = true;
            anchorNanos = sentNanos;
            anchorLogMs = logTimeMs;
        }
    }

    // Compared by what the two say about the present, after the older one has paid for its age.
    private boolean isBetter(long sentNanos, long logTimeMs) {
        long gain = (sentNanos - anchorNanos) - TimeUnit.MILLISECONDS.toNanos(logTimeMs - anchorLogMs);
        return gain + drift(Math.max(0, sentNanos - anchorNanos)) >= 0;
    }

    /**
     * Until when a lease that ends at {@code deadlineMs} in log time may be believed.
     *
     * @return an instant of {@link ClientClock}, never later than the cluster's own; {@link ClientClock#NEVER} for
     *     {@link LogTime#NEVER}; the distant past when no answer was ever observed
     */
    public long believedNanos(long deadlineMs) {
        if (deadlineMs == LogTime.NEVER) {
            return ClientClock.NEVER;
        }
        if (!anchored) {
            return Long.MIN_VALUE;
        }
        long leftMs = Math.min(deadlineMs - anchorLogMs, LONGEST_MS);
        long leftNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(leftMs, -LONGEST_MS));
        return ClientClock.plus(anchorNanos, leftNanos - allowanceNanos(leftNanos));
    }

    /** What has to be taken off a lease of that length so that it is believed no longer than the cluster keeps it. */
    public static long allowanceNanos(long leaseNanos) {
        return GRANULARITY_NANOS + drift(Math.max(0, leaseNanos));
    }

    private static long drift(long nanos) {
        return nanos / 100 * DRIFT_PERCENT;
    }
}
