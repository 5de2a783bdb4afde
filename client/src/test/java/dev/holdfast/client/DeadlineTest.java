package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Command;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Every call ends by its deadline, and closing ends every call. */
class DeadlineTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();

    private final Rig rig = new Rig();

    /** Nobody answers, not even how many groups there are. */
    private static final class NobodyThere implements ClusterTransport {
        private final Rig rig = new Rig();

        @Override
        public int groups() {
            return 0;
        }

        @Override
        public CompletableFuture<Integer> findGroups() {
            return new CompletableFuture<>();
        }

        @Override
        public Transport group(int number) {
            return rig.cluster;
        }

        @Override
        public void close() {}
    }

    @Test
    void a_wait_is_an_upper_bound_and_so_is_a_grace_beyond_it_if_nobody_answers() {
        rig.cluster.down = true;
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS.wait(Duration.ofMillis(500)));
        rig.advance(Duration.ofMillis(500).plus(Duration.ofSeconds(1)).minusMillis(1));
        assertThat(acquired).isNotDone();
        rig.advance(Duration.ofMillis(1));
        assertThat(failureOf(acquired)).isInstanceOf(LockUnavailableException.class);
    }

    @Test
    void a_long_wait_outlasts_the_request_timeout_while_nobody_answers() {
        rig.cluster.down = true;
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS.wait(Duration.ofSeconds(60)));
        rig.advance(Duration.ofSeconds(40));
        assertThat(acquired).isNotDone();
        rig.cluster.down = false;
        rig.pause();
        assertThat(acquired.join().acquired()).isTrue();
    }

    @Test
    void a_timeout_bounds_the_call_whatever_it_waits_for() {
        rig.hold(BOB);
        Duration second = Duration.ofSeconds(1);
        CompletableFuture<AcquireResult> queued =
                rig.acquireAsync(ALICE, DEFAULTS.waitForever().timeout(second));
        rig.advance(second.minusMillis(1));
        assertThat(queued).isNotDone();
        rig.advance(Duration.ofMillis(1));
        assertThat(queued).isCompletedExceptionally();
        assertThat(rig.cluster.waiters(ORDER_LOCK)).isZero();

        rig.cluster.down = true;
        CompletableFuture<AcquireResult> unanswered = rig.acquireAsync(ALICE, DEFAULTS.timeout(second));
        CompletableFuture<AcquireResult> patient = rig.acquireAsync(ALICE, DEFAULTS);
        rig.advance(second);
        assertThat(failureOf(unanswered)).isInstanceOf(LockUnavailableException.class);
        assertThat(patient).isNotDone();
    }

    @Test
    void a_call_that_may_have_been_applied_at_its_deadline_is_undone() {
        rig.hold(BOB).release();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS.timeout(Duration.ofSeconds(1)));
        rig.advance(Duration.ofSeconds(1));
        assertThat(acquired).isCompletedExceptionally();
        rig.cluster.answerHeld();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        assertThat(rig.commands(Command.CancelAcquire.class)).hasSize(1);
    }

    @Test
    void the_time_before_the_number_of_groups_is_known_counts() {
        NobodyThere nobody = new NobodyThere();
        HoldfastClient client = Holdfast.client(nobody, ClientOptions.defaults().timers(rig.timers));
        CompletableFuture<AcquireResult> acquired = client.createLock()
                .acquireAsync(ALICE, ORDER, DEFAULTS.timeout(Duration.ofSeconds(1)))
                .toCompletableFuture();
        rig.advance(Duration.ofSeconds(1));
        await().until(acquired::isDone);
        assertThat(failureOf(acquired)).isInstanceOf(LockUnavailableException.class);
    }

    @Test
    void closing_fails_whatever_waits_for_the_number_of_groups() {
        NobodyThere nobody = new NobodyThere();
        HoldfastClient client = Holdfast.client(nobody, ClientOptions.defaults().timers(rig.timers));
        HoldfastLock lock = client.createLock();
        List<CompletableFuture<?>> pending = List.of(
                CompletableFuture.runAsync(() -> lock.isLocked(ORDER)),
                CompletableFuture.supplyAsync(() -> lock.acquire(ALICE, ORDER)),
                CompletableFuture.supplyAsync(() -> client.list("").count()),
                CompletableFuture.runAsync(() -> lock.release(ALICE, ORDER)),
                lock.acquireAsync(ALICE, ORDER, DEFAULTS.waitForever()).toCompletableFuture());
        client.close();
        for (CompletableFuture<?> each : pending) {
            await().until(each::isDone);
            assertThat(each).isCompletedExceptionally();
            assertThat(causeOf(each)).isInstanceOf(LockClientClosedException.class);
        }
    }

    @Test
    void closing_fails_queries_that_nobody_answers() {
        rig.cluster.down = true;
        CompletableFuture<Boolean> asked = CompletableFuture.supplyAsync(() -> rig.lock.isLocked(ORDER));
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        rig.client.close();
        await().until(asked::isDone);
        assertThat(causeOf(asked)).isInstanceOf(LockClientClosedException.class);
        assertThat(causeOf(acquired)).isInstanceOf(LockClientClosedException.class);
    }

    private static Throwable causeOf(CompletableFuture<?> failed) {
        try {
            failed.join();
            throw new AssertionError("did not fail");
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    @Test
    void an_interrupted_thread_closes_the_session_all_the_same() throws InterruptedException {
        rig.hold(ALICE);
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        rig.cluster.next(Fault.ANSWER_HELD);
        Thread closing = new Thread(() -> {
            Thread.currentThread().interrupt();
            rig.client.close();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        closing.start();
        await().until(() -> !rig.commands(Command.CloseSession.class).isEmpty());
        assertThat(rig.cluster.closed).isFalse();
        rig.cluster.answerHeld();
        closing.join();
        assertThat(interrupted.get()).isTrue();
        assertThat(rig.cluster.closed).isTrue();
    }

    @Test
    void attempts_become_rarer_while_nobody_answers() {
        Rig usual = new Rig(options -> options.retryPause(Duration.ofMillis(20), Duration.ofMillis(500)));
        usual.cluster.down = true;
        usual.acquireAsync(ALICE, DEFAULTS);
        usual.advance(Duration.ofSeconds(1));
        int first = usual.cluster.submitted.size();
        usual.advance(Duration.ofSeconds(8));
        int rest = usual.cluster.submitted.size() - first;
        assertThat(first).isBetween(4, 20);
        assertThat(rest).isBetween(8 * 2 - 2, 8 * 4 + 2);
    }

    @Test
    void whoever_waits_for_the_connection_hears_of_it() throws InterruptedException {
        assertThat(rig.client.awaitConnected(Duration.ofSeconds(1))).isTrue();
        rig.cluster.down = true;
        CompletableFuture<Boolean> connected = CompletableFuture.supplyAsync(() -> {
            try {
                return rig.client.awaitConnected(Duration.ofSeconds(1));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> {
            rig.advance(Duration.ofSeconds(1));
            return connected.isDone();
        });
        assertThat(connected.join()).isFalse();
        rig.client.close();
        assertThatThrownBy(() -> rig.client.awaitConnected(Duration.ofSeconds(1)))
                .isInstanceOf(LockClientClosedException.class);
    }

    @Test
    void try_lock_ends_soon_if_nobody_answers() {
        rig.cluster.down = true;
        FencedLock view = rig.lock.asJavaLock(ORDER);
        CompletableFuture<Boolean> atOnce = CompletableFuture.supplyAsync(view::tryLock);
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return view.tryLock(500, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> {
            rig.advance(Duration.ofSeconds(2));
            return atOnce.isDone() && waiting.isDone();
        });
        assertThat(causeOf(atOnce)).isInstanceOf(LockUnavailableException.class);
        assertThat(causeOf(waiting)).isInstanceOf(LockUnavailableException.class);
    }
}
