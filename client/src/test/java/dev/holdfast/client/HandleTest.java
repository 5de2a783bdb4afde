package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.LEASE;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a handle knows, and how it ends. */
class HandleTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();
    private static final AcquireOptions TEN_SECONDS = DEFAULTS.ttl(Duration.ofSeconds(10));

    private final Rig rig = new Rig();
    private final List<String> news = new ArrayList<>();

    private void listen(LockHandle handle) {
        handle.onSuspect(() -> news.add("suspect"));
        handle.onLost(reason -> news.add("lost: " + reason));
    }

    @Test
    void a_handle_tells_what_it_holds() {
        LockHandle handle = rig.hold(ALICE);
        assertThat(handle.lockable()).isEqualTo(ORDER);
        assertThat(handle.owner()).isEqualTo(ALICE);
        assertThat(handle.token()).isPositive();
        assertThat(handle.permits()).isEqualTo(1);
        assertThat(handle.leaseLeft()).contains(Duration.ofMillis(7_919));
    }

    @Test
    void a_refusal_names_the_holder() {
        rig.hold(BOB);
        AcquireResult result = rig.lock.acquire(ALICE, ORDER);
        assertThat(result.acquired()).isFalse();
        assertThat(result.timedOut()).isFalse();
        assertThat(result.holder()).contains(BOB);
        assertThatExceptionOfType(LockAlreadyHeldException.class)
                .isThrownBy(() -> rig.lock.hold(ALICE, ORDER, DEFAULTS))
                .satisfies(e -> assertThat(e.currentOwner()).contains(BOB))
                .satisfies(e -> assertThat(e.lockableKey()).isEqualTo("order:1"))
                .withMessageContaining("user:bob");
    }

    @Test
    void closing_releases_and_may_be_repeated() {
        LockHandle handle = rig.hold(ALICE);
        handle.close();
        handle.close();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThat(handle.leaseLeft()).contains(Duration.ZERO);
        assertThat(rig.commands(Command.Release.class)).hasSize(1);
        assertThatThrownBy(handle::release).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void a_ttl_hold_is_suspect_with_a_fifth_left_and_lost_at_its_end() {
        LockHandle handle = rig.hold(ALICE, TEN_SECONDS);
        listen(handle);
        handle.onLost(reason -> {
            rig.cluster.tick();
            news.add("holders then: " + rig.cluster.holders(ORDER_LOCK).size());
        });
        assertThat(handle.leaseLeft()).contains(Duration.ofMillis(10_000 - 1 - 100));
        rig.advance(Duration.ofMillis(7_900));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        rig.advance(Duration.ofMillis(100));
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        assertThat(news).containsExactly("suspect");
        rig.advance(Duration.ofMillis(1_850));
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        rig.advance(Duration.ofMillis(149));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(news).containsExactly("suspect", "lost: EXPIRED", "holders then: 1");
        assertThatThrownBy(handle::release).isInstanceOf(LockExpiredException.class);
        handle.close();
        assertThat(rig.commands(Command.Release.class)).isEmpty();
    }

    @Test
    void a_ttl_is_counted_from_before_the_request_was_sent() {
        rig.hold(BOB, DEFAULTS).release();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, TEN_SECONDS);
        rig.timers.pause(Duration.ofSeconds(4));
        rig.cluster.answerHeld();
        assertThat(acquired.join().orThrow().leaseLeft()).contains(Duration.ofMillis(5_899));
    }

    @Test
    void extending_moves_the_end_on() {
        LockHandle handle = rig.hold(ALICE, TEN_SECONDS);
        listen(handle);
        rig.advance(Duration.ofSeconds(9));
        handle.extend(Duration.ofSeconds(20));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        rig.advance(Duration.ofSeconds(14));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        rig.advance(Duration.ofSeconds(7));
        assertThat(news).containsExactly("suspect", "suspect", "lost: EXPIRED");
        assertThatThrownBy(() -> handle.extend(Duration.ofSeconds(1))).isInstanceOf(LockExpiredException.class);
    }

    @Test
    void a_shorter_extension_changes_nothing() {
        LockHandle handle = rig.hold(ALICE, TEN_SECONDS);
        handle.extend(Duration.ofSeconds(1));
        assertThat(handle.leaseLeft()).contains(Duration.ofMillis(9_899));
    }

    @Test
    void a_hold_taken_by_force_is_lost_at_once() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.untilReleased());
        listen(handle);
        CompletableFuture<LossReason> signal = handle.lossSignal().toCompletableFuture();
        assertThat(rig.lock.forceRelease(ORDER)).isTrue();
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(signal.join()).isEqualTo(LossReason.FORCE_RELEASED);
        assertThat(news).containsExactly("lost: FORCE_RELEASED");
        assertThatThrownBy(handle::release).isInstanceOf(LockNotHeldException.class);
        handle.close();
        assertThat(rig.lock.forceRelease(ORDER)).isFalse();
    }

    @Test
    void listeners_that_come_after_the_fact_are_called_at_once() {
        LockHandle handle = rig.hold(ALICE, TEN_SECONDS);
        rig.advance(Duration.ofSeconds(9));
        listen(handle);
        assertThat(news).containsExactly("suspect");
        rig.advance(Duration.ofSeconds(1));
        listen(handle);
        assertThat(news).containsExactly("suspect", "lost: EXPIRED", "lost: EXPIRED");
    }

    @Test
    void listeners_of_a_released_handle_are_never_called() {
        LockHandle handle = rig.hold(ALICE, TEN_SECONDS);
        listen(handle);
        handle.release();
        listen(handle);
        rig.advance(Duration.ofMinutes(1));
        assertThat(news).isEmpty();
    }

    @Test
    void a_loss_that_is_heard_of_before_the_grant_is_not_forgotten() {
        rig.hold(BOB, DEFAULTS).release();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        rig.cluster.forceRelease(ORDER_LOCK);
        rig.cluster.answerHeld();
        assertThat(acquired.join().orThrow().state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void release_with_an_old_token_leaves_the_newer_hold() {
        LockHandle old = rig.hold(ALICE, DEFAULTS.untilReleased());
        rig.cluster.eventsHeldBack = true;
        rig.cluster.forceRelease(ORDER_LOCK);
        LockHandle fresh = rig.hold(ALICE);
        assertThat(old.state()).isEqualTo(HoldState.LOST);
        assertThatThrownBy(old::release).isInstanceOf(LockNotHeldException.class);
        assertThat(fresh.state()).isEqualTo(HoldState.HELD);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
    }

    @Test
    void a_release_that_the_cluster_refuses_makes_the_handle_lost() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.eventsHeldBack = true;
        rig.cluster.forceRelease(ORDER_LOCK);
        assertThatThrownBy(handle::release).isInstanceOf(LockNotHeldException.class);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void a_failed_release_keeps_the_handle_and_may_be_repeated() {
        Rig patient = new Rig(options -> options.sessionLease(Duration.ofMinutes(1)));
        LockHandle handle = patient.hold(ALICE);
        patient.cluster.down = true;
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        patient.advance(Duration.ofSeconds(10));
        assertThat(failureOf(released)).isInstanceOf(LockUnavailableException.class);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        patient.cluster.down = false;
        CompletableFuture<Void> again = handle.releaseAsync().toCompletableFuture();
        patient.pause();
        assertThat(again).isCompleted();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
    }

    @Test
    void while_a_release_is_under_way_nobody_is_told_of_the_end_of_the_ttl() {
        LockHandle handle = rig.hold(ALICE, TEN_SECONDS);
        listen(handle);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.advance(Duration.ofMillis(9_950));
        assertThat(news).isEmpty();
        rig.cluster.answerHeld();
        assertThat(released).isCompleted();
        assertThat(news).isEmpty();
    }

    @Test
    void after_a_failed_release_the_ttl_is_watched_again() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.ttl(Duration.ofSeconds(30)));
        listen(handle);
        rig.cluster.down = true;
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.advance(Duration.ofSeconds(10));
        assertThat(failureOf(released)).isInstanceOf(LockException.class);
        rig.advance(Duration.ofSeconds(30));
        assertThat(news).containsExactly("suspect", "lost: EXPIRED");
    }

    @Test
    void releases_of_one_handle_at_the_same_time_are_one() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<Void> first = handle.releaseAsync().toCompletableFuture();
        CompletableFuture<Void> second = handle.releaseAsync().toCompletableFuture();
        rig.cluster.applyHeld();
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        assertThat(rig.commands(Command.Release.class)).hasSize(1);
    }

    @Test
    void acquiring_again_shares_the_hold_and_one_release_takes_it_from_all_handles() {
        LockHandle first = rig.hold(ALICE);
        AcquireResult again = rig.lock.acquire(ALICE, ORDER);
        listen(again.orThrow());
        assertThat(again.reacquired()).isTrue();
        assertThat(again.token()).isEqualTo(first.token());
        first.release();
        assertThat(first.state()).isEqualTo(HoldState.RELEASED);
        assertThat(again.orThrow().state()).isEqualTo(HoldState.LOST);
        assertThat(news).containsExactly("lost: RELEASED_BY_OWNER");
        assertThatThrownBy(again.orThrow()::release).isInstanceOf(LockNotHeldException.class);
        again.orThrow().close();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void giving_up_a_second_acquire_leaves_the_first() {
        LockHandle first = rig.hold(ALICE);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> again = rig.acquireAsync(ALICE, DEFAULTS);
        again.cancel(false);
        rig.cluster.answerHeld();
        assertThat(first.state()).isEqualTo(HoldState.HELD);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
    }

    @Test
    void a_release_in_doubt_is_found_out_by_the_next_and_not_done_again() {
        Rig patient = new Rig(options -> options.sessionLease(Duration.ofSeconds(60)));
        HoldfastLock reentrant =
                patient.client.createLock(LockOptions.defaults().reentrant());
        LockHandle outer = reentrant.acquire(ALICE, ORDER).orThrow();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        patient.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<Void> released = inner.releaseAsync().toCompletableFuture();
        patient.cluster.down = true;
        patient.advance(Duration.ofSeconds(11));
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        CompletableFuture<Void> again = inner.releaseAsync().toCompletableFuture();
        assertThat(again).isNotDone();

        patient.cluster.down = false;
        patient.advance(Duration.ofSeconds(1));
        again.join();
        assertThat(inner.state()).isEqualTo(HoldState.RELEASED);
        assertThat(outer.state()).isEqualTo(HoldState.HELD);
        assertThat(patient.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
        outer.release();
        assertThat(patient.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void who_joins_a_release_in_doubt_hears_within_the_request_timeout() {
        Rig patient = new Rig(options -> options.sessionLease(Duration.ofSeconds(60)));
        LockHandle handle = patient.hold(BOB);
        patient.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        patient.cluster.down = true;
        patient.advance(Duration.ofSeconds(11));
        CompletableFuture<Void> again = handle.releaseAsync().toCompletableFuture();
        patient.advance(Duration.ofSeconds(11));
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(failureOf(again)).isInstanceOf(LockOutcomeUnknownException.class);
    }

    @Test
    void a_release_that_its_session_took_into_the_dark_is_not_done_again() {
        HoldfastLock reentrant = rig.client.createLock(LockOptions.defaults().reentrant());
        AcquireOptions untilReleased = AcquireOptions.defaults().untilReleased();
        LockHandle outer = reentrant
                .acquireAsync(ALICE, ORDER, untilReleased)
                .toCompletableFuture()
                .join()
                .orThrow();
        LockHandle inner = reentrant
                .acquireAsync(ALICE, ORDER, untilReleased)
                .toCompletableFuture()
                .join()
                .orThrow();
        rig.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<Void> released = inner.releaseAsync().toCompletableFuture();
        rig.cluster.down = true;
        rig.advance(Duration.ofSeconds(20));
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        rig.cluster.down = false;
        assertThat(inner.state()).isEqualTo(HoldState.LOST);
        assertThat(failureOf(inner.releaseAsync().toCompletableFuture())).isInstanceOf(LockException.class);
        assertThat(outer.state()).isEqualTo(HoldState.SUSPECT);
        rig.pause();
        assertThat(outer.state()).isEqualTo(HoldState.HELD);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
    }

    @Test
    void a_reentrant_lock_is_free_after_as_many_releases() {
        HoldfastLock reentrant = rig.client.createLock(LockOptions.defaults().reentrant());
        LockHandle outer = reentrant.acquire(ALICE, ORDER).orThrow();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        inner.release();
        assertThat(outer.state()).isEqualTo(HoldState.HELD);
        assertThat(rig.cluster.held(ORDER_LOCK)).isEqualTo(1);
        outer.release();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void counts_that_were_lost_by_the_clock_are_not_in_the_next_hold_of_their_owner() throws InterruptedException {
        HoldfastLock reentrant = rig.client.createLock(LockOptions.defaults().reentrant());
        AcquireOptions fourSeconds = DEFAULTS.ttl(Duration.ofSeconds(4));
        LockHandle outer = reentrant.acquire(ALICE, ORDER, fourSeconds).orThrow();
        reentrant.acquire(ALICE, ORDER, fourSeconds).orThrow();
        rig.timers.pause(Duration.ofMillis(3_970));
        assertThat(rig.cluster.held(ORDER_LOCK)).isEqualTo(2);

        LockHandle next = reentrant.acquire(ALICE, ORDER).orThrow();
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
        assertThat(next.token()).isGreaterThan(outer.token());
        next.release();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void counts_whose_release_was_not_done_are_given_back_when_the_clock_ends_them() throws InterruptedException {
        Rig hasty = new Rig(options -> options.requestTimeout(Duration.ofSeconds(1)));
        HoldfastLock reentrant = hasty.client.createLock(LockOptions.defaults().reentrant());
        LockHandle handle = reentrant
                .acquire(ALICE, ORDER, DEFAULTS.ttl(Duration.ofSeconds(4)))
                .orThrow();
        hasty.advance(Duration.ofMillis(3_500));
        hasty.cluster.down = true;
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        hasty.advance(Duration.ofMillis(1_100));
        assertThat(failureOf(released)).isInstanceOf(LockUnavailableException.class);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);

        hasty.cluster.submitted.clear();
        hasty.cluster.down = false;
        hasty.pause();
        assertThat(hasty.commands(Command.Release.class))
                .extracting(Command.Release::token, Command.Release::permits)
                .containsExactly(tuple(handle.token(), 1));
    }

    @Test
    void counts_that_may_have_been_released_are_not_given_back_once_more() throws InterruptedException {
        HoldfastLock reentrant = rig.client.createLock(LockOptions.defaults().reentrant());
        LockHandle handle = reentrant
                .acquire(ALICE, ORDER, DEFAULTS.ttl(Duration.ofSeconds(30)))
                .orThrow();
        rig.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.cluster.down = true;
        rig.advance(Duration.ofSeconds(20));
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);

        rig.cluster.submitted.clear();
        rig.cluster.down = false;
        rig.advance(Duration.ofSeconds(20));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        rig.hold(BOB).release();
        assertThat(rig.commands(Command.Release.class))
                .extracting(Command.Release::owner)
                .containsExactly(Terms.owner(BOB));
    }

    @Test
    void what_is_given_back_says_which_session_acquired_it() throws InterruptedException {
        HoldfastLock reentrant = rig.client.createLock(LockOptions.defaults().reentrant());
        LockHandle outer = reentrant
                .acquire(ALICE, ORDER, DEFAULTS.ttl(Duration.ofMinutes(5)))
                .orThrow();
        rig.cluster.down = true;
        rig.advance(LEASE.plus(LEASE));
        rig.cluster.down = false;
        rig.pause();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        assertThat(rig.cluster.sessions).hasSize(2);

        outer.release();
        inner.release();
        List<Long> numbers =
                rig.cluster.sessions.keySet().stream().map(SessionId::low).toList();
        assertThat(rig.commands(Command.Release.class))
                .extracting(Command.Release::acquiredIn)
                .containsExactlyElementsOf(numbers);
    }

    @Test
    void an_owner_that_gives_back_says_which_session_acquired_it_if_that_was_one() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        AcquireOptions fiveMinutes = DEFAULTS.ttl(Duration.ofMinutes(5));
        semaphore
                .acquireAsync(ALICE, ORDER, 2, fiveMinutes)
                .toCompletableFuture()
                .join();
        rig.cluster.down = true;
        rig.advance(LEASE.plus(LEASE));
        rig.cluster.down = false;
        rig.pause();
        semaphore
                .acquireAsync(ALICE, ORDER, 2, fiveMinutes)
                .toCompletableFuture()
                .join();
        semaphore.release(ALICE, ORDER, 1);
        semaphore.release(ALICE, ORDER, 2);
        semaphore.release(ALICE, ORDER, 1);

        List<Long> numbers =
                rig.cluster.sessions.keySet().stream().map(SessionId::low).toList();
        assertThat(rig.commands(Command.Release.class))
                .extracting(Command.Release::acquiredIn)
                .containsExactly(numbers.get(1), Command.Release.ANYWHERE, numbers.get(0));
    }
}
