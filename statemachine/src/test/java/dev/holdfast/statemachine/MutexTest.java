package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.OTHER_MUTEX;
import static dev.holdfast.statemachine.Acquires.granted;
import static dev.holdfast.statemachine.Acquires.reacquired;
import static dev.holdfast.statemachine.Acquires.released;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import org.junit.jupiter.api.Test;

class MutexTest {
    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();

    @Test
    void a_free_mutex_is_granted() {
        assertThat(one.acquire(MUTEX, ANN)).isEqualTo(granted(1));
    }

    @Test
    void a_held_mutex_is_refused_and_its_holder_named() {
        one.acquire(MUTEX, ANN);

        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
    }

    @Test
    void a_mutex_and_a_semaphore_with_the_same_key_are_two_lockables() {
        one.acquire(MUTEX, ANN);

        assertThat(two.acquirePermits(LockableKey.semaphore(MUTEX.key()), BOB, 1, 1))
                .isEqualTo(granted(2));
    }

    @Test
    void owners_with_the_same_id_in_different_scopes_are_different() {
        Owner catElsewhere = new Owner("user", "cat", new Owner.Scope("organisation", "other"));
        one.acquire(MUTEX, CAT);

        assertThat(one.acquire(MUTEX, catElsewhere)).isEqualTo(new Outcome.Refused(CAT, 1, 0));
        assertThat(one.acquire(MUTEX, Owner.of("user", "cat"))).isEqualTo(new Outcome.Refused(CAT, 1, 0));
    }

    @Test
    void the_holder_acquires_again_under_the_same_token() {
        one.acquire(MUTEX, ANN);

        assertThat(one.acquire(MUTEX, ANN)).isEqualTo(reacquired(1, 1));
        assertThat(two.acquire(MUTEX, ANN)).isEqualTo(reacquired(1, 1));
    }

    @Test
    void a_mutex_that_is_not_reentrant_is_free_after_one_release() {
        one.acquire(MUTEX, ANN);
        one.acquire(MUTEX, ANN);

        assertThat(one.release(MUTEX, ANN, 1, 1)).isEqualTo(released());
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void a_reentrant_mutex_is_free_after_as_many_releases_as_acquires() {
        assertThat(one.acquireReentrantly(MUTEX, ANN)).isEqualTo(granted(1));
        assertThat(one.acquireReentrantly(MUTEX, ANN)).isEqualTo(reacquired(1, 2));

        assertThat(one.release(MUTEX, ANN, 1, 1)).isEqualTo(new Outcome.Released(1));
        assertThat(two.acquire(MUTEX, BOB)).isInstanceOf(Outcome.Refused.class);
        assertThat(one.release(MUTEX, ANN, 1, 1)).isEqualTo(released());
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void releasing_all_frees_a_reentrant_mutex_at_once() {
        one.acquireReentrantly(MUTEX, ANN);
        one.acquireReentrantly(MUTEX, ANN);

        assertThat(one.release(MUTEX, ANN, 1)).isEqualTo(released());
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void release_of_more_counts_than_held_changes_nothing() {
        one.acquireReentrantly(MUTEX, ANN);

        assertThat(one.release(MUTEX, ANN, 1, 2)).isEqualTo(new Outcome.NotHeld(ANN, 1));
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
    }

    @Test
    void release_with_an_old_token_leaves_the_newer_hold() {
        one.acquire(MUTEX, ANN);
        one.release(MUTEX, ANN, 1);
        one.acquire(MUTEX, ANN);

        assertThat(one.release(MUTEX, ANN, 1)).isEqualTo(new Outcome.NotHeld(ANN));
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 2, 0));
    }

    @Test
    void extend_with_an_old_token_leaves_the_newer_hold() {
        one.acquire(MUTEX, ANN);
        one.release(MUTEX, ANN, 1);
        one.acquire(MUTEX, ANN);
        String before = deadlines();

        assertThat(one.extend(MUTEX, ANN, 1, 500)).isEqualTo(new Outcome.NotHeld(ANN));
        assertThat(deadlines()).isEqualTo(before);
    }

    private String deadlines() {
        return scenario.machine().nextDeadlineMs() + " "
                + scenario.state().deadlines.size();
    }

    @Test
    void release_by_another_owner_changes_nothing() {
        one.acquire(MUTEX, ANN);

        assertThat(two.release(MUTEX, BOB, 1)).isEqualTo(new Outcome.NotHeld(ANN));
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
    }

    @Test
    void release_of_what_nobody_holds_names_nobody() {
        assertThat(one.release(MUTEX, ANN, 1)).isEqualTo(new Outcome.NotHeld(null));
        assertThat(scenario.state().lockables.size()).isZero();
    }

    @Test
    void the_owner_may_release_from_another_session_and_the_first_is_told() {
        one.acquire(MUTEX, ANN);

        assertThat(two.release(MUTEX, ANN, 1)).isEqualTo(released());
        assertThat(one.events())
                .containsExactly(
                        new Event.HoldLost(MUTEX, ANN, 1, Event.LossReason.RELEASED_ELSEWHERE, scenario.nowMs()));
        assertThat(two.events()).isEmpty();
    }

    @Test
    void force_release_takes_the_mutex_and_tells_the_holder() {
        one.acquire(MUTEX, ANN);

        assertThat(two.send(new Command.ForceRelease(MUTEX, Command.ForceRelease.ANY_TOKEN)))
                .isEqualTo(new Outcome.ForceReleased(1));
        assertThat(one.events())
                .containsExactly(new Event.HoldLost(MUTEX, ANN, 1, Event.LossReason.FORCE_RELEASED, scenario.nowMs()));
        assertThat(one.release(MUTEX, ANN, 1)).isEqualTo(new Outcome.NotHeld(null));
    }

    @Test
    void force_release_of_an_old_token_leaves_the_newer_hold() {
        one.acquire(MUTEX, ANN);
        one.release(MUTEX, ANN, 1);
        one.acquire(MUTEX, ANN);

        assertThat(two.send(new Command.ForceRelease(MUTEX, 1))).isEqualTo(new Outcome.ForceReleased(0));
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 2, 0));
    }

    @Test
    void a_session_that_attaches_is_told_of_the_end_and_keeps_nothing() {
        one.acquire(MUTEX, ANN);
        assertThat(two.send(new Command.Attach(MUTEX, ANN, 1))).isEqualTo(new Outcome.Attached());

        one.send(new Command.CloseSession());

        assertThat(two.events())
                .containsExactly(new Event.HoldLost(MUTEX, ANN, 1, Event.LossReason.EXPIRED, scenario.nowMs()));
    }

    @Test
    void the_end_of_a_session_that_attached_ends_nothing() {
        one.acquire(MUTEX, ANN);
        two.send(new Command.Attach(MUTEX, ANN, 1));

        two.send(new Command.CloseSession());

        assertThat(one.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
        assertThat(one.events()).isEmpty();
    }

    @Test
    void nobody_attaches_to_a_hold_that_is_gone() {
        one.acquire(MUTEX, ANN);
        one.release(MUTEX, ANN, 1);
        one.acquire(MUTEX, BOB);

        assertThat(two.send(new Command.Attach(MUTEX, ANN, 1))).isEqualTo(new Outcome.NotHeld(BOB));
    }

    @Test
    void an_acquire_that_added_nothing_is_taken_back_and_keeps_the_hold_no_longer() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, ANN);

        assertThat(two.send(new Command.Leave(MUTEX, ANN, 1))).isEqualTo(new Outcome.Released(1));
        assertThat(two.send(new Command.Leave(MUTEX, ANN, 1))).isEqualTo(new Outcome.NotHeld(ANN));
        one.send(new Command.CloseSession());

        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void the_hold_ends_with_the_last_acquire_that_is_taken_back() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, ANN);
        one.send(new Command.CloseSession());

        assertThat(two.send(new Command.Leave(MUTEX, ANN, 1))).isEqualTo(released());
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(granted(2));
    }

    @Test
    void an_idle_lockable_leaves_nothing_behind() {
        one.acquire(MUTEX, ANN);
        one.acquire(OTHER_MUTEX, ANN);
        assertThat(scenario.state().lockables.size()).isEqualTo(2);

        one.release(MUTEX, ANN, 1);
        two.send(new Command.ForceRelease(OTHER_MUTEX, 2));

        assertThat(scenario.state().lockables.size()).isZero();
        assertThat(scenario.machine().holdCount()).isZero();
        assertThat(scenario.machine().waiterCount()).isZero();
    }
}
