package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the peers of a cluster measure of themselves, of their part in the group, and of Ratis. */
class MeasuredClusterTest {
    private static final Lockable JOB = Holdfast.createLockable("job").of();
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");

    @TempDir
    Path folder;

    private final Map<Integer, MetricRegistry> registries = new TreeMap<>();

    private MetricRegistry registryOf(HoldfastNode node) {
        return registries.get(node.id().charAt(0) - 'a');
    }

    private Object value(HoldfastNode node, String name) {
        return registryOf(node).getGauges().get(name).getValue();
    }

    private long number(HoldfastNode node, String name) {
        return ((Number) value(node, "holdfast.node." + name)).longValue();
    }

    @Test
    void a_peer_shows_its_part_in_the_group_who_waits_and_what_its_disk_takes() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3, builder -> {
            MetricRegistry registry = new MetricRegistry();
            registries.put(registries.size(), registry);
            return builder.metrics(registry)
                    .ratis(RaftSettings.DEFAULT.electionTimeouts(2000, 4000).snapshots(40, 10));
        })) {
            HoldfastNode leader = cluster.leader();
            HoldfastNode follower = cluster.follower();
            HoldfastLock lock = leader.client().createLock();
            LockHandle held = lock.acquire(ALICE, JOB).orThrow();
            var waiting = lock.acquireAsync(BOB, JOB, AcquireOptions.defaults().wait(Duration.ofHours(1)));
            await().atMost(LocalCluster.PATIENCE).until(() -> number(leader, "longest-wait") > 20);
            assertThat(number(follower, "longest-wait")).isZero();
            held.release();
            assertThat(waiting.toCompletableFuture().get().acquired()).isTrue();
            await().atMost(LocalCluster.PATIENCE).until(() -> number(leader, "longest-wait") == 0);
            for (int i = 0; i < 50; i++) {
                Lockable other = Holdfast.createLockable("other").of();
                lock.acquire(ALICE, other).orThrow().release();
            }

            assertThat(value(leader, "holdfast.node.group.0.state")).isEqualTo("leader");
            assertThat(value(follower, "holdfast.node.group.0.state")).isEqualTo("follower");
            assertThat(number(leader, "group.0.lag")).isZero();
            await().atMost(LocalCluster.PATIENCE).until(() -> number(follower, "group.0.lag") == 0);
            await().atMost(LocalCluster.PATIENCE).until(() -> number(follower, "group.0.lag-bytes") == 0);
            long applied = number(leader, "group.0.applied-index");
            assertThat(applied).isGreaterThan(100);
            await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
                assertThat(number(follower, "group.0.applied-index")).isGreaterThanOrEqualTo(applied);
                assertThat(number(follower, "group.0.committed-index")).isGreaterThanOrEqualTo(applied);
                assertThat(number(follower, "group.0.last-index")).isGreaterThanOrEqualTo(applied);
                assertThat(number(follower, "group.0.snapshot.age")).isNotNegative();
            });
            assertThat(number(follower, "group.0.snapshot.bytes")).isPositive();
            assertThat(number(follower, "group.0.term")).isPositive();
            assertThat(number(follower, "disk.free-bytes")).isPositive();
            assertThat(value(leader, "holdfast.node.sessions.by-principal"))
                    .isEqualTo(Map.of("member:" + leader.id(), 1L));
            assertThat(value(follower, "holdfast.node.sessions.by-principal")).isEqualTo(Map.of());
            assertThat(value(leader, "holdfast.node.limits.used"))
                    .isInstanceOfSatisfying(
                            Map.class,
                            used -> assertThat((Double) used.get("sessions")).isBetween(1e-6, 0.01));
            assertThat(registryOf(leader).timer("holdfast.node.queue.time").getCount())
                    .isGreaterThan(100);
            assertThat(registryOf(follower).timer("holdfast.node.snapshot.time").getCount())
                    .isPositive();

            assertThat(registryOf(follower)
                            .timer("holdfast.raft.group.0.log_worker.syncTime")
                            .getCount())
                    .isGreaterThan(50);
            assertThat(registryOf(leader)
                            .counter("holdfast.raft.group.0.leader_election.electionCount")
                            .getCount())
                    .isPositive();
        }
        for (MetricRegistry registry : registries.values()) {
            assertThat(registry.getGauges().keySet()).noneMatch(name -> name.startsWith("holdfast.node."));
            assertThat(registry.getNames()).noneMatch(name -> name.startsWith("holdfast.raft."));
        }
    }
}
