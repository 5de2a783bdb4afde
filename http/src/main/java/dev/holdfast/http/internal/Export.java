package dev.holdfast.http.internal;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a metric of the node, or all whose names follow a pattern, look to Prometheus.
 *
 * @param pattern matches whole names of the node's
 * @param labels the names of the labels whose values are the pattern's groups, in their order
 * @param metadata the name, the unit and what it means
 * @param factor by which a value is multiplied, to be in that unit
 * @param labelOfKeys the name of the label whose values are the keys, for a gauge that is a map; empty for any other
 * @param states what a gauge that is a word can be; empty for any other
 */
record Export(
        Pattern pattern,
        List<String> labels,
        Kind kind,
        MetricMetadata metadata,
        double factor,
        String labelOfKeys,
        List<String> states) {
    private static final String GROUP = "group";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+)}");

    /** What it is to Prometheus. */
    enum Kind {
        COUNTER,
        GAUGE,
        STATE,
        SUMMARY
    }

    /**
     * One that is as the node has it.
     *
     * @param template the name, with {@code {label}} in place of what is a label's value
     * @param name what Prometheus calls it, without {@code _total}; its end tells the unit
     */
    static Export of(Kind kind, String template, String name, String help) {
        List<String> labels = new ArrayList<>();
        StringBuilder regex = new StringBuilder();
        Matcher placeholder = PLACEHOLDER.matcher(template);
        int end = 0;
        while (placeholder.find()) {
            regex.append(Pattern.quote(template.substring(end, placeholder.start())))
                    .append(placeholder.group(1).equals(GROUP) ? "(\\d+)" : "(.+)");
            labels.add(placeholder.group(1));
            end = placeholder.end();
        }
        regex.append(Pattern.quote(template.substring(end)));
        return new Export(
                Pattern.compile(regex.toString()),
                List.copyOf(labels),
                kind,
                new MetricMetadata(name, help, unit(name)),
                1,
                "",
                List.of());
    }

    private static @Nullable Unit unit(String name) {
        for (Unit unit : List.of(Unit.SECONDS, Unit.BYTES, Unit.RATIO)) {
            if (name.endsWith("_" + unit)) {
                return unit;
            }
        }
        return null;
    }

    Export times(double by) {
        return new Export(pattern, labels, kind, metadata, by, labelOfKeys, states);
    }

    Export keyedBy(String label) {
        return new Export(pattern, labels, kind, metadata, factor, label, states);
    }

    Export oneOf(String... words) {
        return new Export(pattern, labels, kind, metadata, factor, labelOfKeys, List.of(words));
    }

    /** The labels of that metric and their values, behind those that all have; {@code null} if it is none of these. */
    @Nullable
    Labels labels(String name, Labels common) {
        Matcher matcher = pattern.matcher(name);
        if (!matcher.matches()) {
            return null;
        }
        Labels all = common;
        for (int i = 0; i < labels.size(); i++) {
            all = all.add(labels.get(i), matcher.group(i + 1));
        }
        return all;
    }
}
