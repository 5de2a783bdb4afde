package dev.holdfast.http.internal;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot.StateSetDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The values of one metric of Prometheus, under all its labels, as they are gathered. */
final class Family {
    private final Export export;
    private final List<CounterDataPointSnapshot> counters = new ArrayList<>();
    private final List<GaugeDataPointSnapshot> gauges = new ArrayList<>();
    private final List<StateSetDataPointSnapshot> states = new ArrayList<>();
    private final List<SummaryDataPointSnapshot> summaries = new ArrayList<>();

    /** Prometheus takes each once. */
    private final Set<Labels> seen = new HashSet<>();

    Family(Export export) {
        this.export = export;
    }

    Export.Kind kind() {
        return export.kind();
    }

    void value(Labels labels, double value) {
        if (!seen.add(labels)) {
            return;
        }
        double inUnit = value * export.factor();
        if (export.kind() == Export.Kind.COUNTER) {
            counters.add(CounterDataPointSnapshot.builder()
                    .value(inUnit)
                    .labels(labels)
                    .build());
        } else {
            gauges.add(GaugeDataPointSnapshot.builder()
                    .value(inUnit)
                    .labels(labels)
                    .build());
        }
    }

    void state(Labels labels, String state) {
        if (!seen.add(labels)) {
            return;
        }
        StateSetDataPointSnapshot.Builder builder =
                StateSetDataPointSnapshot.builder().labels(labels);
        export.states().forEach(each -> builder.state(each, each.equals(state)));
        states.add(builder.build());
    }

    /** @param sum {@link Double#NaN} if it is not known */
    void summary(Labels labels, long count, double sum, Quantiles quantiles) {
        if (!seen.add(labels)) {
            return;
        }
        SummaryDataPointSnapshot.Builder builder = SummaryDataPointSnapshot.builder();
        builder.count(count).quantiles(quantiles).labels(labels);
        if (!Double.isNaN(sum)) {
            builder.sum(sum);
        }
        summaries.add(builder.build());
    }

    MetricSnapshot snapshot() {
        return switch (export.kind()) {
            case COUNTER -> new CounterSnapshot(export.metadata(), counters);
            case GAUGE -> new GaugeSnapshot(export.metadata(), gauges);
            case STATE -> new StateSetSnapshot(export.metadata(), states);
            case SUMMARY -> new SummarySnapshot(export.metadata(), summaries);
        };
    }
}
