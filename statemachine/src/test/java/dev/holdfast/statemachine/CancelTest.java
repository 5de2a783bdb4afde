package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static dev.holdfast.statemachine.Acquires.granted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.RejectionCode;
import org.junit.jupiter.api.Test;

class CancelTest {
    private static final Outcome UNDONE = new Outcome.Cancelled(true);
    private static final Outcome NOTHING_LEFT = new Outcome.Cancelled(false);

    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();

    @Test
    void a_cancelled_waiter_leaves_the_queue() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);

        assertThat(two.cancel(1)).isEqualTo(UNDONE);
        one.release(MUTEX, ANN, 1);

        assertThat(two.events()).isEmpty();
        assertThat(scenario.state().lockables.size()).isZero();
    }

    @Test
    void those_behind_a_cancelled_waiter_move_up() {
        one.acquirePermits(POOL, ANN, 2, 3);
        two.acquirePermitsOrWait(POOL, BOB, 3, 3);
        two.acquirePermitsOrWait(POOL, CAT, 1, 3);

        two.cancel(1);

        assertThat(two.events()).containsExactly(new Event.WaitGranted(2, 2, LogTime.NEVER, 1, false));
    }

    @Test
    void a_cancelled_grant_is_free_again() {
        one.acquire(MUTEX, ANN);

        assertThat(one.cancel(1)).isEqualTo(UNDONE);
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
        assertThat(one.events()).isEmpty();
    }

    @Test
    void a_grant_by_event_can_be_cancelled() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);
        one.release(MUTEX, ANN, 1);

        assertThat(two.cancel(1)).isEqualTo(UNDONE);
        assertThat(one.acquire(MUTEX, ANN)).isEqualTo(granted(3));
    }

    @Test
    void a_grant_by_event_can_be_cancelled_after_its_queued_outcome_was_acknowledged() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);
        two.acknowledge(1, 0);
        one.release(MUTEX, ANN, 1);

        assertThat(two.cancel(1)).isEqualTo(UNDONE);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_grant_whose_event_was_acknowledged_can_no_longer_be_cancelled() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);
        one.release(MUTEX, ANN, 1);
        two.acknowledge(1, 1);

        assertThat(two.cancel(1)).isEqualTo(NOTHING_LEFT);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void an_acquire_that_arrives_after_its_cancel_is_not_executed() {
        assertThat(one.sendAs(2, new Command.CancelAcquire(1))).isEqualTo(NOTHING_LEFT);

        Outcome late = one.sendAs(1, Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0));

        assertThat(late)
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(RejectionCode.SEQUENCE_STALE));
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(1));
    }

    @Test
    void cancel_after_a_reacquire_by_the_same_owner_leaves_the_hold() {
        one.acquire(MUTEX, ANN);
        one.acquire(MUTEX, ANN);

        assertThat(one.cancel(2)).isEqualTo(UNDONE);
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(one.cancel(1)).isEqualTo(UNDONE);
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void cancel_of_the_first_acquire_leaves_the_hold_to_the_second() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, ANN);

        one.cancel(1);

        assertThat(one.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(two.events()).isEmpty();
    }

    @Test
    void a_session_whose_acquire_was_cancelled_no_longer_keeps_the_hold() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, ANN);
        two.cancel(1);

        scenario.expire(one);

        assertThat(scenario.machine().holdCount()).isZero();
        assertThat(two.events()).isEmpty();
    }

    @Test
    void a_cancel_frees_what_only_an_ended_session_shared() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, ANN);
        scenario.expire(one);

        assertThat(two.cancel(1)).isEqualTo(UNDONE);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void cancel_of_a_reentrant_acquire_takes_back_one_count() {
        one.acquireReentrantly(MUTEX, ANN);
        one.acquireReentrantly(MUTEX, ANN);

        one.cancel(2);

        assertThat(one.release(MUTEX, ANN, 1, 1)).isEqualTo(new Outcome.Released(0));
    }

    @Test
    void cancel_takes_back_the_permits_that_its_acquire_added() {
        one.acquirePermits(POOL, ANN, 2, 5);
        one.acquirePermits(POOL, ANN, 3, 5);
        two.acquirePermitsOrWait(POOL, BOB, 2, 5);

        one.cancel(2);

        assertThat(two.events()).containsExactly(new Event.WaitGranted(1, 2, LogTime.NEVER, 2, false));
        assertThat(one.release(POOL, ANN, 1, 2)).isEqualTo(new Outcome.Released(0));
    }

    @Test
    void cancel_never_touches_a_newer_hold() {
        one.acquire(MUTEX, ANN);
        one.release(MUTEX, ANN, 1);
        two.acquire(MUTEX, ANN);

        assertThat(one.cancel(1)).isEqualTo(NOTHING_LEFT);
        assertThat(one.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 2, 0));
    }

    @Test
    void cancel_of_a_wait_that_timed_out_finds_nothing() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, BOB, Lease.SESSION, 50);
        scenario.pass(50);

        assertThat(two.cancel(1)).isEqualTo(NOTHING_LEFT);
        assertThat(two.events()).containsExactly(new Event.WaitEnded(1, Event.WaitEnd.TIMED_OUT));
    }

    @Test
    void cancel_reaches_only_acquires_of_its_own_session() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, BOB);

        assertThat(two.cancel(1)).isEqualTo(NOTHING_LEFT);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void cancel_of_itself_or_of_a_later_command_is_invalid() {
        for (long acquireSequence : new long[] {Long.MIN_VALUE, -1, 0, 5, 6, Long.MAX_VALUE}) {
            Outcome outcome = one.sendAs(5, new Command.CancelAcquire(acquireSequence));
            assertThat(outcome).isInstanceOf(Outcome.Rejected.class);
        }
    }
}
