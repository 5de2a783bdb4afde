package dev.holdfast.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.metrics.SummingTimer;
import dev.holdfast.node.NodeHealth;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ExportedMetricsTest {
    private final MetricRegistry registry = new MetricRegistry();
    private NodeHealth health = new NodeHealth(true, List.of());

    private List<String> text() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ExpositionFormats.init()
                .getPrometheusTextFormatWriter()
                .write(out, new ExportedMetrics(registry, () -> health, "holdfast", "a").collect());
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void a_counter_has_its_help_and_says_of_which_peer_it_is() throws IOException {
        registry.counter("holdfast.node.granted").inc(5);

        assertThat(text())
                .contains(
                        "# TYPE holdfast_granted_total counter",
                        "holdfast_granted_total{cluster=\"holdfast\",peer=\"a\"} 5.0")
                .anyMatch(line ->
                        line.startsWith("# HELP holdfast_granted_total Acquires granted, at once or after a wait."));
    }

    @Test
    void what_is_part_of_a_name_becomes_a_label() throws IOException {
        registry.gauge("holdfast.node.group.3.lag", () -> () -> 17L);
        registry.gauge("holdfast.node.group.3.lag-bytes", () -> () -> 1700L);
        registry.gauge("holdfast.node.denied.clients.unknown-token", () -> () -> 2L);
        registry.gauge("holdfast.raft.group.0.log_appender.follower_b@1f_match_index", () -> () -> 9L);

        assertThat(text())
                .contains(
                        "holdfast_lag_entries{cluster=\"holdfast\",group=\"3\",peer=\"a\"} 17.0",
                        "holdfast_lag_bytes{cluster=\"holdfast\",group=\"3\",peer=\"a\"} 1700.0",
                        "holdfast_denied_total{cluster=\"holdfast\",peer=\"a\",port=\"clients\",reason=\"unknown-token\"} 2.0",
                        "holdfast_follower_match_index{cluster=\"holdfast\",follower=\"b@1f\",group=\"0\",peer=\"a\"} 9.0");
    }

    @Test
    void the_keys_of_a_map_become_labels() throws IOException {
        registry.gauge("holdfast.node.limits.used", () -> () -> new TreeMap<>(Map.of("state", 0.5, "sessions", 0.25)));
        registry.gauge("holdfast.node.sessions.by-principal", () -> () -> Map.of("ann \"the\" admin\n", 3L));

        assertThat(text())
                .contains(
                        "holdfast_limit_used_ratio{cluster=\"holdfast\",limit=\"state\",peer=\"a\"} 0.5",
                        "holdfast_limit_used_ratio{cluster=\"holdfast\",limit=\"sessions\",peer=\"a\"} 0.25",
                        "holdfast_principal_sessions{cluster=\"holdfast\",peer=\"a\",principal=\"ann \\\"the\\\" admin\\n\"} 3.0");
    }

    @Test
    void times_are_in_seconds() throws IOException {
        SummingTimer.in(registry, "holdfast.node.apply.time").update(250, TimeUnit.MILLISECONDS);
        registry.gauge("holdfast.node.longest-wait", () -> () -> 1500L);
        registry.timer("holdfast.raft.group.0.log_worker.syncTime");

        assertThat(text())
                .contains(
                        "# TYPE holdfast_apply_seconds summary",
                        "holdfast_apply_seconds{cluster=\"holdfast\",peer=\"a\",quantile=\"0.5\"} 0.25",
                        "holdfast_apply_seconds_count{cluster=\"holdfast\",peer=\"a\"} 1",
                        "holdfast_apply_seconds_sum{cluster=\"holdfast\",peer=\"a\"} 0.25",
                        "holdfast_longest_wait_seconds{cluster=\"holdfast\",peer=\"a\"} 1.5",
                        "holdfast_fsync_seconds_count{cluster=\"holdfast\",group=\"0\",peer=\"a\"} 0");
    }

    @Test
    void a_state_is_one_of_those_that_there_are() throws IOException {
        registry.gauge("holdfast.node.group.0.state", () -> () -> "follower");

        assertThat(text())
                .contains(
                        "holdfast_group_state{cluster=\"holdfast\",group=\"0\",peer=\"a\",holdfast_group_state=\"leader\"} 0",
                        "holdfast_group_state{cluster=\"holdfast\",group=\"0\",peer=\"a\",holdfast_group_state=\"follower\"} 1");
    }

    @Test
    void what_else_ratis_measures_keeps_its_name_in_prometheus_s_spelling() throws IOException {
        registry.counter("holdfast.raft.group.1.log_worker.appendEntryCount").inc(4);
        registry.gauge("holdfast.raft.group.1.server.retryCacheHitRate", () -> () -> 0.5);
        registry.gauge("holdfast.raft.group.1.server.retryCacheEntryCount", () -> () -> 3);
        registry.timer("holdfast.raft.group.1.log_worker.enqueuedTime");

        assertThat(text())
                .contains(
                        "holdfast_raft_log_worker_append_entry_count_total{cluster=\"holdfast\",group=\"1\",peer=\"a\"} 4.0",
                        "holdfast_raft_server_retry_cache_hit_rate{cluster=\"holdfast\",group=\"1\",peer=\"a\"} 0.5",
                        "holdfast_raft_server_retry_cache_entry{cluster=\"holdfast\",group=\"1\",peer=\"a\"} 3.0",
                        "holdfast_raft_log_worker_enqueued_time_seconds_count{cluster=\"holdfast\",group=\"1\",peer=\"a\"} 0");
    }

    @Test
    void the_application_s_own_metrics_are_left_alone() throws IOException {
        registry.counter("orders").inc();

        assertThat(text()).noneMatch(line -> line.contains("orders"));
    }

    @Test
    void what_has_no_value_now_does_not_keep_the_rest_from_being_shown() throws IOException {
        registry.gauge("holdfast.node.holds", () -> () -> {
            throw new IllegalStateException("closed");
        });
        registry.gauge("holdfast.node.waiters", () -> () -> 3);

        assertThat(text())
                .contains("holdfast_waiters{cluster=\"holdfast\",peer=\"a\"} 3.0")
                .noneMatch(line -> line.startsWith("holdfast_holds{"));
    }

    /** Their names differ in the node's registry, and not in Prometheus. */
    @Test
    void two_that_are_one_to_prometheus_do_not_keep_the_rest_from_being_shown() throws IOException {
        registry.counter("holdfast.raft.group.0.server.aB").inc(1);
        registry.counter("holdfast.raft.group.0.server.a_b").inc(1);
        registry.gauge("holdfast.raft.group.0.server.x", () -> () -> 1);
        registry.counter("holdfast.raft.group.0.server.X").inc(2);
        registry.gauge("holdfast.node.waiters", () -> () -> 3);

        assertThat(text())
                .contains("holdfast_waiters{cluster=\"holdfast\",peer=\"a\"} 3.0")
                .containsOnlyOnce("holdfast_raft_server_a_b_total{cluster=\"holdfast\",group=\"0\",peer=\"a\"} 1.0");
    }

    @Test
    void health_is_a_metric_too() throws IOException {
        assertThat(text())
                .contains(
                        "holdfast_ready{cluster=\"holdfast\",peer=\"a\"} 1.0",
                        "holdfast_live{cluster=\"holdfast\",peer=\"a\"} 1.0");
        health = new NodeHealth(true, List.of("it knows no leader"));
        assertThat(text())
                .contains(
                        "holdfast_ready{cluster=\"holdfast\",peer=\"a\"} 0.0",
                        "holdfast_live{cluster=\"holdfast\",peer=\"a\"} 1.0");
    }
}
