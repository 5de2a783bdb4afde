package dev.holdfast.http.internal.api;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.JsonObject;
import dev.holdfast.client.metrics.SummingTimer;
import dev.holdfast.node.NodeMetrics;
import java.util.concurrent.TimeUnit;

/** How many acquires were granted after a wait, and how long all of them waited together, as this peer has counted since it started. */
final class WaitTotals {
    private final MetricRegistry registry;

    /** @param registry of the peer; in one of somebody else nothing is found */
    WaitTotals(MetricRegistry registry) {
        this.registry = registry;
    }

    /** Of the differences between two of these, whoever asks can make averages. */
    void addTo(JsonObject json) {
        if (registry.getMetrics().get(NodeMetrics.WAIT_TIME) instanceof SummingTimer timer) {
            json.addProperty("waits", timer.getCount());
            json.addProperty("waitedMs", TimeUnit.NANOSECONDS.toMillis(timer.totalNanos()));
        }
    }
}
