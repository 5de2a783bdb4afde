package dev.holdfast.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.kill.ProcessCluster.Peer;
import dev.holdfast.node.FreePorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that embeds nothing, while the peers that it talks to are killed and paused. */
class ThinClientIT {
    private static final LockOwnerType JOB = Holdfast.createLockOwner("job");
    /** Longer than elections take on a machine that is busy with other things. */
    private static final Duration LEASE = Duration.ofSeconds(20);

    private static final AcquireOptions PATIENT = AcquireOptions.defaults().wait(Duration.ofSeconds(30));

    @TempDir
    Path folder;

    private final List<String> losses = new CopyOnWriteArrayList<>();

    private HoldfastClient connect(String servers) {
        return Holdfast.connect(
                servers, ClientOptions.defaults().sessionLease(LEASE).requestTimeout(Duration.ofSeconds(30)));
    }

    private LockHandle holdForGood(HoldfastClient client, String name) throws InterruptedException {
        LockHandle handle = client.createLock().hold(JOB.of(name), lockable(name), PATIENT);
        handle.onLost(reason -> losses.add(name + ": " + reason));
        return handle;
    }

    private static Lockable lockable(String name) {
        return Holdfast.createLockable(name).of();
    }

    @Test
    void a_kill_of_any_peer_costs_neither_the_session_nor_a_hold_nor_a_place_in_the_queue() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.startThree(folder, 0);
                HoldfastClient client = connect(cluster.servers());
                HoldfastClient other = connect(cluster.servers())) {
            LockHandle kept = holdForGood(client, "kept");
            for (Peer victim : leaderFirst(cluster)) {
                LockHandle handedOver = holdForGood(client, "handed-over");
                CompletableFuture<AcquireResult> waiter = other.createLock()
                        .acquireAsync(JOB.of("waiter"), lockable("handed-over"), PATIENT)
                        .toCompletableFuture();
                await("the waiter to be queued")
                        .atMost(ProcessCluster.PATIENCE)
                        .until(() -> client.createLock()
                                        .get(lockable("handed-over"))
                                        .orElseThrow()
                                        .waiters()
                                        .size()
                                == 1);

                cluster.kill(victim);

                assertThat(client.createLock().isLocked(lockable("kept"))).isTrue();
                handedOver.release();
                LockHandle granted = await("the waiter's grant")
                        .atMost(ProcessCluster.PATIENCE)
                        .until(() -> waiter.getNow(null), result -> result != null)
                        .orThrow();
                assertThat(granted.token()).isGreaterThan(handedOver.token());
                granted.release();
                assertThat(cluster.start(victim.id).awaitLine(0, "READY"::equals))
                        .isEqualTo("READY");
            }
            await("the hold to be confirmed again")
                    .atMost(ProcessCluster.PATIENCE)
                    .until(() -> kept.state() != HoldState.SUSPECT);
            assertThat(losses).isEmpty();
            assertThat(kept.state()).isEqualTo(HoldState.HELD);
            kept.release();
        }
    }

    @Test
    void a_peer_that_stands_still_for_a_while_costs_nothing_either() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.startThree(folder, 0);
                HoldfastClient client = connect(cluster.servers())) {
            LockHandle kept = holdForGood(client, "kept");
            for (Peer victim : leaderFirst(cluster)) {
                ProcessCluster.pause(victim);
                try {
                    for (int i = 0; i < 5; i++) {
                        client.createLock()
                                .hold(JOB.of("other"), lockable("other"), PATIENT)
                                .release();
                    }
                } finally {
                    ProcessCluster.goOn(victim);
                }
            }
            await("the hold to be confirmed again")
                    .atMost(ProcessCluster.PATIENCE)
                    .until(() -> kept.state() != HoldState.SUSPECT);
            assertThat(losses).isEmpty();
            assertThat(kept.state()).isEqualTo(HoldState.HELD);
            kept.release();
        }
    }

    @Test
    void one_reachable_name_is_enough_to_find_the_leader() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.startThree(folder, 0)) {
            Peer leader = cluster.leader();
            for (String server : cluster.servers().split(",")) {
                try (HoldfastClient client = connect(server)) {
                    holdForGood(client, "found").release();
                }
            }
            assertThat(leader.leads()).isTrue();
        }
    }

    @Test
    void nobody_there_is_said_in_time_and_in_words() throws Exception {
        String nowhere = "127.0.0.1:" + FreePorts.find(1).get(0);
        try (HoldfastClient client =
                Holdfast.connect(nowhere, ClientOptions.defaults().requestTimeout(Duration.ofSeconds(2)))) {
            HoldfastLock lock = client.createLock();
            assertThatThrownBy(() -> lock.acquire(JOB.of("a"), lockable("x"), AcquireOptions.defaults()))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining(nowhere);
        }
    }

    private static List<Peer> leaderFirst(ProcessCluster cluster) {
        List<Peer> peers = new ArrayList<>(cluster.running());
        Peer leader = cluster.leader();
        peers.remove(leader);
        peers.add(0, leader);
        return peers;
    }
}
