package dev.holdfast.client.metrics;

import com.codahale.metrics.Counting;
import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.ClientMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Shows what clients measure in a registry of Micrometer's, for applications that have one; {@code io.micrometer:micrometer-core} is
 * theirs to bring.
 *
 * <pre>{@code
 * MetricRegistry holdfast = new MetricRegistry();
 * new HoldfastMeters(holdfast).bindTo(meterRegistry);
 * HoldfastClient client = Holdfast.connect(servers, ClientOptions.defaults().metricRegistry(holdfast));
 * }</pre>
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><td>{@code lock.attempts}</td><td>counter</td><td>acquires that were begun</td></tr>
 * <tr><td>{@code lock.acquired}</td><td>counter</td><td>of these, granted, at once or after a wait</td></tr>
 * <tr><td>{@code lock.refused}</td><td>counter</td><td>refused without waiting</td></tr>
 * <tr><td>{@code lock.queued}</td><td>counter</td><td>that had to wait</td></tr>
 * <tr><td>{@code lock.timed.out}</td><td>counter</td><td>whose wait ran out</td></tr>
 * <tr><td>{@code lock.failed}</td><td>counter</td><td>that failed, or were given up</td></tr>
 * <tr><td>{@code lock.acquire}</td><td>timer</td><td>from the start of an acquire to its end, waits included</td></tr>
 * <tr><td>{@code lock.wait}</td><td>timer</td><td>how long acquires waited that had to</td></tr>
 * <tr><td>{@code lock.waiting}</td><td>gauge</td><td>acquires that wait now</td></tr>
 * <tr><td>{@code lock.held}</td><td>gauge</td><td>holds that the client believes in now</td></tr>
 * <tr><td>{@code lock.lost}</td><td>counter</td><td>holds that were lost</td></tr>
 * <tr><td>{@code lock.retries}</td><td>counter</td><td>attempts that failed and were repeated</td></tr>
 * <tr><td>{@code lock.sessions.lost}</td><td>counter</td><td>sessions that were lost</td></tr>
 * </table>
 *
 * <p>No meter has a tag with a key or an owner, so their number does not grow. May be used by any thread.
 */
public final class HoldfastMeters implements MeterBinder {
    private final MetricRegistry holdfast;
    private final Iterable<Tag> tags;

    /** @param registry that the clients were given, or will be */
    public HoldfastMeters(MetricRegistry registry) {
        this(registry, List.of());
    }

    /**
     * The same, with tags.
     *
     * @param registry that the clients were given, or will be
     * @param tags that each meter is to have
     */
    public HoldfastMeters(MetricRegistry registry, Iterable<Tag> tags) {
        this.holdfast = registry;
        this.tags = tags;
    }

    /** @throws IllegalStateException if the registry has something else under a name of the clients' */
    @Override
    public void bindTo(MeterRegistry registry) {
        // Makes those that are not there yet.
        var unused = new ClientMetrics(holdfast);
        counter(registry, "lock.attempts", ClientMetrics.ACQUIRE_ATTEMPTS, "Acquires that were begun");
        counter(
                registry,
                "lock.acquired",
                ClientMetrics.ACQUIRE_GRANTED,
                "Acquires that were granted, at once or after a wait");
        counter(registry, "lock.refused", ClientMetrics.ACQUIRE_REFUSED, "Acquires that were refused without waiting");
        counter(registry, "lock.queued", ClientMetrics.ACQUIRE_QUEUED, "Acquires that had to wait");
        counter(registry, "lock.timed.out", ClientMetrics.ACQUIRE_TIMED_OUT, "Acquires whose wait ran out");
        counter(registry, "lock.failed", ClientMetrics.ACQUIRE_FAILED, "Acquires that failed, or were given up");
        counter(registry, "lock.lost", ClientMetrics.HOLDS_LOST, "Holds that were lost");
        counter(registry, "lock.retries", ClientMetrics.RETRIES, "Attempts that failed and were repeated");
        counter(registry, "lock.sessions.lost", ClientMetrics.SESSIONS_LOST, "Sessions that were lost");
        timer(
                registry,
                "lock.acquire",
                ClientMetrics.ACQUIRE_TIME,
                "From the start of an acquire to its end, waits included");
        timer(registry, "lock.wait", ClientMetrics.WAIT_TIME, "How long acquires waited that had to");
        gauge(registry, "lock.waiting", ClientMetrics.WAITING, "Acquires that wait now");
        gauge(registry, "lock.held", ClientMetrics.HOLDS, "Holds that the client believes in now");
    }

    private <T> T metric(String name, Class<T> type) {
        Object metric = holdfast.getMetrics().get(name);
        if (!type.isInstance(metric)) {
            throw new IllegalStateException("the registry has another metric under the name " + name + ": " + metric);
        }
        return type.cast(metric);
    }

    private void counter(MeterRegistry registry, String name, String ofClient, String description) {
        FunctionCounter.builder(name, metric(ofClient, Counting.class), Counting::getCount)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String ofClient, String description) {
        Gauge.builder(name, metric(ofClient, Counting.class), Counting::getCount)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void timer(MeterRegistry registry, String name, String ofClient, String description) {
        FunctionTimer.builder(
                        name,
                        metric(ofClient, SummingTimer.class),
                        SummingTimer::getCount,
                        SummingTimer::totalNanos,
                        TimeUnit.NANOSECONDS)
                .description(description)
                .tags(tags)
                .register(registry);
    }
}
