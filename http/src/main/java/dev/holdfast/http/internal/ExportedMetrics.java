package dev.holdfast.http.internal;

import com.codahale.metrics.Counting;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Sampling;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.Timer;
import dev.holdfast.client.metrics.SummingTimer;
import dev.holdfast.http.internal.Export.Kind;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.NodeHealth;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of a node, of its own client and of Ratis, as {@link Exports} tells. What else is in the registry is the application's, and
 * left alone. Ratis measures more than is named there; that goes out under Ratis's names, as {@code holdfast_raft_COMPONENT_NAME}.
 */
final class ExportedMetrics implements MultiCollector {
    private static final Logger LOG = LoggerFactory.getLogger(ExportedMetrics.class);
    private static final double NANOS = 1e-9;
    private static final double[] QUANTILES = {0.5, 0.95, 0.99, 0.999};
    private static final Export RAFT = Export.of(Kind.GAUGE, "holdfast.raft.group.{group}.{rest}", "holdfast_raft", "");
    private static final Export READY = Export.of(
            Kind.GAUGE,
            "ready",
            "holdfast_ready",
            "1 while callers are served at this peer, else 0; /health/ready says why.");
    private static final Export LIVE =
            Export.of(Kind.GAUGE, "live", "holdfast_live", "1 while this peer goes on by itself, else 0.");

    private final MetricRegistry registry;
    private final Supplier<NodeHealth> health;
    private final Labels common;

    ExportedMetrics(MetricRegistry registry, HoldfastNode node) {
        this(registry, node::health, node.clusterName(), node.id());
    }

    ExportedMetrics(MetricRegistry registry, Supplier<NodeHealth> health, String cluster, String peer) {
        this.registry = registry;
        this.health = health;
        this.common = Labels.of("cluster", cluster, "peer", peer);
    }

    /** How that metric looks, and with which labels. */
    record Match(Export export, Labels labels) {}

    /** {@code null} if the metric is not the node's. */
    static @Nullable Match match(String name, Metric metric, Labels common) {
        for (Export export : Exports.ALL) {
            Labels labels = export.labels(name, common);
            if (labels != null) {
                return new Match(export, labels);
            }
        }
        Labels ofRatis = RAFT.labels(name, common);
        return ofRatis == null
                ? null
                : ofRatis(ofRatis, common.add("group", String.valueOf(ofRatis.get("group"))), metric);
    }

    private static Match ofRatis(Labels labels, Labels kept, Metric metric) {
        String rest = String.valueOf(labels.get("rest"));
        String name = "holdfast_raft_"
                + rest.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                        .replaceAll("[^A-Za-z0-9_]", "_")
                        .toLowerCase(Locale.ROOT);
        String help = "Of Apache Ratis: " + rest;
        if (metric instanceof Timer) {
            return new Match(
                    Export.of(Kind.SUMMARY, rest, name + "_seconds", help).times(NANOS), kept);
        }
        // To Prometheus that ending is a summary's.
        return metric instanceof Gauge
                ? new Match(Export.of(Kind.GAUGE, rest, name.replaceFirst("_count$", ""), help), kept)
                : new Match(Export.of(Kind.COUNTER, rest, name, help), kept);
    }

    @Override
    public MetricSnapshots collect() {
        Map<String, Family> families = new TreeMap<>();
        NodeHealth now = health.get();
        family(families, READY).value(common, now.ready() ? 1 : 0);
        family(families, LIVE).value(common, now.live() ? 1 : 0);
        registry.getMetrics().forEach((name, metric) -> {
            try {
                Match match = match(name, metric, common);
                if (match != null) {
                    add(family(families, match.export()), match, metric);
                }
            } catch (RuntimeException e) {
                // What it measures may just have ended.
                LOG.debug("{} has no value now", name, e);
            }
        });
        return new MetricSnapshots(
                families.values().stream().map(Family::snapshot).toList());
    }

    private static Family family(Map<String, Family> families, Export export) {
        return families.computeIfAbsent(export.metadata().getPrometheusName(), unused -> new Family(export));
    }

    private static void add(Family family, Match match, Metric metric) {
        Export export = match.export();
        if (family.kind() != export.kind()) {
            // Two of Ratis's names that differ in their spelling alone.
            return;
        }
        switch (export.kind()) {
            case COUNTER, GAUGE -> {
                if (metric instanceof Counting counting) {
                    family.value(match.labels(), (double) counting.getCount());
                } else if (metric instanceof Gauge<?> gauge) {
                    gauge(family, match, gauge.getValue());
                }
            }
            case STATE -> {
                if (metric instanceof Gauge<?> gauge) {
                    family.state(match.labels(), String.valueOf(gauge.getValue()));
                }
            }
            case SUMMARY -> summary(family, match, metric);
        }
    }

    private static void gauge(Family family, Match match, @Nullable Object value) {
        if (value instanceof Number number) {
            family.value(match.labels(), number.doubleValue());
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> {
                if (each instanceof Number number) {
                    family.value(
                            match.labels().add(match.export().labelOfKeys(), String.valueOf(key)),
                            number.doubleValue());
                }
            });
        }
    }

    private static void summary(Family family, Match match, Metric metric) {
        if (metric instanceof Sampling sampling && metric instanceof Counting counting) {
            Snapshot snapshot = sampling.getSnapshot();
            double factor = match.export().factor();
            List<Quantile> quantiles = List.of();
            if (counting.getCount() > 0) {
                quantiles = Arrays.stream(QUANTILES)
                        .mapToObj(quantile -> new Quantile(quantile, snapshot.getValue(quantile) * factor))
                        .toList();
            }
            double sum = metric instanceof SummingTimer timer ? timer.totalNanos() * factor : Double.NaN;
            family.summary(match.labels(), counting.getCount(), sum, Quantiles.of(quantiles));
        }
    }
}
