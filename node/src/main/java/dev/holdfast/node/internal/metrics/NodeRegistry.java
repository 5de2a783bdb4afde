package dev.holdfast.node.internal.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;

/** What one component of Ratis measures, in a registry that others use too, under a prefix. Thread-safe. */
final class NodeRegistry implements RatisMetricRegistry {
    private final MetricRegistryInfo info;
    private final MetricRegistry registry;
    private final String prefix;
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    NodeRegistry(MetricRegistryInfo info, MetricRegistry registry, String prefix) {
        this.info = info;
        this.registry = registry;
        this.prefix = prefix;
    }

    private String name(String name) {
        String whole = prefix + name;
        names.add(whole);
        return whole;
    }

    @Override
    public Timekeeper timer(String name) {
        Timer timer = registry.timer(name(name));
        return () -> {
            Timer.Context context = timer.time();
            return context::stop;
        };
    }

    @Override
    public LongCounter counter(String name) {
        Counter counter = registry.counter(name(name));
        return new LongCounter() {
            @Override
            public void inc(long n) {
                counter.inc(n);
            }

            @Override
            public void dec(long n) {
                counter.dec(n);
            }

            @Override
            public long getCount() {
                return counter.getCount();
            }
        };
    }

    /** A later one takes the place of an earlier: that may be of a leadership that is over. */
    @Override
    public <T> void gauge(String name, Supplier<Supplier<T>> gauge) {
        Supplier<T> value = gauge.get();
        String whole = name(name);
        registry.remove(whole);
        registry.gauge(whole, () -> (Gauge<T>) value::get);
    }

    @Override
    public boolean remove(String name) {
        names.remove(prefix + name);
        return registry.remove(prefix + name);
    }

    /** Removes all that it has. */
    void end() {
        names.forEach(registry::remove);
        names.clear();
    }

    @Override
    public MetricRegistryInfo getMetricRegistryInfo() {
        return info;
    }
}
