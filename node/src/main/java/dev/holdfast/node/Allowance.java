package dev.holdfast.node;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** So many at once, and then one in a while: a token bucket. */
final class Allowance {
    private final int most;
    private final Duration every;
    private final InstantSource clock;
    private int left;
    private Instant refilled;

    Allowance(int most, Duration every, InstantSource clock) {
        this.most = most;
        this.every = every;
        this.clock = clock;
        this.left = most;
        this.refilled = clock.instant();
    }

    /** Whether one more is allowed, which then counts. */
    synchronized boolean take() {
        Instant now = clock.instant();
        if (now.isBefore(refilled)) {
            // The clock was set back.
            refilled = now;
        }
        long due = Duration.between(refilled, now).dividedBy(every);
        if (due > 0) {
            left = (int) Math.min(most, left + due);
            refilled = left == most ? now : refilled.plus(every.multipliedBy(due));
        }
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
