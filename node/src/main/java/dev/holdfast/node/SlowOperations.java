package dev.holdfast.node;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what took long, and what it waited for: to a logger of its own, of each kind once in ten seconds at most. Thread-safe; costs a
 * comparison where nothing is slow.
 */
final class SlowOperations {
    /** The logger. */
    static final String NAME = "dev.holdfast.slow";

    private static final Logger LOG = LoggerFactory.getLogger(NAME);
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String peer;
    private final long thresholdNanos;
    private final LongSupplier nanoTime;
    private final Kind rounds;
    private final Kind applies;
    private final Kind syncs;

    /** @param threshold from which on something is slow; zero for never */
    SlowOperations(String peer, Duration threshold, LongSupplier nanoTime) {
        this.peer = peer;
        this.thresholdNanos = threshold.isZero() ? Long.MAX_VALUE : threshold.toNanos();
        this.nanoTime = nanoTime;
        this.rounds = new Kind();
        this.applies = new Kind();
        this.syncs = new Kind();
    }

    private final class Kind {
        private final AtomicLong lastNanos = new AtomicLong(nanoTime.getAsLong() - PERIOD_NANOS);
        private final AtomicLong leftOut = new AtomicLong();

        /** Whether to say it now. What is not said is counted. */
        boolean isDue() {
            long last = lastNanos.get();
            long now = nanoTime.getAsLong();
            if (now - last >= PERIOD_NANOS && lastNanos.compareAndSet(last, now)) {
                return true;
            }
            leftOut.incrementAndGet();
            return false;
        }

        String others() {
            long count = leftOut.getAndSet(0);
            return count == 0 ? "" : " (and " + count + " more since the last line)";
        }
    }

    /** A batch of a client's commands was answered by this leader. */
    void answered(long queuedNanos, long loggedNanos) {
        if (queuedNanos + loggedNanos >= thresholdNanos && rounds.isDue()) {
            LOG.warn(
                    "Peer {}: a client's commands took {} ms: {} ms until they entered the log, and {} ms until a majority had"
                            + " them on disk and they were applied{}",
                    peer,
                    millis(queuedNanos + loggedNanos),
                    millis(queuedNanos),
                    millis(loggedNanos),
                    rounds.others());
        }
    }

    /** An entry of that many commands was applied. */
    void applied(int commands, long nanos) {
        if (nanos >= thresholdNanos && applies.isDue()) {
            LOG.warn(
                    "Peer {}: applying a log entry of {} commands took {} ms: this machine is busy, or the process was paused{}",
                    peer,
                    commands,
                    millis(nanos),
                    applies.others());
        }
    }

    /** The log was synced. */
    void synced(long nanos) {
        if (nanos >= thresholdNanos && syncs.isDue()) {
            LOG.warn("Peer {}: its disk took {} ms to sync the log{}", peer, millis(nanos), syncs.others());
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
