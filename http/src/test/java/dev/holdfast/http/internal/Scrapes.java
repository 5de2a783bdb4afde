package dev.holdfast.http.internal;

import io.prometheus.metrics.model.snapshots.Labels;

/** What tests of other packages ask of the exported metrics. */
public final class Scrapes {
    /** Whether that metric of the node's has a name and a meaning for Prometheus. */
    public static boolean isDescribed(String name) {
        return Exports.ALL.stream().anyMatch(export -> export.labels(name, Labels.EMPTY) != null);
    }

    private Scrapes() {}
}
