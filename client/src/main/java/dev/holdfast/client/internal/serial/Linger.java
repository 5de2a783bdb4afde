package dev.holdfast.client.internal.serial;

/**
 * Whether it is worthwhile to wait a moment for tasks that are likely to come soon. It learns: where they do not come, it
 * seldom tries again. Touched by tasks of the serial executor only.
 *
 * <p>See docs/adr/007-two-batches-in-flight.md.
 */
final class Linger {
    /** About as long as it takes to wake a dozen threads; a good deal less than a sync of a log. */
    static final long MOST_NANOS = 60_000;

    private static final int SKIPPED_MAX = 64;

    private int asked;
    private int missing;
    private long untilNanos;
    private int toSkip;
    private int skippedNextTime = 1;

    /** So many are likely to come from now on. */
    void expect(int count, long nowNanos) {
        if (toSkip > 0) {
            toSkip--;
            return;
        }
        asked = missing + count;
        missing = asked;
        untilNanos = nowNanos + MOST_NANOS;
    }

    void came() {
        if (missing > 0 && --missing == 0) {
            skippedNextTime = 1;
        }
    }

    /** Whether to go on waiting. */
    boolean isOn(long nowNanos) {
        if (missing == 0) {
            return false;
        }
        if (nowNanos - untilNanos < 0) {
            return true;
        }
        if (missing > asked / 2) {
            toSkip = skippedNextTime;
            skippedNextTime = Math.min(2 * skippedNextTime, SKIPPED_MAX);
        }
        missing = 0;
        return false;
    }
}
