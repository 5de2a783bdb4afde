package dev.holdfast.node.internal.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import dev.holdfast.client.metrics.SummingTimer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;

/** What one component of Ratis measures, in a registry that others use too, under a prefix. Thread-safe. */
final class NodeRegistry implements RatisMetricRegistry {
    /** What Ratis calls the syncs of the log ({@code SegmentedRaftLogMetrics}, 3.3.0). */
    private static final String SYNC = "syncTime";

    private final MetricRegistryInfo info;
    private final MetricRegistry registry;
    private final String prefix;
    private final LongConsumer synced;
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    /** @param synced told how long each sync of the log took, if this component measures that */
    NodeRegistry(MetricRegistryInfo info, MetricRegistry registry, String prefix, LongConsumer synced) {
        this.synced = synced;
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
        Timer timer = SummingTimer.in(registry, name(name));
        LongConsumer listener = name.equals(SYNC) ? synced : nanos -> {};
        return () -> {
            Timer.Context context = timer.time();
            return () -> {
                long took = context.stop();
                listener.accept(took);
                return took;
            };
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
