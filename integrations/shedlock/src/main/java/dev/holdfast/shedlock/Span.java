package dev.holdfast.shedlock;

import java.time.Duration;

/** A length of time that begins at an instant of a monotonic clock. */
record Span(long fromNanos, Duration length) {
    /** Zero or less when it is over. */
    Duration leftAt(long nowNanos) {
        return length.minusNanos(nowNanos - fromNanos);
    }
}
