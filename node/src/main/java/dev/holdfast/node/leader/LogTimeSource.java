package dev.holdfast.node.leader;

import dev.holdfast.client.time.Timers;
import java.util.concurrent.TimeUnit;

/**
 * The log time of one term: the log time that was applied when the term began, plus the monotonic time since. So it
 * continues where the last leader's entries ended, stands still between leaders, and never runs faster than real time.
 *
 * <p>See {@code docs/adr/002-stamps-count-only-in-their-term.md}.
 */
final class LogTimeSource {
    private final Timers timers;
    private final long startMs;
    private final long startNanos;

    LogTimeSource(Timers timers, long appliedLogTimeMs) {
        this.timers = timers;
        this.startMs = appliedLogTimeMs;
        this.startNanos = timers.nanoTime();
    }

    long nowMs() {
        return startMs + TimeUnit.NANOSECONDS.toMillis(timers.nanoTime() - startNanos);
    }

    /** How long until that log time has come, in nanoseconds; 0 or less if it has. */
    long nanosUntil(long logTimeMs) {
        return TimeUnit.MILLISECONDS.toNanos(logTimeMs - startMs) - (timers.nanoTime() - startNanos);
    }
}
