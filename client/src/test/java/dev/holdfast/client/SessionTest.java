package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.FakeCluster.KeepAlives;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The session's life, and what the client believes about it. */
class SessionTest {
    /** A lease of 8 s, less 1 ms and 1 %. */
    private static final Duration BELIEVED = Duration.ofMillis(8_000 - 1 - 80);

    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();

    private final Rig rig = new Rig();
    private final List<String> news = new ArrayList<>();

    private void listen(LockHandle handle) {
        handle.onSuspect(() -> news.add("suspect"));
        handle.onLost(reason -> news.add("lost: " + reason));
    }

    @Test
    void keep_alives_keep_a_hold_for_as_long_as_they_are_answered() {
        LockHandle handle = rig.hold(ALICE);
        listen(handle);
        rig.advance(Duration.ofMinutes(1));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        assertThat(news).isEmpty();
        assertThat(rig.cluster.keepAliveCount).isBetween(20, 24);
        assertThat(rig.batches()).hasSize(1);
    }

    @Test
    void no_session_no_keep_alives() {
        rig.advance(Duration.ofMinutes(1));
        assertThat(rig.cluster.keepAliveCount).isZero();
    }

    @Test
    void without_confirmation_a_hold_is_suspect_after_half_a_lease_and_lost_before_its_end() {
        LockHandle handle = rig.hold(ALICE);
        listen(handle);
        rig.cluster.down = true;
        rig.advance(Duration.ofMillis(3_999));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        rig.advance(Duration.ofMillis(1));
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        assertThat(news).containsExactly("suspect");
        rig.advance(BELIEVED.minusMillis(4_001));
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        assertThat(handle.leaseLeft()).contains(Duration.ofMillis(1));
        rig.advance(Duration.ofMillis(1));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(handle.leaseLeft()).contains(Duration.ZERO);
        assertThat(news).containsExactly("suspect", "lost: SESSION_LOST");
    }

    @Test
    void the_belief_counts_from_the_sending_of_the_last_confirmed_keep_alive() {
        LockHandle handle = rig.hold(ALICE);
        rig.advance(Duration.ofSeconds(3));
        assertThat(rig.cluster.keepAliveCount).isEqualTo(1);
        rig.cluster.down = true;
        rig.advance(Duration.ofNanos(8_000_000_000L / 3)
                .plus(BELIEVED)
                .minusSeconds(3)
                .minusNanos(1));
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        rig.advance(Duration.ofNanos(1));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void a_suspect_session_that_is_confirmed_is_held_again() {
        LockHandle handle = rig.hold(ALICE);
        listen(handle);
        rig.cluster.down = true;
        rig.advance(Duration.ofSeconds(5));
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        rig.cluster.down = false;
        rig.advance(Duration.ofSeconds(1));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        rig.cluster.down = true;
        rig.advance(Duration.ofSeconds(5));
        assertThat(news).containsExactly("suspect", "suspect");
    }

    @Test
    void a_keep_alive_that_is_never_answered_does_not_hold_up_the_next() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.keepAlives = KeepAlives.SILENT;
        rig.advance(Duration.ofSeconds(4));
        rig.cluster.keepAlives = KeepAlives.ANSWERED;
        rig.advance(Duration.ofSeconds(30));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void after_a_long_pause_of_the_process_nobody_is_told_that_he_still_holds() {
        LockHandle handle = rig.hold(ALICE);
        rig.timers.pause(Duration.ofSeconds(20));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        rig.advance(Duration.ZERO);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThatThrownBy(handle::release).isInstanceOf(LockExpiredException.class);
    }

    @Test
    void after_a_long_pause_of_the_process_the_next_operation_goes_into_a_new_session() {
        rig.hold(ALICE);
        rig.timers.pause(Duration.ofSeconds(20));
        assertThat(rig.hold(BOB).state()).isEqualTo(HoldState.HELD);
        assertThat(rig.cluster.session().id.low()).isEqualTo(2);
    }

    @Test
    void a_grant_that_is_read_after_the_session_was_lost_is_not_believed() {
        rig.hold(BOB, DEFAULTS).release();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        rig.timers.pause(Rig.LEASE);
        rig.cluster.answerHeld();
        assertThat(failureOf(acquired)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_lost_session_is_closed_when_the_cluster_is_back_and_another_is_opened_on_demand() {
        rig.hold(ALICE);
        rig.cluster.down = true;
        rig.advance(Rig.LEASE);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
        rig.cluster.down = false;
        rig.pause();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        assertThat(rig.cluster.sessions).isEmpty();
        assertThat(rig.hold(BOB).state()).isEqualTo(HoldState.HELD);
        assertThat(rig.cluster.session().id.low()).isEqualTo(2);
    }

    @Test
    void a_session_that_the_cluster_ended_is_lost_at_the_next_keep_alive() {
        LockHandle handle = rig.hold(ALICE);
        listen(handle);
        rig.cluster.endSession(rig.cluster.session().id);
        rig.advance(Duration.ofSeconds(3));
        assertThat(news).containsExactly("lost: SESSION_LOST");
        assertThat(rig.commands(Command.CloseSession.class)).isEmpty();
    }

    @Test
    void a_command_refused_for_want_of_a_session_is_repeated_in_a_new_one() {
        LockHandle handle = rig.hold(ALICE);
        listen(handle);
        rig.cluster.endSession(rig.cluster.session().id);
        LockHandle bobs = rig.hold(BOB);
        assertThat(news).containsExactly("lost: SESSION_LOST");
        assertThat(bobs.state()).isEqualTo(HoldState.HELD);
        assertThat(rig.batches()).hasSize(3);
        assertThat(rig.lastBatch().commands().get(0).sequence()).isEqualTo(1);
    }

    @Test
    void a_command_that_may_have_been_applied_in_the_lost_session_is_not_repeated() {
        rig.hold(BOB, DEFAULTS).release();
        rig.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        rig.cluster.endSession(rig.cluster.session().id);
        rig.pause();
        assertThat(failureOf(acquired)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(rig.commands(Command.Acquire.class)).hasSize(3);
    }

    @Test
    void waiters_fail_when_the_session_is_lost() {
        rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, DEFAULTS.waitForever());
        assertThat(rig.cluster.waiters(ORDER_LOCK)).isEqualTo(1);
        rig.cluster.down = true;
        rig.advance(Rig.LEASE);
        assertThat(failureOf(waiting)).isInstanceOf(LockSessionLostException.class);
    }

    @Test
    void holds_with_other_leases_outlive_the_session() {
        LockHandle timed = rig.hold(ALICE, DEFAULTS.ttl(Duration.ofMinutes(1)));
        Lockable other = Holdfast.createLockable("other").of();
        LockHandle untilReleased = rig.lock
                .acquireAsync(ALICE, other, DEFAULTS.untilReleased())
                .toCompletableFuture()
                .join()
                .orThrow();
        rig.cluster.down = true;
        rig.advance(Rig.LEASE);
        assertThat(timed.state()).isEqualTo(HoldState.SUSPECT);
        assertThat(untilReleased.state()).isEqualTo(HoldState.SUSPECT);
        rig.cluster.down = false;
        rig.pause();
        assertThat(timed.state()).isEqualTo(HoldState.HELD);
        assertThat(untilReleased.state()).isEqualTo(HoldState.HELD);
        assertThat(untilReleased.leaseLeft()).isEmpty();
        timed.release();
        untilReleased.release();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void session_listeners_hear_of_every_turn() {
        HoldfastClient.Registration registration = rig.client.onSession(new SessionListener() {
            @Override
            public void onOpened() {
                news.add("opened");
            }

            @Override
            public void onSuspect() {
                news.add("suspect");
            }

            @Override
            public void onRenewed() {
                news.add("renewed");
            }

            @Override
            public void onLost() {
                news.add("lost");
            }
        });
        rig.hold(ALICE);
        rig.cluster.down = true;
        rig.advance(Duration.ofSeconds(5));
        rig.cluster.down = false;
        rig.advance(Duration.ofSeconds(2));
        rig.cluster.down = true;
        rig.advance(Duration.ofSeconds(10));
        assertThat(news).containsExactly("opened", "suspect", "renewed", "suspect", "lost");
        registration.close();
        rig.cluster.down = false;
        rig.pause();
        rig.hold(BOB);
        assertThat(news).hasSize(5);
    }

    @Test
    void the_client_knows_its_open_session_and_no_other() {
        assertThat(rig.client.sessionIds()).isEmpty();
        rig.hold(ALICE);
        assertThat(rig.client.sessionIds()).hasSize(1);
        rig.cluster.down = true;
        rig.advance(BELIEVED);
        assertThat(rig.client.sessionIds()).isEmpty();
        rig.cluster.down = false;
        rig.hold(ALICE);
        assertThat(rig.client.sessionIds()).hasSize(1);
        rig.client.close();
        assertThat(rig.client.sessionIds()).isEmpty();
    }
}
