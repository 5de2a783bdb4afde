package dev.holdfast.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RealClusterIT {
    private static final LockOwner ALICE = Holdfast.createLockOwner("person").of("alice");

    @Test
    @Timeout(120)
    void a_leader_killed_or_paused_is_replaced_and_catches_up() throws Exception {
        try (RealCluster cluster = RealCluster.start(ClusterPlan.of(3));
                HoldfastClient client = Holdfast.connect(cluster.servers())) {
            long before = grant(client);
            Peer killed = cluster.leader();
            cluster.kill(killed);
            long afterKill = grant(client);
            cluster.start(killed);
            cluster.awaitReady(Duration.ofSeconds(60));

            Peer paused = cluster.leader();
            cluster.pause(paused);
            assertThat(cluster.leader()).isNotEqualTo(paused);
            long afterPause = grant(client);
            cluster.resume(paused);

            assertThat(before).isLessThan(afterKill);
            assertThat(afterKill).isLessThan(afterPause);
            assertThat(cluster.awaitEqualStates(Duration.ofSeconds(60))).hasSize(3);
        }
    }

    private static long grant(HoldfastClient client) throws InterruptedException {
        try (var handle = client.createLock()
                .hold(
                        ALICE,
                        Holdfast.createLockable("thing").of(),
                        AcquireOptions.defaults().wait(Duration.ofSeconds(20)))) {
            return handle.token();
        }
    }
}
