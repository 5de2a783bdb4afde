package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_hold_that_outlives_its_session_is_told_of_its_end_by_the_next(boolean untilReleased) throws Exception {
        try (TestCluster cluster = TestCluster.startWithManualClock()) {
            HoldfastClient first = cluster.client();
            AcquireOptions options = untilReleased
                    ? AcquireOptions.defaults().untilReleased()
                    : AcquireOptions.defaults().ttl(Duration.ofDays(1));
            LockHandle held = first.createLock().hold(ALICE, THING, options);
            CompletableFuture<LossReason> lost = held.lossSignal().toCompletableFuture();
            cluster.pause(first);
            cluster.advance(Duration.ofSeconds(20));
            cluster.resume(first);
            await().until(() -> {
                cluster.advance(Duration.ofSeconds(1));
                return held.state() == HoldState.HELD;
            });

            assertThat(cluster.newClient().createLock().forceRelease(THING)).isTrue();

            await().until(() -> {
                cluster.advance(Duration.ofSeconds(1));
                return lost.isDone();
            });
            assertThat(lost.join()).isEqualTo(LossReason.FORCE_RELEASED);
            assertThat(held.state()).isEqualTo(HoldState.LOST);
        }
    }

    @Test
    void a_second_acquire_of_an_owner_that_is_given_up_after_its_grant_does_not_keep_the_lock() throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            HoldfastClient first = cluster.newClient();
            List<Runnable> callbacks = new CopyOnWriteArrayList<>();
            HoldfastClient second = cluster.newClient(options -> options.callbackExecutor(callbacks::add));
            var unused = first.createLock().hold(ALICE, THING, AcquireOptions.defaults());
            CompletableFuture<AcquireResult> again = second.createLock()
                    .acquireAsync(ALICE, THING, AcquireOptions.defaults())
                    .toCompletableFuture();
            await().until(() -> !callbacks.isEmpty());
            again.cancel(false);
            callbacks.forEach(Runnable::run);
            first.close();

            await().until(() -> !cluster.client().createLock().isLocked(THING));
        }
    }
}
