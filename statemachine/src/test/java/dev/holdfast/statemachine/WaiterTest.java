package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.OTHER_MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static dev.holdfast.statemachine.Acquires.granted;
import static dev.holdfast.statemachine.Acquires.reacquired;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaiterTest {
    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();
    private final TestSession three = scenario.open();

    @Test
    void waiters_are_served_first_come_first_served() {
        one.acquire(MUTEX, ANN);
        assertThat(three.acquireOrWait(MUTEX, CAT)).isEqualTo(new Outcome.Queued(0));
        assertThat(two.acquireOrWait(MUTEX, BOB)).isEqualTo(new Outcome.Queued(1));

        one.release(MUTEX, ANN, 1);
        assertThat(three.events()).containsExactly(waitGranted(1, 2));
        assertThat(two.events()).isEmpty();

        three.release(MUTEX, CAT, 2);
        assertThat(two.events()).containsExactly(waitGranted(1, 3));
    }

    @Test
    void a_late_comer_does_not_overtake_the_waiters() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);
        one.release(MUTEX, ANN, 1);

        assertThat(three.acquire(MUTEX, CAT)).isEqualTo(new Outcome.Refused(BOB, 2, 0));
    }

    @Test
    void force_release_serves_the_queue() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);

        three.send(new Command.ForceRelease(MUTEX, 1));

        assertThat(two.events()).containsExactly(waitGranted(1, 2));
    }

    @Test
    void a_wait_ends_exactly_at_its_deadline() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, BOB, Lease.SESSION, 50);
        scenario.tickAfter(49);
        assertThat(two.events()).isEmpty();

        scenario.tickAfter(1);

        assertThat(two.events()).containsExactly(timedOut(1));
        assertThat(scenario.machine().waiterCount()).isZero();
    }

    @Test
    void a_release_at_the_deadline_of_a_wait_does_not_grant() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, BOB, Lease.SESSION, 50);
        scenario.pass(50);

        one.release(MUTEX, ANN, 1);

        assertThat(two.events()).containsExactly(timedOut(1));
        assertThat(scenario.state().lockables.size()).isZero();
    }

    @Test
    void a_waiter_whose_deadline_passed_in_the_same_tick_is_not_granted() {
        one.acquire(MUTEX, ANN, Lease.ttl(40), 0);
        two.acquire(MUTEX, BOB, Lease.SESSION, 50);
        three.acquire(MUTEX, CAT, Lease.SESSION, 500);

        scenario.tickAfter(50);

        assertThat(two.events()).containsExactly(timedOut(1));
        assertThat(three.events()).containsExactly(waitGranted(1, 2));
    }

    @Test
    void a_wait_that_ends_when_the_lease_does_is_not_granted() {
        one.acquire(MUTEX, ANN, Lease.ttl(50), 0);
        two.acquire(MUTEX, BOB, Lease.SESSION, 50);

        scenario.tickAfter(50);

        assertThat(two.events()).containsExactly(timedOut(1));
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void other_acquires_of_a_granted_owner_are_not_granted_after_their_deadline() {
        one.acquire(MUTEX, ANN, Lease.ttl(40), 0);
        two.acquire(MUTEX, BOB, Lease.SESSION, 500);
        three.acquire(MUTEX, BOB, Lease.SESSION, 50);

        scenario.tickAfter(60);

        assertThat(two.events()).containsExactly(waitGranted(1, 2));
        assertThat(three.events()).containsExactly(timedOut(1));
    }

    @Test
    void a_dead_head_does_not_stall_the_queue() {
        one.acquirePermits(POOL, ANN, 2, 3);
        two.send(Acquires.permits(POOL, BOB, 3, 3, 50));
        three.acquirePermitsOrWait(POOL, CAT, 1, 3);
        assertThat(three.events()).isEmpty();

        scenario.tickAfter(50);

        assertThat(two.events()).containsExactly(timedOut(1));
        assertThat(three.events()).containsExactly(waitGranted(1, 2));
    }

    @Test
    void a_waiter_of_a_dead_session_is_not_granted() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);
        three.acquireOrWait(MUTEX, CAT);
        scenario.expire(two);

        one.release(MUTEX, ANN, 1);

        assertThat(three.events()).containsExactly(waitGranted(1, 2));
    }

    @Test
    void a_session_that_ends_is_not_granted_what_its_own_holds_free() {
        one.acquire(MUTEX, ANN);
        one.acquireOrWait(MUTEX, BOB);
        two.acquireOrWait(MUTEX, CAT);

        one.close();

        assertThat(two.events()).containsExactly(waitGranted(1, 2));
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void a_session_may_end_with_several_waiters_on_one_lockable() {
        one.acquirePermits(POOL, ANN, 2, 3);
        two.acquirePermitsOrWait(POOL, BOB, 3, 3);
        two.acquirePermitsOrWait(POOL, CAT, 3, 3);
        three.acquirePermitsOrWait(POOL, BOB, 1, 3);
        two.acquirePermitsOrWait(POOL, BOB, 1, 3);

        scenario.expire(two);

        assertThat(three.events()).containsExactly(waitGranted(1, 2));
        assertThat(scenario.machine().waiterCount()).isZero();
    }

    @Test
    void a_dead_session_does_not_stall_the_waiters_behind_it() {
        one.acquirePermits(POOL, ANN, 2, 3);
        two.acquirePermitsOrWait(POOL, BOB, 3, 3);
        three.acquirePermitsOrWait(POOL, CAT, 1, 3);

        two.close();

        assertThat(three.events()).containsExactly(waitGranted(1, 2));
    }

    @Test
    void waits_of_one_owner_for_a_mutex_are_granted_together() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);
        three.acquireOrWait(MUTEX, CAT);
        three.acquireOrWait(MUTEX, BOB);

        one.release(MUTEX, ANN, 1);

        assertThat(two.events()).containsExactly(waitGranted(1, 2));
        assertThat(three.events()).containsExactly(new Event.WaitGranted(2, 2, LogTime.NEVER, 1, true));
        assertThat(scenario.machine().waiterCount()).isEqualTo(1);
    }

    @Test
    void the_holder_of_a_mutex_does_not_queue_behind_its_waiters() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);

        assertThat(one.acquireOrWait(MUTEX, ANN)).isEqualTo(reacquired(1, 1));
    }

    @Test
    void a_ttl_counts_from_the_grant() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, BOB, Lease.ttl(100), Command.Acquire.WAIT_FOREVER);
        scenario.pass(70);

        one.release(MUTEX, ANN, 1);

        assertThat(two.events()).containsExactly(new Event.WaitGranted(1, 2, 1170, 1, false));
    }

    @Test
    void a_wait_of_zero_never_queues() {
        one.acquirePermits(POOL, ANN, 2, 3);
        two.acquirePermitsOrWait(POOL, BOB, 2, 3);

        assertThat(three.acquirePermits(POOL, CAT, 1, 3)).isEqualTo(new Outcome.Refused(ANN, 1, 1, 1));
        assertThat(scenario.machine().waiterCount()).isEqualTo(1);
    }

    @Test
    void an_expiry_serves_all_that_fit() {
        one.send(new Command.Acquire(POOL, ANN, 3, 3, false, Lease.ttl(100), 0));
        two.acquirePermitsOrWait(POOL, BOB, 1, 3);
        two.acquirePermitsOrWait(POOL, CAT, 2, 3);
        three.acquirePermitsOrWait(POOL, Owner.of("user", "dan"), 1, 3);

        scenario.tickAfter(100);

        assertThat(two.events())
                .containsExactly(waitGranted(1, 2), new Event.WaitGranted(2, 3, LogTime.NEVER, 2, false));
        assertThat(three.events()).isEmpty();
    }

    @Test
    void the_events_of_one_entry_come_in_the_order_of_deadlines() {
        one.acquire(MUTEX, ANN);
        one.acquire(OTHER_MUTEX, ANN);
        two.acquire(MUTEX, BOB, Lease.SESSION, 60);
        two.acquire(OTHER_MUTEX, BOB, Lease.SESSION, 50);
        scenario.pass(100);

        Applied applied = scenario.apply(Batch.of());

        assertThat(applied.events()).hasSize(1);
        assertThat(two.events()).isEqualTo(List.of(timedOut(2), timedOut(1)));
    }

    @Test
    void an_owner_that_waits_may_still_take_what_is_free() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);

        assertThat(two.acquire(OTHER_MUTEX, BOB)).isEqualTo(granted(2));
    }

    private static Event waitGranted(long acquireSequence, long token) {
        return new Event.WaitGranted(acquireSequence, token, LogTime.NEVER, 1, false);
    }

    private static Event timedOut(long acquireSequence) {
        return new Event.WaitEnded(acquireSequence, Event.WaitEnd.TIMED_OUT);
    }
}
