package dev.holdfast.spring.boot.actuate;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Counting;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.metrics.SummingTimer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shows what the embedded peer measures, under {@code holdfast.node.}: its counters, its gauges that are numbers, and its timers. What stands for
 * one of several things in a name there is a tag here: {@code group}, or {@code port} and {@code reason}. None has a key or an owner, so their number
 * does not grow.
 */
final class NodeMeters implements MeterBinder {
    private static final String PREFIX = "holdfast.node.";
    private static final Pattern GROUP = Pattern.compile("holdfast\\.node\\.group\\.(\\d+)\\.(.+)");
    private static final Pattern DENIED = Pattern.compile("holdfast\\.node\\.denied\\.([^.]+)\\.(.+)");

    private final MetricRegistry metrics;
    private final Tags tags;

    NodeMeters(MetricRegistry metrics, Tags tags) {
        this.metrics = metrics;
        this.tags = tags;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Map.Entry<String, Metric> each : metrics.getMetrics().entrySet()) {
            if (each.getKey().startsWith(PREFIX)) {
                bind(registry, each.getKey(), each.getValue());
            }
        }
    }

    private void bind(MeterRegistry registry, String name, Metric metric) {
        Matcher group = GROUP.matcher(name);
        Matcher denied = DENIED.matcher(name);
        if (group.matches()) {
            bind(registry, PREFIX + "group." + group.group(2), tags.and("group", group.group(1)), metric);
        } else if (denied.matches() && metric instanceof Gauge<?> count) {
            FunctionCounter.builder(PREFIX + "denied", count, NodeMeters::number)
                    .tags(tags.and("port", denied.group(1), "reason", denied.group(2)))
                    .register(registry);
        } else {
            bind(registry, name, tags, metric);
        }
    }

    private static void bind(MeterRegistry registry, String name, Tags tags, Metric metric) {
        String dotted = name.replace('-', '.');
        if (metric instanceof SummingTimer timer) {
            FunctionTimer.builder(dotted, timer, SummingTimer::getCount, SummingTimer::totalNanos, TimeUnit.NANOSECONDS)
                    .tags(tags)
                    .register(registry);
        } else if (metric instanceof Counter counter) {
            FunctionCounter.builder(dotted, counter, Counting::getCount)
                    .tags(tags)
                    .register(registry);
        } else if (metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number) {
            io.micrometer.core.instrument.Gauge.builder(dotted, gauge, NodeMeters::number)
                    .tags(tags)
                    .register(registry);
        }
    }

    private static double number(Gauge<?> gauge) {
        return gauge.getValue() instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
