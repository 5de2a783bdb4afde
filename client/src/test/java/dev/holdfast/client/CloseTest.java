package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The end of a client, and what it counted. */
class CloseTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();

    private final Rig rig = new Rig();

    @Test
    void closing_frees_what_the_session_kept_at_once() {
        LockHandle handle = rig.hold(ALICE);
        List<LossReason> losses = new ArrayList<>();
        handle.onLost(losses::add);
        rig.client.close();
        rig.client.close();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        assertThat(rig.cluster.sessions).isEmpty();
        assertThat(rig.cluster.closed).isTrue();
        assertThat(losses).containsExactly(LossReason.CLIENT_CLOSED);
        assertThatThrownBy(handle::release).isInstanceOf(LockClientClosedException.class);
        handle.close();
    }

    @Test
    void a_client_that_was_never_used_closes_without_a_session() {
        rig.client.close();
        assertThat(rig.cluster.submitted).isEmpty();
        assertThatThrownBy(() -> rig.lock.acquire(ALICE, ORDER)).isInstanceOf(LockClientClosedException.class);
        assertThatThrownBy(() -> rig.lock.isLocked(ORDER)).isInstanceOf(LockClientClosedException.class);
    }

    @Test
    void pending_acquires_fail_and_are_undone() {
        rig.hold(BOB, DEFAULTS.untilReleased());
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, DEFAULTS.waitForever());
        rig.cluster.next(Fault.ANSWER_HELD, Fault.HELD);
        Lockable other = Holdfast.createLockable("other").of();
        CompletableFuture<AcquireResult> sent =
                rig.lock.acquireAsync(ALICE, other, DEFAULTS.untilReleased()).toCompletableFuture();
        CompletableFuture<AcquireResult> beside = rig.acquireAsync(ALICE, DEFAULTS);
        CompletableFuture<AcquireResult> unsent = rig.acquireAsync(ALICE, DEFAULTS);
        rig.client.close();
        assertThat(failureOf(waiting)).isInstanceOf(LockClientClosedException.class);
        assertThat(failureOf(sent)).isInstanceOf(LockClientClosedException.class);
        assertThat(failureOf(beside)).isInstanceOf(LockClientClosedException.class);
        assertThat(failureOf(unsent)).isInstanceOf(LockClientClosedException.class);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(BOB));
        assertThat(rig.cluster.held(LockableKey.mutex("other"))).isZero();
        assertThat(rig.commands(Command.CloseSession.class)).hasSize(1);
    }

    @Test
    void holds_with_other_leases_stay_in_the_cluster() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.untilReleased());
        rig.client.close();
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        assertThatThrownBy(handle::release).isInstanceOf(LockClientClosedException.class);
        handle.close();
    }

    @Test
    void a_closed_client_leaves_no_timers_that_do_anything() {
        rig.hold(ALICE);
        rig.client.close();
        int keepAlives = rig.cluster.keepAliveCount;
        rig.advance(Duration.ofMinutes(1));
        assertThat(rig.cluster.keepAliveCount).isEqualTo(keepAlives);
    }

    @Test
    void a_client_on_real_time_and_threads_works_and_closes() throws Exception {
        FakeCluster cluster = new FakeCluster(new ManualTimers(0));
        HoldfastLock lock;
        try (HoldfastClient client = Holdfast.client(cluster, ClientOptions.defaults())) {
            lock = client.createLock();
            CompletableFuture<AcquireResult> waiting;
            try (LockHandle handle = lock.hold(ALICE, ORDER, DEFAULTS)) {
                assertThat(handle.state()).isEqualTo(HoldState.HELD);
                waiting = lock.acquireAsync(BOB, ORDER, DEFAULTS.wait(Duration.ofSeconds(30)))
                        .toCompletableFuture();
                await().until(() -> cluster.waiters(ORDER_LOCK) == 1);
            }
            assertThat(waiting.get().acquired()).isTrue();
        }
        assertThat(cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void many_threads_share_one_client() throws Exception {
        FakeCluster cluster = new FakeCluster(new ManualTimers(0));
        try (HoldfastClient client = Holdfast.client(cluster, ClientOptions.defaults())) {
            HoldfastLock lock = client.createLock();
            int[] unguarded = new int[1];
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread thread = new Thread(() -> {
                    for (int n = 0; n < 100; n++) {
                        try (LockHandle handle = lock.hold(LockOwner.unique("t"), ORDER, DEFAULTS.waitForever())) {
                            unguarded[0] += handle.permits();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(unguarded[0]).isEqualTo(400);
        }
    }

    @Test
    void the_process_owner_is_stable_and_differs_between_clients() {
        assertThat(rig.client.processOwner()).isEqualTo(rig.client.processOwner());
        assertThat(rig.client.processOwner()).isNotEqualTo(new Rig().client.processOwner());
        assertThat(rig.client.processOwner().id())
                .startsWith("host-1-" + ProcessHandle.current().pid());
        Rig farAway = new Rig(options -> options.host("h\ud83d\ude00".repeat(50)));
        assertThat(farAway.client.processOwner().type()).isEqualTo("process");
    }

    @Test
    void clients_on_one_registry_count_together() {
        MetricRegistry registry = new MetricRegistry();
        Rig first = new Rig(options -> options.metricRegistry(registry));
        Rig second = new Rig(options -> options.metricRegistry(registry));
        LockHandle handle = first.hold(ALICE);
        second.hold(ALICE);
        second.acquireAsync(BOB, DEFAULTS);
        CompletableFuture<AcquireResult> waiting = second.acquireAsync(BOB, DEFAULTS.wait(Duration.ofSeconds(1)));
        assertThat(registry.meter(ClientMetrics.ACQUIRE_ATTEMPTS).getCount()).isEqualTo(4);
        assertThat(registry.meter(ClientMetrics.ACQUIRE_GRANTED).getCount()).isEqualTo(2);
        assertThat(registry.meter(ClientMetrics.ACQUIRE_REFUSED).getCount()).isEqualTo(1);
        assertThat(registry.meter(ClientMetrics.ACQUIRE_QUEUED).getCount()).isEqualTo(1);
        assertThat(registry.counter(ClientMetrics.WAITING).getCount()).isEqualTo(1);
        assertThat(registry.counter(ClientMetrics.HOLDS).getCount()).isEqualTo(2);
        second.advance(Duration.ofSeconds(1));
        second.cluster.tick();
        assertThat(waiting.join().timedOut()).isTrue();
        assertThat(registry.meter(ClientMetrics.ACQUIRE_TIMED_OUT).getCount()).isEqualTo(1);
        assertThat(registry.timer(ClientMetrics.WAIT_TIME).getCount()).isEqualTo(1);
        assertThat(registry.counter(ClientMetrics.WAITING).getCount()).isZero();
        handle.release();
        second.client.close();
        assertThat(registry.counter(ClientMetrics.HOLDS).getCount()).isZero();
        assertThat(registry.meter(ClientMetrics.HOLDS_LOST).getCount()).isEqualTo(1);
    }
}
