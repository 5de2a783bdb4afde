package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A judge of bystanders has to be able to condemn. */
class BystanderTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Lockable THING = Holdfast.createLockable("bystander").of();
    private static final KeepAliveWatch UNUSED =
            new KeepAliveWatch(ClusterTransport.ofOne(new SilentTransport()), System::nanoTime);

    private static ClientOptions shortLease(ClientOptions options) {
        return options.sessionLease(Bystander.LEASE);
    }

    private static void outliveLease(TestCluster cluster, HoldfastClient client, ManualTimers timers) {
        cluster.pause(client);
        timers.advance(Bystander.LEASE.multipliedBy(2));
        cluster.resume(client);
    }

    private static void watch(Bystander bystander) {
        try {
            bystander.watch();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void one_that_keeps_its_hold_has_nothing_to_complain_of() throws Exception {
        ManualTimers timers = new ManualTimers();
        try (TestCluster cluster = TestCluster.start(timers)) {
            Bystander bystander = new Bystander(UNUSED, cluster.newClient(BystanderTest::shortLease));
            bystander.watch();
            for (int i = 0; i < 100; i++) {
                timers.advance(Bystander.LEASE.dividedBy(10));
            }
            assertThat(bystander.loss()).isNull();
            assertThat(bystander.falseBelief()).isNull();
        }
    }

    @Test
    void one_whose_session_was_not_renewed_in_time_has_lost_its_hold() throws Exception {
        ManualTimers timers = new ManualTimers();
        try (TestCluster cluster = TestCluster.start(timers)) {
            HoldfastClient client = cluster.newClient(BystanderTest::shortLease);
            Bystander bystander = new Bystander(UNUSED, client);
            bystander.watch();
            outliveLease(cluster, client, timers);
            await().atMost(PATIENCE).until(() -> bystander.loss() != null);
            assertThat(bystander.loss()).contains("was lost: SESSION_LOST");
            assertThat(bystander.falseBelief()).isNull();

            bystander.watch();
            assertThat(bystander.loss()).isNull();
        }
    }

    @Test
    void one_whose_session_ends_before_its_hold_is_granted_asks_again() throws Exception {
        ManualTimers timers = new ManualTimers();
        try (TestCluster cluster = TestCluster.start(timers)) {
            HoldfastClient client = cluster.newClient(BystanderTest::shortLease);
            Bystander bystander = new Bystander(UNUSED, client);
            HoldfastLock others = cluster.client().createLock();
            CompletableFuture<Void> watching;
            try (LockHandle inTheWay = others.hold(THING)) {
                assertThat(inTheWay.state()).isEqualTo(HoldState.HELD);
                watching = CompletableFuture.runAsync(() -> watch(bystander));
                await().atMost(PATIENCE)
                        .until(() -> others.get(THING).orElseThrow().waiterCount() > 0);
                outliveLease(cluster, client, timers);
            }
            watching.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(bystander.loss()).isNull();
        }
    }

    @Test
    void one_whose_hold_was_taken_has_lost_it_although_its_session_lives() throws Exception {
        try (TestCluster cluster = TestCluster.startWithManualClock()) {
            Bystander bystander = new Bystander(UNUSED, cluster.newClient(BystanderTest::shortLease));
            bystander.watch();
            cluster.client().createLock().forceRelease(THING);
            await().atMost(PATIENCE).until(() -> bystander.loss() != null);
            assertThat(bystander.loss()).contains("FORCE_RELEASED");
        }
    }

    @Test
    void a_belief_in_a_hold_that_the_cluster_does_not_know_is_false() {
        assertThat(Bystander.contradiction(HoldState.HELD, 7, Optional.of(7L))).isNull();
        assertThat(Bystander.contradiction(HoldState.LOST, 7, Optional.empty())).isNull();
        assertThat(Bystander.contradiction(HoldState.HELD, 7, Optional.empty()))
                .endsWith("with token 7, but the cluster says: not held");
        assertThat(Bystander.contradiction(HoldState.HELD, 7, Optional.of(8L)))
                .endsWith("the cluster says: held with token 8");
    }
}
