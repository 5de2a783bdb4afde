package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** This module's class path is that of a thin client's tests: Ratis is not on it. */
class TestClusterTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    private static final Lockable THING = Holdfast.createLockable("thing").of();

    @Test
    void no_ratis_is_on_the_class_path() throws Exception {
        assertThatThrownBy(() -> Class.forName("org.apache.ratis.server.RaftServer"))
                .isInstanceOf(ClassNotFoundException.class);
        assertThatThrownBy(() -> Class.forName("org.apache.ratis.thirdparty.io.grpc.Server"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void two_clients_exclude_each_other() throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            HoldfastClient other = cluster.newClient();
            LockHandle held = cluster.client().createLock().hold(ALICE, THING, AcquireOptions.defaults());

            assertThat(other.createLock().acquire(BOB, THING).acquired()).isFalse();
            held.release();

            assertThat(other.createLock()
                            .hold(BOB, THING, AcquireOptions.defaults())
                            .token())
                    .isGreaterThan(held.token());
        }
    }

    @Test
    void a_lease_runs_out_when_the_clock_is_moved_and_not_before() throws Exception {
        try (TestCluster cluster = TestCluster.startWithManualClock()) {
            HoldfastLock lock = cluster.client().createLock();
            var unused = lock.hold(ALICE, THING, AcquireOptions.defaults().ttl(Duration.ofMinutes(5)));

            cluster.advance(Duration.ofMinutes(5).minusMillis(1));
            assertThat(lock.isLocked(THING)).isTrue();
            cluster.advance(Duration.ofSeconds(1));

            assertThat(lock.isLocked(THING)).isFalse();
        }
    }

    @Test
    void a_test_may_share_its_timers_with_the_cluster() throws Exception {
        ManualTimers timers = new ManualTimers();
        try (TestCluster cluster = TestCluster.start(timers)) {
            HoldfastLock lock = cluster.client().createLock();
            var unused = lock.hold(ALICE, THING, AcquireOptions.defaults().ttl(Duration.ofMinutes(5)));

            timers.advance(Duration.ofMinutes(6));

            assertThat(lock.isLocked(THING)).isFalse();
        }
    }

    @Test
    void a_cluster_in_real_time_cannot_be_moved() throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            assertThatThrownBy(() -> cluster.advance(Duration.ofSeconds(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("startWithManualClock");
        }
    }

    @Test
    void a_hold_that_is_made_to_expire_is_free_for_others_with_a_higher_token() throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            HoldfastLock lock = cluster.client().createLock();
            LockHandle held = lock.hold(ALICE, THING, AcquireOptions.defaults());

            cluster.expire(held);

            assertThat(lock.hold(BOB, THING, AcquireOptions.defaults()).token()).isGreaterThan(held.token());
        }
    }

    @Test
    void a_paused_client_loses_its_holds_to_others_and_learns_it_when_it_goes_on() throws Exception {
        try (TestCluster cluster = TestCluster.startWithManualClock()) {
            HoldfastClient paused = cluster.newClient();
            LockHandle held = paused.createLock().hold(ALICE, THING, AcquireOptions.defaults());
            cluster.pause(paused);

            cluster.advance(Duration.ofMinutes(1));

            assertThat(cluster.client().createLock().acquire(BOB, THING).acquired())
                    .isTrue();
            cluster.resume(paused);
            cluster.advance(Duration.ofSeconds(1));
            assertThat(held.state()).isEqualTo(HoldState.LOST);
        }
    }

    @Test
    void a_client_of_another_cluster_cannot_be_paused() throws Exception {
        try (TestCluster cluster = TestCluster.start();
                TestCluster other = TestCluster.start()) {
            assertThatThrownBy(() -> cluster.pause(other.client())).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
