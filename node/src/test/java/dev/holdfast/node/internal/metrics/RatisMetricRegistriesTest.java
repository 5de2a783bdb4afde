package dev.holdfast.node.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RatisMetricRegistriesTest {
    private final RaftGroupMemberId part =
            RaftGroupMemberId.valueOf(RaftPeerId.valueOf("a"), RaftGroupId.valueOf(UUID.randomUUID()));
    private final MetricRegistryInfo info = new MetricRegistryInfo(part.toString(), "ratis", "log_worker", "a test");
    private final MetricRegistry registry = new MetricRegistry();
    private final List<Long> syncs = new ArrayList<>();

    @AfterEach
    void end() {
        RatisMetricRegistries.end(part);
        MetricRegistries.global().remove(info);
    }

    private RatisMetricRegistry fed() {
        RatisMetricRegistries.feed(part, 3, registry, syncs::add);
        return MetricRegistries.global().create(info);
    }

    @Test
    void ratis_finds_it() {
        assertThat(MetricRegistries.global()).isInstanceOf(RatisMetricRegistries.class);
    }

    @Test
    void what_a_part_measures_is_in_the_node_s_registry_under_its_group() {
        RatisMetricRegistry of = fed();
        of.counter("appends").inc(2);
        of.counter("appends").dec();
        of.timer("sync").time().stop();
        of.gauge("size", () -> () -> 7);

        assertThat(registry.counter("holdfast.raft.group.3.log_worker.appends").getCount())
                .isEqualTo(1);
        assertThat(registry.timer("holdfast.raft.group.3.log_worker.sync").getCount())
                .isEqualTo(1);
        assertThat(registry.getGauges()
                        .get("holdfast.raft.group.3.log_worker.size")
                        .getValue())
                .isEqualTo(7);
    }

    @Test
    void each_sync_of_the_log_is_told_and_nothing_else_that_takes_time() {
        RatisMetricRegistry of = fed();
        of.timer("flushTime").time().stop();
        assertThat(syncs).isEmpty();
        of.timer("syncTime").time().stop();
        assertThat(syncs).hasSize(1);
    }

    @Test
    void a_gauge_of_a_later_leadership_takes_the_place_of_the_earlier_one() {
        RatisMetricRegistry of = fed();
        of.gauge("size", () -> () -> 7);
        of.gauge("size", () -> () -> 8);

        assertThat(registry.getGauges()
                        .get("holdfast.raft.group.3.log_worker.size")
                        .getValue())
                .isEqualTo(8);
    }

    @Test
    void a_part_that_has_ended_leaves_nothing_and_its_node_s_own_metrics_stay() {
        registry.counter("holdfast.node.granted").inc();
        RatisMetricRegistry of = fed();
        of.counter("appends").inc();

        RatisMetricRegistries.end(part);

        assertThat(registry.getNames()).containsExactly("holdfast.node.granted");
    }

    @Test
    void a_component_that_is_used_twice_is_there_until_both_are_done() {
        RatisMetricRegistry of = fed();
        assertThat(MetricRegistries.global().create(info)).isSameAs(of);
        of.counter("appends").inc();

        assertThat(MetricRegistries.global().remove(info)).isFalse();
        assertThat(registry.getNames()).hasSize(1);
        assertThat(MetricRegistries.global().remove(info)).isTrue();
        assertThat(registry.getNames()).isEmpty();
    }

    @Test
    void other_users_of_ratis_keep_theirs_to_themselves() {
        RatisMetricRegistry of = MetricRegistries.global().create(info);
        of.counter("appends").inc(5);

        assertThat(of.counter("appends").getCount()).isEqualTo(5);
        assertThat(registry.getNames()).isEmpty();
    }
}
