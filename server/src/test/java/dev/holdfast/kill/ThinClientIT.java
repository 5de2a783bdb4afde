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
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.node.FreePorts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that embeds nothing, while the peers that it talks to are killed and suspended. */
@ExtendWith(SharedCluster.class)
class ThinClientIT {
    private static final LockOwnerType JOB = Holdfast.createLockOwner("job");
    private static final LockableDefinition KEPT =
            Holdfast.createLockable("kept-by-a-thin-client", LockableOptions.plural());
    private static final Lockable HANDED_OVER =
            Holdfast.createLockable("handed-over-by-a-thin-client").of();
    private static final AcquireOptions PATIENT = AcquireOptions.defaults().wait(ProcessCluster.PATIENCE);

    private final List<String> losses = new CopyOnWriteArrayList<>();
    private ProcessCluster cluster;
    private HoldfastClient client;

    @BeforeEach
    void connect(ProcessCluster shared) {
        cluster = shared;
        client = connect(cluster.servers());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    private static HoldfastClient connect(String servers) {
        return Holdfast.connect(
                servers,
                ClientOptions.defaults().sessionLease(ProcessCluster.PATIENCE).requestTimeout(ProcessCluster.PATIENCE));
    }

    private LockHandle keep(String id) throws InterruptedException {
        return hold(KEPT.of(id), JOB.of("keeper"));
    }

    private LockHandle hold(Lockable lockable, LockOwner owner) throws InterruptedException {
        LockHandle handle = client.createLock().hold(owner, lockable, PATIENT);
        handle.onLost(reason -> losses.add(lockable.key() + ": " + reason));
        return handle;
    }

    private LockInfo info(Lockable lockable) {
        return client.createLock().get(lockable).orElseThrow();
    }

    @Test
    void a_kill_of_the_leader_costs_neither_a_hold_nor_a_place_in_the_queue() throws Exception {
        List<LockHandle> kept = List.of(keep("1"), keep("2"), keep("3"));
        survive(cluster.leader());
        assertStillHeld(kept);
    }

    @Test
    @Tag("long")
    void a_kill_of_any_peer_costs_neither_a_hold_nor_a_place_in_the_queue() throws Exception {
        List<LockHandle> kept = List.of(keep("1"));
        for (ProcessPeer victim : leaderFirst()) {
            survive(victim);
        }
        assertStillHeld(kept);
    }

    /** Kills a peer while a lock is held and waited for, and starts it again. */
    private void survive(ProcessPeer victim) throws Exception {
        LockHandle held = hold(HANDED_OVER, JOB.of("first"));
        try (HoldfastClient other = connect(cluster.servers())) {
            CompletableFuture<AcquireResult> waiter = other.createLock()
                    .acquireAsync(JOB.of("waiter"), HANDED_OVER, PATIENT)
                    .toCompletableFuture();
            await("the waiter to be queued")
                    .atMost(ProcessCluster.PATIENCE)
                    .until(() -> info(HANDED_OVER).waiterCount() == 1);

            cluster.kill(victim);

            assertThat(info(HANDED_OVER).token()).isEqualTo(held.token());
            held.release();
            LockHandle granted = waiter.get(ProcessCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .orThrow();
            assertThat(granted.token()).isGreaterThan(held.token());
            granted.release();
        } finally {
            cluster.start(victim.id()).awaitReady();
        }
    }

    private void assertStillHeld(List<LockHandle> kept) {
        for (LockHandle handle : kept) {
            await("the hold to be confirmed again")
                    .atMost(ProcessCluster.PATIENCE)
                    .until(() -> handle.state() != HoldState.SUSPECT);
            assertThat(handle.state()).isEqualTo(HoldState.HELD);
            assertThat(info(handle.lockable()).token()).isEqualTo(handle.token());
        }
        assertThat(losses).isEmpty();
        kept.forEach(LockHandle::release);
    }

    @Test
    @Tag("long")
    void a_peer_that_stands_still_for_a_while_costs_nothing_either() throws Exception {
        List<LockHandle> kept = List.of(keep("1"));
        for (ProcessPeer victim : leaderFirst()) {
            victim.process().suspend();
            try {
                for (int i = 0; i < 5; i++) {
                    hold(HANDED_OVER, JOB.of("other")).release();
                }
            } finally {
                victim.process().resume();
            }
        }
        assertStillHeld(kept);
    }

    @Test
    void one_reachable_name_is_enough_to_find_the_leader() throws Exception {
        for (String server : cluster.servers().split(",")) {
            try (HoldfastClient own = connect(server)) {
                own.createLock()
                        .hold(LockOwner.unique("job"), KEPT.of("found"), PATIENT)
                        .release();
            }
        }
    }

    @Test
    void a_cluster_that_is_not_there_is_reported_in_time_and_by_its_address() throws Exception {
        String nowhere = "127.0.0.1:" + FreePorts.find(1).get(0);
        try (HoldfastClient own =
                Holdfast.connect(nowhere, ClientOptions.defaults().requestTimeout(Duration.ofSeconds(1)))) {
            HoldfastLock lock = own.createLock();
            assertThatThrownBy(() -> lock.acquire(JOB.of("a"), KEPT.of("x"), AcquireOptions.defaults()))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining(nowhere);
        }
    }

    private List<ProcessPeer> leaderFirst() {
        List<ProcessPeer> peers = new ArrayList<>(cluster.running());
        ProcessPeer leader = cluster.leader();
        peers.remove(leader);
        peers.add(0, leader);
        return peers;
    }
}
