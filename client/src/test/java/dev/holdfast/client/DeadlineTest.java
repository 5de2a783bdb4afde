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
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Command;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call ends by its deadline, and closing ends every call. */
class DeadlineTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();

    private final Rig rig = new Rig();

    /** Nobody answers, not even how many groups there are, unless the test does. */
    private static final class NobodyThere implements ClusterTransport {
        private final Rig rig = new Rig();
        private final CompletableFuture<Integer> groups;

        NobodyThere() {
            this(new CompletableFuture<>());
        }

        NobodyThere(CompletableFuture<Integer> groups) {
            this.groups = groups;
            rig.cluster.down = true;
        }

        @Override
        public int groups() {
            return 0;
        }

        @Override
        public CompletableFuture<Integer> findGroups() {
            return groups;
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

    /** The request timeout of the lock, the handle or the call. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static final Duration ALMOST = SHORT.minusMillis(1);
    private static final Duration TTL = Duration.ofSeconds(30);

    private final HoldfastLock hasty = rig.lock.withRequestTimeout(SHORT);

    private void endsAfterShort(CompletableFuture<?> call, Class<? extends Throwable> with) {
        rig.advance(ALMOST);
        assertThat(call).isNotDone();
        rig.advance(Duration.ofMillis(1));
        await().until(call::isDone);
        assertThat(causeOf(call)).isInstanceOf(with);
    }

    private LockHandle heldInHaste() {
        return hasty.acquireAsync(ALICE, ORDER, DEFAULTS.ttl(TTL))
                .toCompletableFuture()
                .join()
                .orThrow();
    }

    static List<Function<LockHandle, CompletionStage<Void>>> changesByHandle() {
        return List.of(LockHandle::releaseAsync, held -> held.extendAsync(TTL));
    }

    @ParameterizedTest
    @MethodSource("changesByHandle")
    void a_handle_inherits_the_request_timeout_of_its_lock(Function<LockHandle, CompletionStage<Void>> change) {
        LockHandle handle = heldInHaste();
        rig.cluster.down = true;
        endsAfterShort(change.apply(handle).toCompletableFuture(), LockUnavailableException.class);
        rig.cluster.down = false;
        rig.cluster.next(Fault.ANSWER_HELD);
        endsAfterShort(change.apply(handle).toCompletableFuture(), LockOutcomeUnknownException.class);
    }

    @ParameterizedTest
    @MethodSource("changesByHandle")
    void a_handle_may_have_a_request_timeout_of_its_own(Function<LockHandle, CompletionStage<Void>> change) {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.ttl(TTL));
        LockHandle brief = handle.withRequestTimeout(SHORT);
        rig.cluster.down = true;
        endsAfterShort(change.apply(brief).toCompletableFuture(), LockUnavailableException.class);
        CompletableFuture<Void> patient = change.apply(handle).toCompletableFuture();
        rig.advance(SHORT);
        assertThat(patient).isNotDone();
        rig.cluster.down = false;
        rig.pause();
        assertThat(patient).isCompleted();
        assertThat(brief.state()).isEqualTo(handle.state());
    }

    @Test
    void joining_a_release_takes_no_longer_than_the_one_who_joins_has_time() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<Void> patient = handle.releaseAsync().toCompletableFuture();
        endsAfterShort(
                handle.withRequestTimeout(SHORT).releaseAsync().toCompletableFuture(),
                LockOutcomeUnknownException.class);
        assertThat(patient).isNotDone();
    }

    static List<Function<HoldfastLock, CompletionStage<Void>>> changesByOwner() {
        return List.of(lock -> lock.releaseAsync(ALICE, ORDER), lock -> lock.extendAsync(ALICE, ORDER, TTL));
    }

    @ParameterizedTest
    @MethodSource("changesByOwner")
    void a_change_by_owner_ends_by_the_request_timeout_of_its_lock(
            Function<HoldfastLock, CompletionStage<Void>> change) {
        rig.hold(ALICE, DEFAULTS.ttl(TTL));
        rig.cluster.down = true;
        endsAfterShort(change.apply(hasty).toCompletableFuture(), LockUnavailableException.class);
        rig.cluster.down = false;
        rig.cluster.next(Fault.ANSWER_HELD);
        endsAfterShort(change.apply(hasty).toCompletableFuture(), LockOutcomeUnknownException.class);
    }

    @ParameterizedTest
    @MethodSource("changesByOwner")
    void looking_a_hold_up_and_changing_it_share_one_request_timeout(
            Function<HoldfastLock, CompletionStage<Void>> change) {
        rig.hold(BOB).release();
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(ALICE), 1);
        rig.cluster.down = true;
        CompletableFuture<Void> call = change.apply(hasty).toCompletableFuture();
        rig.advance(Duration.ofMillis(500));
        rig.cluster.down = false;
        rig.cluster.next(Fault.ANSWER_HELD);
        rig.pause();
        rig.advance(ALMOST.minus(Duration.ofMillis(500)).minus(Rig.PAUSE));
        assertThat(call).isNotDone();
        rig.advance(Duration.ofMillis(1));
        assertThat(failureOf(call)).isInstanceOf(LockOutcomeUnknownException.class);
    }

    @Test
    void a_forced_release_ends_by_the_request_timeout_of_its_lock() {
        rig.hold(BOB);
        rig.cluster.down = true;
        CompletableFuture<?> unsent = begun(() -> hasty.forceRelease(ORDER));
        endsAfterShort(unsent, LockUnavailableException.class);
        rig.cluster.down = false;
        rig.pause();
        rig.cluster.next(Fault.ANSWER_HELD);
        endsAfterShort(begun(() -> hasty.forceRelease(ORDER)), LockOutcomeUnknownException.class);
    }

    static List<Function<DeadlineTest, Object>> questions() {
        return List.of(
                test -> test.hasty.isLocked(ORDER),
                test -> test.hasty.get(ORDER),
                test -> test.rig
                        .client
                        .createSemaphore(2)
                        .withRequestTimeout(SHORT)
                        .available(ORDER),
                test -> test.rig
                        .client
                        .createSemaphore(2)
                        .withRequestTimeout(SHORT)
                        .get(ORDER),
                test -> test.rig.client.list("", SHORT).count(),
                test -> test.rig.client.sessions(SHORT).count());
    }

    @ParameterizedTest
    @MethodSource("questions")
    void a_question_ends_by_its_request_timeout(Function<DeadlineTest, Object> question) {
        rig.cluster.down = true;
        endsAfterShort(begun(() -> question.apply(this)), LockUnavailableException.class);
    }

    /** A blocking call, on a thread of its own, that has reached the cluster. */
    private CompletableFuture<?> begun(Supplier<?> call) {
        int attempts = rig.cluster.submitted.size() + rig.cluster.queryCount;
        CompletableFuture<?> begun = CompletableFuture.supplyAsync(call);
        await().until(() -> rig.cluster.submitted.size() + rig.cluster.queryCount > attempts);
        return begun;
    }

    @Test
    void an_acquire_ends_by_the_request_timeout_of_its_lock_or_by_its_own() {
        rig.cluster.down = true;
        CompletableFuture<AcquireResult> own = hasty.acquireAsync(ALICE, ORDER, DEFAULTS.timeout(Duration.ofSeconds(3)))
                .toCompletableFuture();
        CompletableFuture<AcquireResult> waiting = hasty.acquireAsync(
                        ALICE, ORDER, DEFAULTS.wait(Duration.ofSeconds(3)))
                .toCompletableFuture();
        endsAfterShort(
                hasty.acquireAsync(ALICE, ORDER, DEFAULTS).toCompletableFuture(), LockUnavailableException.class);
        rig.advance(Duration.ofMillis(1_999));
        assertThat(own).isNotDone();
        rig.advance(Duration.ofMillis(1));
        assertThat(failureOf(own)).isInstanceOf(LockUnavailableException.class);
        rig.advance(Duration.ofMillis(99));
        assertThat(waiting).isNotDone();
        rig.advance(Duration.ofMillis(1));
        assertThat(failureOf(waiting)).isInstanceOf(LockUnavailableException.class);
    }

    @Test
    void what_finding_the_number_of_groups_takes_is_part_of_the_request_timeout() {
        CompletableFuture<Integer> groups = new CompletableFuture<>();
        HoldfastClient client = Holdfast.client(
                new NobodyThere(groups), ClientOptions.defaults().timers(rig.timers));
        CompletableFuture<Void> released = client.createLock()
                .withRequestTimeout(SHORT)
                .releaseAsync(ALICE, ORDER)
                .toCompletableFuture();
        rig.advance(Duration.ofMillis(500));
        groups.complete(1);
        rig.advance(ALMOST.minus(Duration.ofMillis(500)));
        assertThat(released).isNotDone();
        rig.advance(Duration.ofMillis(1));
        await().until(released::isDone);
        assertThat(causeOf(released)).isInstanceOf(LockUnavailableException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 3_600_001})
    void a_request_timeout_is_positive_and_not_longer_than_an_hour(long ms) {
        Duration wrong = Duration.ofMillis(ms);
        LockHandle handle = rig.hold(ALICE);
        List<ThrowingCallable> calls = List.of(
                () -> rig.lock.withRequestTimeout(wrong),
                () -> rig.client.createSemaphore(1).withRequestTimeout(wrong),
                () -> handle.withRequestTimeout(wrong),
                () -> rig.client.list("", wrong),
                () -> rig.client.sessions(wrong));
        assertThat(calls).allSatisfy(call -> assertThatThrownBy(call).isInstanceOf(LockRequestRejectedException.class));
    }
}
