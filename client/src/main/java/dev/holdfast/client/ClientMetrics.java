package dev.holdfast.client;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import dev.holdfast.client.metrics.SummingTimer;
import java.util.concurrent.TimeUnit;

/**
 * What a client counts. There is no metric per lock, so the number of metrics never grows. Clients that share a registry
 * share the metrics, which then count for all of them. All methods may be called from any thread.
 */
public final class ClientMetrics {
    /** Meter: acquires that were begun. */
    public static final String ACQUIRE_ATTEMPTS = "holdfast.client.acquire.attempts";
    /** Meter: acquires that were granted, at once or after a wait. */
    public static final String ACQUIRE_GRANTED = "holdfast.client.acquire.granted";
    /** Meter: acquires that were refused without waiting. */
    public static final String ACQUIRE_REFUSED = "holdfast.client.acquire.refused";
    /** Meter: acquires that had to queue. */
    public static final String ACQUIRE_QUEUED = "holdfast.client.acquire.queued";
    /** Meter: acquires whose wait ran out. */
    public static final String ACQUIRE_TIMED_OUT = "holdfast.client.acquire.timed-out";
    /** Meter: acquires that failed, or were given up by their callers. */
    public static final String ACQUIRE_FAILED = "holdfast.client.acquire.failed";
    /** Timer: from the start of an acquire to its end, waits included. */
    public static final String ACQUIRE_TIME = "holdfast.client.acquire.time";
    /** Timer: how long acquires that had to queue waited, however that ended. */
    public static final String WAIT_TIME = "holdfast.client.wait.time";
    /** Counter: acquires that are queued now. */
    public static final String WAITING = "holdfast.client.waiting";
    /** Counter: holds that this client believes in now. */
    public static final String HOLDS = "holdfast.client.holds";
    /** Meter: holds that were lost. */
    public static final String HOLDS_LOST = "holdfast.client.holds.lost";
    /** Histogram: commands in a batch. */
    public static final String BATCH_SIZE = "holdfast.client.batch.size";
    /** Meter: attempts that failed and were repeated. */
    public static final String RETRIES = "holdfast.client.retries";
    /** Meter: sessions that were lost. */
    public static final String SESSIONS_LOST = "holdfast.client.sessions.lost";

    private final MetricRegistry registry;
    private final Meter attempts;
    private final Meter granted;
    private final Meter refused;
    private final Meter queued;
    private final Meter timedOut;
    private final Meter failed;
    private final Timer acquireTime;
    private final Timer waitTime;
    private final Counter waiting;
    private final Counter holds;
    private final Meter holdsLost;
    private final Histogram batchSize;
    private final Meter retries;
    private final Meter sessionsLost;

    public ClientMetrics(MetricRegistry registry) {
        this.registry = registry;
        attempts = registry.meter(ACQUIRE_ATTEMPTS);
        granted = registry.meter(ACQUIRE_GRANTED);
        refused = registry.meter(ACQUIRE_REFUSED);
        queued = registry.meter(ACQUIRE_QUEUED);
        timedOut = registry.meter(ACQUIRE_TIMED_OUT);
        failed = registry.meter(ACQUIRE_FAILED);
        acquireTime = SummingTimer.in(registry, ACQUIRE_TIME);
        waitTime = SummingTimer.in(registry, WAIT_TIME);
        waiting = registry.counter(WAITING);
        holds = registry.counter(HOLDS);
        holdsLost = registry.meter(HOLDS_LOST);
        batchSize = registry.histogram(BATCH_SIZE);
        retries = registry.meter(RETRIES);
        sessionsLost = registry.meter(SESSIONS_LOST);
    }

    /** Where the metrics are registered. */
    public MetricRegistry registry() {
        return registry;
    }

    /** How an acquire ended. */
    public enum AcquireEnd {
        GRANTED,
        REFUSED,
        TIMED_OUT,
        FAILED
    }

    public void acquireBegan() {
        attempts.mark();
    }

    public void acquireEnded(AcquireEnd end, long tookNanos) {
        acquireTime.update(tookNanos, TimeUnit.NANOSECONDS);
        Meter meter = switch (end) {
            case GRANTED -> granted;
            case REFUSED -> refused;
            case TIMED_OUT -> timedOut;
            case FAILED -> failed;
        };
        meter.mark();
    }

    public void waitBegan() {
        queued.mark();
        waiting.inc();
    }

    public void waitEnded(long tookNanos) {
        waiting.dec();
        waitTime.update(tookNanos, TimeUnit.NANOSECONDS);
    }

    public void holdBegan() {
        holds.inc();
    }

    public void holdEnded(boolean lost) {
        holds.dec();
        if (lost) {
            holdsLost.mark();
        }
    }

    public void batchSent(int commands) {
        batchSize.update(commands);
    }

    public void retried() {
        retries.mark();
    }

    public void sessionLost() {
        sessionsLost.mark();
    }
}
