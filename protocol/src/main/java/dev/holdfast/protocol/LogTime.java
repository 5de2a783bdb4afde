package dev.holdfast.protocol;

/**
 * Log time: milliseconds on the cluster's own clock. The leader stamps each log entry with it. It never runs backwards,
 * never runs faster than real time, and stands still while there is no leader. It has no relation to the wall clock.
 */
public final class LogTime {
    /** Stands for "no deadline". */
    public static final long NEVER = Long.MAX_VALUE;

    private LogTime() {}

    /** Returns {@code time + durationMs}, or {@link #NEVER} if that would overflow. */
    public static long plus(long time, long durationMs) {
        return durationMs > NEVER - time ? NEVER : time + durationMs;
    }
}
