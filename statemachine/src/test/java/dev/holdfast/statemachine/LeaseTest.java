package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.OTHER_MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static dev.holdfast.statemachine.Acquires.granted;
import static dev.holdfast.statemachine.Acquires.released;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Event.LossReason;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();

    @Test
    void a_ttl_hold_expires_exactly_at_its_deadline() {
        assertThat(one.acquire(MUTEX, ANN, Lease.ttl(100), 0)).isEqualTo(new Outcome.Granted(1, 1100, 1, false));
        assertThat(scenario.machine().nextDeadlineMs()).isEqualTo(1100);

        assertThat(scenario.tickAfter(99).expiredHolds()).isZero();
        assertThat(scenario.machine().holdCount()).isEqualTo(1);

        assertThat(scenario.tickAfter(1).expiredHolds()).isEqualTo(1);
        assertThat(scenario.machine().holdCount()).isZero();
        assertThat(one.events()).containsExactly(new Event.HoldLost(MUTEX, ANN, 1, LossReason.EXPIRED, 1100));
        assertThat(scenario.machine().nextDeadlineMs()).isEqualTo(LogTime.NEVER);
    }

    @Test
    void what_is_due_expires_before_the_commands_of_an_entry() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        scenario.pass(100);

        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void a_release_at_the_deadline_comes_too_late() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        scenario.pass(100);

        assertThat(one.release(MUTEX, ANN, 1)).isEqualTo(new Outcome.NotHeld(null));
    }

    @Test
    void extend_counts_from_now() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        scenario.pass(60);

        assertThat(one.extend(MUTEX, ANN, 1, 100)).isEqualTo(new Outcome.Extended(1160));
        scenario.tickAfter(99);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
        scenario.tickAfter(1);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void extend_never_shortens() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);

        assertThat(one.extend(MUTEX, ANN, 1, 50)).isEqualTo(new Outcome.Extended(1100));
        scenario.tickAfter(99);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void reacquire_never_shortens() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);

        assertThat(one.acquire(MUTEX, ANN, Lease.ttl(10), 0)).isEqualTo(new Outcome.Granted(1, 1100, 1, true));
    }

    @Test
    void reacquire_prolongs() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        scenario.pass(50);

        assertThat(one.acquire(MUTEX, ANN, Lease.ttl(100), 0)).isEqualTo(new Outcome.Granted(1, 1150, 1, true));
    }

    @Test
    void a_ttl_hold_outlives_its_session() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        one.close();

        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(scenario.tickAfter(100).expiredHolds()).isEqualTo(1);
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void a_ttl_hold_may_be_extended_from_another_session_of_its_owner() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        one.close();

        assertThat(two.extend(MUTEX, ANN, 1, 300)).isEqualTo(new Outcome.Extended(1300));
    }

    @Test
    void a_session_hold_is_free_as_soon_as_its_session_closes() {
        one.acquire(MUTEX, ANN);
        one.close();

        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void a_session_hold_is_free_as_soon_as_its_session_expires() {
        one.acquire(MUTEX, ANN);
        one.acquirePermits(POOL, ANN, 3, 3);

        Applied applied = scenario.expire(one);

        assertThat(applied.ended()).isEqualTo(List.of(one.id()));
        assertThat(applied.expiredHolds()).isEqualTo(2);
        assertThat(scenario.state().lockables.size()).isZero();
        assertThat(two.acquirePermits(POOL, BOB, 3, 3)).isEqualTo(granted(3, 3));
    }

    @Test
    void an_until_released_hold_survives_its_session_and_is_released_from_another() {
        one.acquire(MUTEX, ANN, Lease.UNTIL_RELEASED, 0);
        scenario.expire(one);
        scenario.tickAfter(Limits.TTL_MS_MAX);

        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(two.release(MUTEX, ANN, 1)).isEqualTo(released());
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void what_a_session_added_to_a_semaphores_hold_ends_with_it() {
        TestSession other = scenario.open();
        one.acquirePermits(POOL, ANN, 3, 5);
        two.acquirePermits(POOL, ANN, 1, 5);

        scenario.expire(one);
        assertThat(other.acquirePermits(POOL, BOB, 4, 5)).isEqualTo(granted(2, 4));
        assertThat(two.release(POOL, ANN, 1, 1)).isEqualTo(released());
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void what_a_session_added_and_gave_back_does_not_end_with_it_again() {
        one.acquirePermits(POOL, ANN, 2, 5);
        two.acquirePermits(POOL, ANN, 2, 5);
        one.release(POOL, ANN, 1, 2);

        scenario.expire(one);
        assertThat(two.release(POOL, ANN, 1, 2)).isEqualTo(released());
    }

    @Test
    void what_another_session_gave_back_is_not_taken_back_twice() {
        one.acquirePermits(POOL, ANN, 2, 5);
        two.acquirePermits(POOL, ANN, 2, 5);
        two.release(POOL, ANN, 1, 3);

        scenario.expire(one);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void the_counts_of_a_lost_session_do_not_stay_in_a_reentrant_mutex() {
        TestSession other = scenario.open();
        one.acquireReentrantly(MUTEX, ANN);
        one.acquireReentrantly(MUTEX, ANN);
        two.acquireReentrantly(MUTEX, ANN);

        scenario.expire(one);
        assertThat(other.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(two.release(MUTEX, ANN, 1, 1)).isEqualTo(released());
        assertThat(other.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void a_session_that_released_all_its_counts_no_longer_keeps_a_reentrant_mutex() {
        one.acquireReentrantly(MUTEX, ANN);
        two.acquireReentrantly(MUTEX, ANN);
        two.release(MUTEX, ANN, 1, 1, two);

        scenario.expire(one);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_session_whose_acquire_added_no_count_still_keeps_the_mutex() {
        one.acquireReentrantly(MUTEX, ANN);
        one.acquireReentrantly(MUTEX, ANN);
        two.acquire(MUTEX, ANN);

        scenario.expire(one);
        assertThat(two.events()).isEmpty();
        assertThat(two.release(MUTEX, ANN, 1)).isEqualTo(released());
    }

    @Test
    void a_hold_acquired_in_two_sessions_lives_while_either_does() {
        TestSession other = scenario.open();
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, ANN);

        scenario.expire(one);
        assertThat(other.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(two.events()).isEmpty();

        two.close();
        assertThat(other.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void a_session_that_asked_for_a_ttl_does_not_keep_the_hold() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        scenario.expire(one);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);

        scenario.tickAfter(100);

        assertThat(two.events()).containsExactly(new Event.HoldLost(MUTEX, ANN, 1, LossReason.EXPIRED, 1100));
    }

    @Test
    void a_hold_whose_ttl_ran_out_lives_on_while_its_session_does() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        one.acquire(MUTEX, ANN);
        assertThat(scenario.tickAfter(100).expiredHolds()).isZero();
        assertThat(scenario.machine().holdCount()).isEqualTo(1);

        one.close();
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void what_outlived_its_session_is_given_back_by_the_next_which_still_keeps_the_rest() {
        one.acquireReentrantly(MUTEX, ANN, Lease.ttl(100));
        scenario.expire(one);
        two.acquireReentrantly(MUTEX, ANN);
        assertThat(two.release(MUTEX, ANN, 1, 1, one)).isEqualTo(new Outcome.Released(1));

        scenario.tickAfter(100);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
        assertThat(two.releaseKept(MUTEX, ANN, 1, 1, two)).isEqualTo(released());
    }

    @Test
    void an_extend_answers_the_deadline_even_if_a_session_keeps_the_hold() {
        one.acquire(MUTEX, ANN);
        long deadlineMs = scenario.machine().logTimeMs() + 300;
        assertThat(one.extend(MUTEX, ANN, 1, 300)).isEqualTo(new Outcome.Extended(deadlineMs));
        scenario.tickAfter(300);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void what_ended_with_its_session_is_not_taken_from_what_others_acquired() {
        one.acquireReentrantly(MUTEX, ANN);
        two.acquireReentrantly(MUTEX, ANN);
        scenario.expire(one);
        TestSession next = scenario.open();
        assertThat(next.releaseKept(MUTEX, ANN, 1, 1, one)).isEqualTo(new Outcome.NotHeld(ANN));
        assertThat(two.events()).isEmpty();
        assertThat(two.releaseKept(MUTEX, ANN, 1, 1, two)).isEqualTo(released());
    }

    @Test
    void a_count_with_a_ttl_that_is_given_back_leaves_what_ends_with_the_session() {
        one.acquireReentrantly(MUTEX, ANN);
        one.acquireReentrantly(MUTEX, ANN, Lease.ttl(100));
        two.acquireReentrantly(MUTEX, ANN, Lease.ttl(100));
        assertThat(one.release(MUTEX, ANN, 1, 1, one)).isEqualTo(new Outcome.Released(2));
        scenario.expire(one);
        assertThat(two.release(MUTEX, ANN, 1, 1, two)).isEqualTo(released());
    }

    @Test
    void a_count_that_is_given_back_without_its_session_is_taken_off_what_sessions_keep() {
        one.acquireReentrantly(MUTEX, ANN, Lease.ttl(100));
        scenario.expire(one);
        two.acquireReentrantly(MUTEX, ANN);
        assertThat(two.release(MUTEX, ANN, 1, 1)).isEqualTo(new Outcome.Released(1));

        scenario.tickAfter(100);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
        assertThat(two.release(MUTEX, ANN, 1, 1)).isEqualTo(released());
    }

    @Test
    void what_one_session_gives_back_of_its_own_still_ends_with_the_other() {
        one.acquireReentrantly(MUTEX, ANN);
        two.acquireReentrantly(MUTEX, ANN, Lease.ttl(100));
        two.release(MUTEX, ANN, 1, 1, two);
        two.acquireReentrantly(MUTEX, ANN, Lease.ttl(100));
        scenario.expire(one);
        assertThat(two.release(MUTEX, ANN, 1, 1, two)).isEqualTo(released());
    }

    @Test
    void a_session_that_gave_back_all_its_permits_no_longer_keeps_the_others() {
        one.acquirePermits(POOL, ANN, 2, 5);
        two.send(new Command.Acquire(POOL, ANN, 1, 5, false, Lease.ttl(100), 0));
        one.releaseKept(POOL, ANN, 1, 1, one);
        scenario.tickAfter(100);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
        one.releaseKept(POOL, ANN, 1, 1, one);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_hold_that_is_to_expire_ends_then_though_its_session_lives() {
        one.acquire(MUTEX, ANN);
        assertThat(one.expireIn(MUTEX, ANN, 1, 100)).isEqualTo(new Outcome.Expiring(1100));

        scenario.tickAfter(99);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
        assertThat(scenario.tickAfter(1).expiredHolds()).isEqualTo(1);
        assertThat(one.events()).containsExactly(new Event.HoldLost(MUTEX, ANN, 1, LossReason.EXPIRED, 1100));
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void a_hold_that_is_to_expire_outlives_its_session() {
        one.acquirePermits(POOL, ANN, 3, 3);
        one.expireIn(POOL, ANN, 1, 100);
        one.close();

        scenario.tickAfter(99);
        assertThat(two.acquirePermits(POOL, BOB, 1, 3)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        scenario.tickAfter(1);
        assertThat(two.acquirePermits(POOL, BOB, 3, 3)).isEqualTo(granted(2, 3));
    }

    @Test
    void a_longer_lease_is_shortened() {
        one.acquire(MUTEX, ANN, Lease.ttl(1000), 0);
        one.acquire(OTHER_MUTEX, ANN, Lease.UNTIL_RELEASED, 0);
        assertThat(one.expireIn(MUTEX, ANN, 1, 100)).isEqualTo(new Outcome.Expiring(1100));
        assertThat(one.expireIn(OTHER_MUTEX, ANN, 2, 100)).isEqualTo(new Outcome.Expiring(1100));

        assertThat(scenario.tickAfter(100).expiredHolds()).isEqualTo(2);
    }

    @Test
    void a_hold_that_is_to_expire_may_be_extended_or_acquired_again() {
        one.acquire(MUTEX, ANN);
        one.acquire(OTHER_MUTEX, ANN);
        one.expireIn(MUTEX, ANN, 1, 100);
        one.expireIn(OTHER_MUTEX, ANN, 2, 100);
        one.extend(MUTEX, ANN, 1, 200);
        one.acquire(OTHER_MUTEX, ANN);

        scenario.tickAfter(199);
        assertThat(scenario.machine().holdCount()).isEqualTo(2);
        scenario.tickAfter(1);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void what_an_owner_acquired_twice_is_not_shortened() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, ANN, Lease.ttl(1000), 0);
        one.acquirePermits(POOL, ANN, 1, 3);
        one.acquirePermits(POOL, ANN, 1, 3);

        assertThat(one.expireIn(MUTEX, ANN, 1, 100)).isEqualTo(new Outcome.Shared(2));
        assertThat(one.expireIn(POOL, ANN, 2, 100)).isEqualTo(new Outcome.Shared(2));
        assertThat(scenario.tickAfter(100).expiredHolds()).isZero();
    }

    @Test
    void a_reentrant_hold_may_be_shortened_once_all_but_one_of_its_counts_are_given_back() {
        one.acquireReentrantly(MUTEX, ANN);
        two.acquireReentrantly(MUTEX, ANN);
        two.releaseKept(MUTEX, ANN, 1, 1, two);

        assertThat(one.expireIn(MUTEX, ANN, 1, 100)).isEqualTo(new Outcome.Expiring(1100));
    }

    @Test
    void a_late_request_does_not_shorten_what_its_owner_acquired_again_in_another_session() {
        one.acquireReentrantly(MUTEX, ANN, Lease.ttl(1000));
        two.acquireReentrantly(MUTEX, ANN);
        two.release(MUTEX, ANN, 1, 1, one);

        assertThat(one.expireIn(MUTEX, ANN, 1, 100)).isEqualTo(new Outcome.Shared(1));
        assertThat(scenario.tickAfter(100).expiredHolds()).isZero();
    }

    @Test
    void what_outlived_its_session_may_be_shortened_from_the_next() {
        one.acquire(MUTEX, ANN, Lease.UNTIL_RELEASED, 0);
        scenario.expire(one);
        two.send(new Command.Attach(MUTEX, ANN, 1));

        assertThat(two.expireIn(MUTEX, ANN, 1, 100, one)).isEqualTo(new Outcome.Expiring(1100));
        scenario.tickAfter(100);
        assertThat(two.events()).containsExactly(new Event.HoldLost(MUTEX, ANN, 1, LossReason.EXPIRED, 1100));
    }

    @Test
    void only_the_hold_with_that_token_is_shortened() {
        one.acquire(MUTEX, ANN);
        one.release(MUTEX, ANN, 1);
        one.acquire(MUTEX, ANN);

        assertThat(one.expireIn(MUTEX, ANN, 1, 100)).isEqualTo(new Outcome.NotHeld(ANN));
        assertThat(scenario.tickAfter(100).expiredHolds()).isZero();
    }

    @Test
    void that_a_hold_is_to_expire_survives_a_snapshot() throws CorruptSnapshotException {
        one.acquire(MUTEX, ANN);
        one.expireIn(MUTEX, ANN, 1, 100);
        scenario.restart();

        one.close();
        scenario.tickAfter(99);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
        scenario.tickAfter(1);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_commanded_expiry_ends_only_the_hold_with_that_token() {
        one.acquire(MUTEX, ANN);
        one.release(MUTEX, ANN, 1);
        one.acquire(MUTEX, ANN);

        assertThat(scenario.system(new Command.ExpireHold(MUTEX, 1)).expiredHolds())
                .isZero();
        assertThat(scenario.system(new Command.ExpireHold(MUTEX, 2)).expiredHolds())
                .isEqualTo(1);
        assertThat(one.events()).containsExactly(new Event.HoldLost(MUTEX, ANN, 2, LossReason.EXPIRED, 1000));
    }

    @Test
    void log_time_never_goes_back() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        scenario.tickAfter(50);

        Applied late = scenario.applyStamped(10, Batch.of());

        assertThat(late.logTimeMs()).isEqualTo(1050);
        assertThat(scenario.machine().logTimeMs()).isEqualTo(1050);
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }
}
