package dev.holdfast.jepsen.cluster;

import static java.util.Comparator.comparingLong;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("long")
class RealClusterIT {
    private static final LockOwner ALICE = Holdfast.createLockOwner("person").of("alice");

    /** What the name of a segment that is written begins with; the index of its first entry follows. */
    private static final String SEGMENT = "log_inprogress_";

    /** So patient that not even a very slow machine is taken for a cluster without a leader. */
    private static final ClientOptions PATIENT =
            ClientOptions.defaults().sessionLease(Duration.ofSeconds(60)).requestTimeout(Duration.ofMinutes(5));

    @Test
    @Timeout(900)
    void a_leader_killed_or_paused_is_replaced_and_catches_up() throws Exception {
        try (RealCluster cluster = RealCluster.start(ClusterPlan.of(3));
                HoldfastClient client = Holdfast.connect(cluster.servers(), PATIENT)) {
            long before = grant(client);
            Peer killed = cluster.leader();
            cluster.kill(killed);
            long afterKill = grant(client);
            cluster.start(killed);
            cluster.awaitReady(Duration.ofMinutes(5));

            Peer paused = cluster.leader();
            cluster.pause(paused);
            assertThat(cluster.leader()).isNotEqualTo(paused);
            long afterPause = grant(client);
            cluster.resume(paused);

            assertThat(before).isLessThan(afterKill);
            assertThat(afterKill).isLessThan(afterPause);
            assertThat(cluster.awaitEqualStates(Duration.ofMinutes(5))).hasSize(3);
        }
    }

    /** One of the two that are left votes for itself, and the other one for it: neither may forget that with the power. */
    @Test
    @Timeout(900)
    void who_votes_syncs_the_folder_of_its_vote() throws Exception {
        String unavailable = NativeFaults.unavailableBecause();
        if (unavailable != null) {
            System.out.println("SKIPPED RealClusterIT: votes on the disk: " + unavailable);
            abort(unavailable);
        }
        try (RealCluster cluster = RealCluster.start(ClusterPlan.of(3).withNativeFaults())) {
            Peer leader = cluster.leader();
            Map<Peer, Integer> before = new HashMap<>();
            for (Peer peer : cluster.peers()) {
                before.put(peer, NativeFaults.syncedNames(peer).size());
            }
            cluster.kill(leader);
            assertThat(cluster.leader()).isNotEqualTo(leader);
            for (Peer peer : cluster.peers()) {
                if (!peer.equals(leader)) {
                    await().atMost(Duration.ofMinutes(2))
                            .untilAsserted(() -> assertVoteThenEntry(peer, before.get(peer)));
                }
            }
        }
    }

    /**
     * The first entry of the new term comes later, and begins a segment, which is synced before the folder is again.
     * Entries of the old term may still reach the segment before it after everybody is ready.
     */
    private static void assertVoteThenEntry(Peer peer, int before) throws IOException {
        List<String> synced = NativeFaults.syncedNames(peer);
        List<String> since = synced.subList(before, synced.size());
        String newest = since.stream()
                .filter(name -> name.startsWith(SEGMENT))
                .max(comparingLong(name -> Long.parseLong(name.substring(SEGMENT.length()))))
                .orElse(null);
        assertThat(newest).as("%s: %s", peer, since).isNotNull();
        int vote = since.subList(0, since.indexOf(newest)).lastIndexOf("raft-meta.tmp");
        assertThat(vote).as("%s: %s", peer, since).isNotNegative();
        assertThat(since.get(vote + 1)).as("%s: %s", peer, since).isEqualTo("current");
    }

    @Test
    @Timeout(900)
    void a_leader_that_is_cut_off_is_replaced_and_catches_up() throws Exception {
        String unavailable = PeerNetwork.faultsUnavailableBecause();
        if (unavailable != null) {
            System.out.println("SKIPPED RealClusterIT: faults of the network: " + unavailable);
            abort(unavailable);
        }
        try (RealCluster cluster = RealCluster.start(ClusterPlan.of(3).inNamespaces());
                HoldfastClient client = Holdfast.connect(cluster.servers(), PATIENT)) {
            long before = grant(client);
            Peer leader = cluster.leader();
            for (Peer peer : cluster.peers()) {
                if (!peer.equals(leader)) {
                    cluster.network().cut(peer.number(), leader.number());
                    cluster.network().cut(leader.number(), peer.number());
                }
            }
            await("another leader")
                    .atMost(Duration.ofMinutes(5))
                    .until(() -> !cluster.leads(leader) && cluster.leaders().size() == 1);
            assertThat(grant(client)).isGreaterThan(before);
            assertThat(cluster.leader()).isNotEqualTo(leader);

            cluster.network().heal();
            assertThat(cluster.awaitEqualStates(Duration.ofMinutes(5))).hasSize(3);
        }
    }

    private static long grant(HoldfastClient client) throws InterruptedException {
        try (var handle = client.createLock()
                .hold(
                        ALICE,
                        Holdfast.createLockable("thing").of(),
                        AcquireOptions.defaults().wait(Duration.ofMinutes(2)))) {
            return handle.token();
        }
    }
}
