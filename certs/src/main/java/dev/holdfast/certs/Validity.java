package dev.holdfast.certs;

import java.time.Duration;
import java.time.Instant;

/**
 * When a certificate is valid. Certificates count in whole seconds; fractions are cut off.
 *
 * @param from the first instant
 * @param until the last
 */
public record Validity(Instant from, Instant until) {
    /** The clocks of hosts differ: what was just issued is to be valid on all of them. */
    private static final Duration BEFORE_NOW = Duration.ofHours(1);

    /** @throws IllegalArgumentException if it ends before it begins */
    public Validity {
        if (until.isBefore(from)) {
            throw new IllegalArgumentException("a certificate cannot be valid from " + from + " until " + until);
        }
    }

    /**
     * From now on, for so long. It begins an hour earlier, since the clocks of hosts differ.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public static Validity of(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a certificate cannot be valid for " + duration);
        }
        Instant now = Instant.now();
        return new Validity(now.minus(BEFORE_NOW), now.plus(duration));
    }

    /**
     * From now on, for so many days.
     *
     * @throws IllegalArgumentException if they are negative
     */
    public static Validity ofDays(long days) {
        return of(Duration.ofDays(days));
    }

    /** Over since a minute ago: for tests. */
    public static Validity expired() {
        Instant now = Instant.now();
        return new Validity(now.minus(Duration.ofDays(2)), now.minus(Duration.ofMinutes(1)));
    }
}
