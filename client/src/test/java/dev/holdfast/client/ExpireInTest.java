package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.ORDER_SEMAPHORE;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Leases that are cut short: when the hold ends, and what the handle says until then. */
class ExpireInTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** A minute, less what is taken off so that nobody believes in it for too long. */
    private static final Duration BELIEVED = Duration.ofMillis(60_000 - 600 - 1);

    private final Rig rig = new Rig();
    private final List<String> news = new ArrayList<>();

    private void listen(LockHandle handle) {
        handle.onLost(reason -> {
            rig.cluster.tick();
            news.add(reason + ", holders then: "
                    + rig.cluster.holders(ORDER_LOCK).size());
        });
    }

    private void endsInAMinute(LockHandle handle) {
        listen(handle);
        assertThat(handle.leaseLeft()).contains(BELIEVED);
        rig.advance(BELIEVED.minusMillis(1));
        assertThat(handle.isHeld()).isTrue();
        rig.advance(MINUTE.minus(BELIEVED));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(news).containsExactly("EXPIRED, holders then: 1");
        rig.advance(Duration.ofMillis(1));
        rig.cluster.tick();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        assertThatThrownBy(handle::release).isInstanceOf(LockExpiredException.class);
    }

    @Test
    void a_hold_that_its_session_keeps_ends_then() {
        LockHandle handle = rig.hold(ALICE);
        handle.expireIn(MINUTE);
        endsInAMinute(handle);
    }

    @Test
    void a_longer_ttl_ends_then() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.ttl(Duration.ofHours(1)));
        handle.expireIn(MINUTE);
        endsInAMinute(handle);
    }

    @Test
    void a_hold_until_released_ends_then() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.untilReleased());
        handle.expireIn(MINUTE);
        endsInAMinute(handle);
    }

    @Test
    void a_shorter_ttl_lives_until_then() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.ttl(Duration.ofSeconds(1)));
        handle.expireIn(MINUTE);
        endsInAMinute(handle);
    }

    @Test
    void a_client_that_is_closed_leaves_the_hold_to_its_deadline() {
        LockHandle handle = rig.hold(ALICE);
        listen(handle);
        handle.expireIn(MINUTE);
        rig.client.close();

        rig.cluster.tick();
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
        assertThat(news).isEmpty();
        assertThat(handle.isHeld()).isTrue();
        rig.advance(BELIEVED);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        rig.cluster.tick();
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
        rig.advance(Duration.ofSeconds(1));
        rig.cluster.tick();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void it_may_be_extended_released_and_cut_short_again() {
        LockHandle handle = rig.hold(ALICE);
        handle.expireIn(Duration.ofSeconds(1));
        handle.extend(Duration.ofHours(1));
        rig.advance(MINUTE);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        handle.expireIn(MINUTE);
        assertThat(handle.leaseLeft()).contains(BELIEVED);
        handle.release();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        assertThatThrownBy(() -> handle.expireIn(MINUTE)).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void nobody_is_warned_of_an_end_that_was_asked_for() {
        LockHandle handle = rig.hold(ALICE);
        handle.onSuspect(() -> news.add("suspect"));
        handle.expireIn(MINUTE);
        rig.advance(Duration.ofSeconds(55));
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        assertThat(news).isEmpty();

        handle.extend(MINUTE);
        rig.advance(Duration.ofSeconds(55));
        assertThat(news).containsExactly("suspect");
    }

    @Test
    void acquired_again_it_lives_as_long_as_that_acquire_asks() {
        LockHandle handle = rig.hold(ALICE);
        handle.expireIn(Duration.ofSeconds(1));
        LockHandle again = rig.hold(ALICE);
        rig.advance(MINUTE);
        assertThat(again.state()).isEqualTo(HoldState.HELD);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void a_hold_that_the_owner_acquired_twice_here_is_not_cut_short() {
        LockHandle handle = rig.hold(ALICE);
        rig.hold(ALICE);
        assertThatExceptionOfType(LockRequestRejectedException.class)
                .isThrownBy(() -> handle.expireIn(MINUTE))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.SHARED))
                .withMessageContaining("user:alice acquired it 2 times");
        assertThat(rig.commands(Command.ExpireIn.class)).isEmpty();
        rig.advance(MINUTE.multipliedBy(2));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void a_hold_that_the_owner_acquired_elsewhere_too_is_not_cut_short() {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(ALICE), 1);
        LockHandle handle = rig.hold(ALICE);
        assertThatThrownBy(() -> handle.expireIn(MINUTE)).isInstanceOf(LockRequestRejectedException.class);
        rig.advance(MINUTE.multipliedBy(2));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void a_hold_that_is_gone_is_lost() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.eventsHeldBack = true;
        rig.cluster.forceRelease(ORDER_LOCK);
        assertThatThrownBy(() -> handle.expireIn(MINUTE)).isInstanceOf(LockNotHeldException.class);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void it_is_counted_from_before_the_request_was_sent() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.untilReleased());
        listen(handle);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<Void> asked =
                handle.expireInAsync(Duration.ofSeconds(5)).toCompletableFuture();
        assertThat(handle.leaseLeft()).contains(Duration.ofMillis(5_000 - 50 - 1));
        rig.advance(Duration.ofMillis(5_000 - 50 - 1));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(news).containsExactly("EXPIRED, holders then: 1");

        rig.cluster.answerHeld();
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(asked).isCompleted();
    }

    @Test
    void if_it_was_certainly_not_done_the_old_lease_counts_again() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.REFUSED);
        assertThat(failureOf(handle.expireInAsync(MINUTE).toCompletableFuture()))
                .isInstanceOf(LockRequestRejectedException.class);
        rig.advance(MINUTE.multipliedBy(2));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void while_its_outcome_is_not_known_the_hold_is_believed_in_no_longer_than_that() {
        LockHandle handle = rig.hold(ALICE);
        listen(handle);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<Void> asked = handle.expireInAsync(MINUTE).toCompletableFuture();
        rig.advance(Duration.ofSeconds(10));
        assertThat(failureOf(asked)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        rig.advance(BELIEVED.minusSeconds(10));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(news).containsExactly("EXPIRED, holders then: 1");

        // It is repeated until it is done, so that nobody waits for the end of a session that lives on.
        rig.cluster.failHeld(Kind.OUTCOME_UNKNOWN);
        rig.pause();
        rig.advance(MINUTE);
        rig.cluster.tick();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void what_was_lost_by_the_clock_although_it_was_not_done_is_taken_back() {
        Rig patient = new Rig(options -> options.sessionLease(MINUTE));
        LockHandle handle = patient.hold(ALICE);
        patient.cluster.down = true;
        CompletableFuture<Void> asked =
                handle.expireInAsync(Duration.ofSeconds(2)).toCompletableFuture();
        patient.advance(Duration.ofSeconds(2));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        patient.advance(Duration.ofSeconds(8));
        assertThat(failureOf(asked)).isInstanceOf(LockUnavailableException.class);

        patient.cluster.down = false;
        patient.advance(Duration.ofSeconds(1));
        assertThat(patient.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void what_was_lost_by_the_clock_although_it_is_shared_is_left_to_the_others() {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(ALICE), 1);
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<Void> asked =
                handle.expireInAsync(Duration.ofSeconds(1)).toCompletableFuture();
        rig.advance(Duration.ofSeconds(1));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        rig.cluster.applyHeld();
        rig.pause();
        assertThat(failureOf(asked)).isInstanceOf(LockRequestRejectedException.class);
        assertThat(rig.commands(Command.Leave.class)).hasSize(1);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
    }

    @Test
    void permits_that_outlived_their_session_this_way_can_be_released() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        LockHandle handle = semaphore.acquire(BOB, ORDER, 2).orThrow();
        handle.expireIn(MINUTE);
        rig.cluster.endSession(rig.cluster.session().id);
        rig.advance(Rig.LEASE);
        assertThat(handle.isHeld()).isTrue();
        handle.release();
        assertThat(rig.commands(Command.Release.class))
                .extracting(Command.Release::endsWithSession)
                .containsExactly(false);
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isZero();
    }

    @Test
    void a_time_that_is_not_positive_is_refused() {
        LockHandle handle = rig.hold(ALICE);
        assertThatThrownBy(() -> handle.expireIn(Duration.ZERO)).isInstanceOf(LockRequestRejectedException.class);
        assertThat(failureOf(handle.expireInAsync(Duration.ofSeconds(-1)).toCompletableFuture()))
                .isInstanceOf(LockRequestRejectedException.class);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
    }
}
