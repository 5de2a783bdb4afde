package dev.holdfast.node.internal.metrics;

import com.codahale.metrics.MetricRegistry;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.util.TimeDuration;

/**
 * Puts what Ratis measures into the registry of the node that it belongs to. Ratis finds this class by {@link java.util.ServiceLoader}, once
 * in a JVM. Its own default keeps the metrics in a relocated library that nothing can read.
 *
 * <p>A node says before it builds its server where the metrics of its groups go. Those of other servers, of an application that uses
 * Ratis itself, are counted and kept from nobody's sight but their own: the application can bring a provider of its own instead. Thread-safe.
 */
public final class RatisMetricRegistries extends MetricRegistries {
    /** The prefix of all names, with the number of the group, {@code .}, and what Ratis calls the component behind it. */
    public static final String PREFIX = "holdfast.raft.group.";

    private static final Map<String, Target> TARGETS = new ConcurrentHashMap<>();

    private static final Map<MetricRegistryInfo, Shared> REGISTRIES = new ConcurrentHashMap<>();

    /** Ratis drops it with each leadership that ends, and goes on using it ({@code LeaderStateImpl.stop}, 3.3.0). */
    private static final String SERVER = "server";

    private record Target(MetricRegistry registry, int group, LongConsumer synced) {}

    private record Shared(NodeRegistry registry, int uses) {}

    /**
     * The metrics of that peer's part in that group go there from now on. Said before Ratis builds its server.
     *
     * @param synced told of each sync of the log how many nanoseconds it took
     */
    public static void feed(RaftGroupMemberId part, int group, MetricRegistry registry, LongConsumer synced) {
        TARGETS.put(part.toString(), new Target(registry, group, synced));
    }

    /** Removes the metrics of that peer's part, which has ended. */
    public static void end(RaftGroupMemberId part) {
        Target target = TARGETS.remove(part.toString());
        REGISTRIES.keySet().removeIf(info -> info.getPrefix().equals(part.toString()));
        if (target != null) {
            String prefix = PREFIX + target.group() + ".";
            target.registry().removeMatching((name, metric) -> name.startsWith(prefix));
        }
    }

    private static NodeRegistry registry(MetricRegistryInfo info) {
        Target target = TARGETS.get(info.getPrefix());
        return target == null
                ? new NodeRegistry(info, new MetricRegistry(), info.getMetricsComponentName() + ".", nanos -> {})
                : new NodeRegistry(
                        info,
                        target.registry(),
                        PREFIX + target.group() + "." + info.getMetricsComponentName() + ".",
                        target.synced());
    }

    @Override
    public RatisMetricRegistry create(MetricRegistryInfo info) {
        return REGISTRIES
                .compute(
                        info,
                        (unused, known) -> known == null
                                ? new Shared(registry(info), 1)
                                : new Shared(known.registry(), known.uses() + 1))
                .registry();
    }

    @Override
    public boolean remove(MetricRegistryInfo info) {
        if (info.getMetricsComponentName().equals(SERVER) && TARGETS.containsKey(info.getPrefix())) {
            return false;
        }
        return REGISTRIES.compute(info, (unused, known) -> {
                    if (known != null && known.uses() > 1) {
                        return new Shared(known.registry(), known.uses() - 1);
                    }
                    if (known != null) {
                        known.registry().end();
                    }
                    return null;
                })
                == null;
    }

    @Override
    public void clear() {
        REGISTRIES.values().forEach(shared -> shared.registry().end());
        REGISTRIES.clear();
    }

    @Override
    public Optional<RatisMetricRegistry> get(MetricRegistryInfo info) {
        return Optional.ofNullable(REGISTRIES.get(info)).map(Shared::registry);
    }

    @Override
    public Set<MetricRegistryInfo> getMetricRegistryInfos() {
        return Set.copyOf(REGISTRIES.keySet());
    }

    @Override
    public Collection<RatisMetricRegistry> getMetricRegistries() {
        return List.copyOf(REGISTRIES.values().stream().map(Shared::registry).toList());
    }

    /** Nobody reports from here: the node's registry has its own reporters. */
    @Override
    public void addReporterRegistration(
            Consumer<RatisMetricRegistry> reporterRegistration, Consumer<RatisMetricRegistry> stopReporter) {}

    @Override
    public void enableJmxReporter() {}

    @Override
    public void enableConsoleReporter(TimeDuration consoleReportRate) {}
}
