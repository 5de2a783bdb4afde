package dev.holdfast.bench.cluster;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import dev.holdfast.node.NodeMetrics;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The maximum of a node's apply times since it was last asked for; the node's own timer keeps only a sample. */
final class LongestApply extends Timer {
    private final AtomicLong nanos = new AtomicLong();

    /** To be called before the node is created. */
    static LongestApply in(MetricRegistry registry) {
        return registry.register(NodeMetrics.PREFIX + "apply.time", new LongestApply());
    }

    @Override
    public void update(long duration, TimeUnit unit) {
        nanos.accumulateAndGet(unit.toNanos(duration), Math::max);
    }

    long takeNanos() {
        return nanos.getAndSet(0);
    }
}
