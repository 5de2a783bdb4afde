package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.POOL;
import static dev.holdfast.statemachine.Acquires.granted;
import static dev.holdfast.statemachine.Acquires.reacquired;
import static dev.holdfast.statemachine.Acquires.released;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import org.junit.jupiter.api.Test;

class SemaphoreTest {
    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();

    @Test
    void permits_are_granted_up_to_the_limit() {
        assertThat(one.acquirePermits(POOL, ANN, 2, 5)).isEqualTo(granted(1, 2));
        assertThat(two.acquirePermits(POOL, BOB, 3, 5)).isEqualTo(granted(2, 3));

        assertThat(two.acquirePermits(POOL, CAT, 1, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
    }

    @Test
    void a_drain_takes_all_that_is_free() {
        one.acquirePermits(POOL, ANN, 2, 5);

        assertThat(two.drain(POOL, BOB, 5))
                .isEqualTo(new Outcome.Drained(new Outcome.Granted(2, LogTime.NEVER, 3, false), 3));
        assertThat(two.drain(POOL, CAT, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(one.drain(POOL, ANN, 6))
                .isEqualTo(new Outcome.Drained(new Outcome.Granted(1, LogTime.NEVER, 3, true), 1));
    }

    @Test
    void a_drain_of_a_free_semaphore_takes_its_size() {
        assertThat(one.drain(POOL, ANN, 5))
                .isEqualTo(new Outcome.Drained(new Outcome.Granted(1, LogTime.NEVER, 5, false), 5));
    }

    @Test
    void a_drain_does_not_overtake_waiters() {
        one.acquirePermits(POOL, ANN, 2, 5);
        two.acquirePermitsOrWait(POOL, BOB, 4, 5);

        assertThat(one.drain(POOL, CAT, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 3, 1));
        assertThat(one.release(POOL, ANN, 1)).isEqualTo(released());
        assertThat(one.drain(POOL, CAT, 5))
                .isEqualTo(new Outcome.Drained(new Outcome.Granted(3, LogTime.NEVER, 1, false), 1));
    }

    @Test
    void a_cancelled_drain_gives_back_all_that_it_took() {
        one.acquirePermits(POOL, ANN, 1, 5);
        one.drain(POOL, ANN, 5);
        two.acquirePermitsOrWait(POOL, BOB, 4, 5);

        assertThat(one.cancel(one.lastSequence())).isEqualTo(new Outcome.Cancelled(true));
        assertThat(two.events()).containsExactly(new Event.WaitGranted(1, 2, LogTime.NEVER, 4, false));
    }

    @Test
    void a_drain_that_was_acknowledged_cannot_be_cancelled() {
        one.drain(POOL, ANN, 5);
        one.acknowledge(1, 0);

        assertThat(one.send(new Command.CancelAcquire(1))).isEqualTo(new Outcome.Cancelled(false));
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void a_refusal_counts_the_waiters_if_nothing_else_is_in_the_way() {
        one.acquirePermits(POOL, ANN, 2, 5);
        two.acquirePermitsOrWait(POOL, BOB, 4, 5);
        two.acquirePermitsOrWait(POOL, CAT, 1, 5);

        assertThat(two.acquirePermits(POOL, BOB, 3, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 3, 2));
        assertThat(two.acquirePermits(POOL, BOB, 4, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 3));
    }

    @Test
    void available_is_the_limit_less_what_is_held() {
        one.acquirePermits(POOL, ANN, 2, 5);

        assertThat(two.acquirePermits(POOL, BOB, 4, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 3));
        assertThat(two.acquirePermits(POOL, BOB, 6, 5)).isEqualTo(new Outcome.CapacityExceeded(6, 3, 5));
    }

    @Test
    void more_than_the_limit_is_refused_even_if_the_semaphore_is_free() {
        assertThat(one.acquirePermitsOrWait(POOL, ANN, 6, 5)).isEqualTo(new Outcome.CapacityExceeded(6, 5, 5));
        assertThat(scenario.state().lockables.size()).isZero();
    }

    @Test
    void the_holder_adds_permits_under_the_same_token() {
        one.acquirePermits(POOL, ANN, 2, 5);

        assertThat(two.acquirePermits(POOL, ANN, 2, 5)).isEqualTo(reacquired(1, 4));
        assertThat(one.acquirePermits(POOL, ANN, 2, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 1));
    }

    @Test
    void some_permits_are_released_and_the_others_stay() {
        one.acquirePermits(POOL, ANN, 5, 5);

        assertThat(one.release(POOL, ANN, 1, 2)).isEqualTo(new Outcome.Released(3));
        assertThat(two.acquirePermits(POOL, BOB, 2, 5)).isEqualTo(granted(2, 2));
        assertThat(one.release(POOL, ANN, 1)).isEqualTo(released());
        assertThat(two.acquirePermits(POOL, BOB, 3, 5)).isEqualTo(reacquired(2, 5));
    }

    @Test
    void release_of_more_permits_than_held_changes_nothing() {
        one.acquirePermits(POOL, ANN, 2, 5);
        two.acquirePermits(POOL, BOB, 3, 5);

        assertThat(one.release(POOL, ANN, 1, 3)).isEqualTo(new Outcome.NotHeld(ANN, 2));
        assertThat(two.acquirePermits(POOL, CAT, 1, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
    }

    @Test
    void release_with_an_old_token_leaves_the_newer_permits() {
        one.acquirePermits(POOL, ANN, 2, 5);
        one.release(POOL, ANN, 1);
        one.acquirePermits(POOL, ANN, 5, 5);

        assertThat(one.release(POOL, ANN, 1, 2)).isEqualTo(new Outcome.NotHeld(ANN));
        assertThat(two.acquirePermits(POOL, BOB, 1, 5)).isEqualTo(new Outcome.Refused(ANN, 2, 0));
    }

    @Test
    void each_request_is_judged_by_its_own_limit() {
        one.acquirePermits(POOL, ANN, 3, 3);

        assertThat(two.acquirePermits(POOL, BOB, 1, 3)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(two.acquirePermits(POOL, BOB, 1, 5)).isEqualTo(granted(2, 1));
        assertThat(two.acquirePermits(POOL, CAT, 1, 3)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(two.acquirePermits(POOL, CAT, 3, 2)).isEqualTo(new Outcome.CapacityExceeded(3, 0, 2));
    }

    @Test
    void a_waiter_is_judged_by_its_own_limit() {
        one.acquirePermits(POOL, ANN, 3, 3);
        two.acquirePermitsOrWait(POOL, BOB, 1, 2);

        one.release(POOL, ANN, 1, 1);
        assertThat(two.events()).isEmpty();
        one.release(POOL, ANN, 1, 1);
        assertThat(two.events()).containsExactly(new Event.WaitGranted(1, 2, LogTime.NEVER, 1, false));
    }

    @Test
    void the_head_of_the_queue_is_not_overtaken() {
        one.acquirePermits(POOL, ANN, 2, 3);
        two.acquirePermitsOrWait(POOL, BOB, 2, 3);

        assertThat(two.acquirePermitsOrWait(POOL, CAT, 1, 3)).isEqualTo(new Outcome.Queued(1));
        assertThat(one.acquirePermits(POOL, ANN, 1, 3)).isEqualTo(new Outcome.Refused(ANN, 1, 1, 2));
        assertThat(one.acquirePermits(POOL, ANN, 1, 100)).isEqualTo(new Outcome.Refused(ANN, 1, 98, 2));
        assertThat(two.events()).isEmpty();

        one.release(POOL, ANN, 1);
        assertThat(two.events())
                .containsExactly(
                        new Event.WaitGranted(1, 2, LogTime.NEVER, 2, false),
                        new Event.WaitGranted(2, 3, LogTime.NEVER, 1, false));
    }

    @Test
    void a_waiter_of_an_older_smaller_size_is_served_before_those_of_the_new_one() {
        one.acquirePermits(POOL, ANN, 2, 2);
        two.acquirePermitsOrWait(POOL, BOB, 1, 2);

        // The new size has room for them, but each of them would put the older one off further.
        assertThat(two.acquirePermitsOrWait(POOL, CAT, 1, 5)).isEqualTo(new Outcome.Queued(1));
        assertThat(two.drain(POOL, CAT, 5)).isEqualTo(new Outcome.Refused(ANN, 1, 3, 2));
        assertThat(two.events()).isEmpty();

        one.release(POOL, ANN, 1, 1);
        assertThat(two.events())
                .containsExactly(
                        new Event.WaitGranted(1, 2, LogTime.NEVER, 1, false),
                        new Event.WaitGranted(2, 3, LogTime.NEVER, 1, false));
        assertThat(two.drain(POOL, CAT, 5))
                .isEqualTo(new Outcome.Drained(new Outcome.Granted(3, LogTime.NEVER, 3, true), 2));
    }

    @Test
    void a_waiter_of_an_older_smaller_size_that_gives_up_lets_those_of_the_new_one_in() {
        one.acquirePermits(POOL, ANN, 2, 2);
        TestSession old = scenario.open();
        old.acquirePermitsOrWait(POOL, BOB, 1, 2);
        two.acquirePermitsOrWait(POOL, CAT, 3, 5);

        scenario.expire(old);
        assertThat(two.events()).containsExactly(new Event.WaitGranted(1, 2, LogTime.NEVER, 3, false));
    }

    @Test
    void permits_of_a_dead_session_come_back() {
        one.acquirePermits(POOL, ANN, 2, 3);
        one.acquirePermits(POOL, BOB, 1, 3);

        scenario.expire(one);

        assertThat(two.acquirePermits(POOL, CAT, 3, 3)).isEqualTo(granted(3, 3));
    }

    @Test
    void force_release_takes_all_holds_or_only_the_one_with_that_token() {
        one.acquirePermits(POOL, ANN, 1, 3);
        one.acquirePermits(POOL, BOB, 1, 3);
        one.acquirePermits(POOL, CAT, 1, 3);

        assertThat(two.send(new Command.ForceRelease(POOL, 2))).isEqualTo(new Outcome.ForceReleased(1));
        assertThat(two.acquirePermits(POOL, BOB, 1, 3)).isEqualTo(granted(4, 1));
        assertThat(two.send(new Command.ForceRelease(POOL, Command.ForceRelease.ANY_TOKEN)))
                .isEqualTo(new Outcome.ForceReleased(3));
        assertThat(scenario.state().lockables.size()).isZero();
    }
}
