package dev.holdfast.client.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.internal.serial.ClientClock;
import org.junit.jupiter.api.Test;

class LeaseBeliefTest {
    private final LeaseBelief belief = new LeaseBelief(50, 100);

    @Test
    void held_then_suspect_then_lost() {
        assertThat(belief.state(49)).isEqualTo(HoldState.HELD);
        assertThat(belief.state(50)).isEqualTo(HoldState.SUSPECT);
        assertThat(belief.state(99)).isEqualTo(HoldState.SUSPECT);
        assertThat(belief.state(100)).isEqualTo(HoldState.LOST);
    }

    @Test
    void a_confirmation_in_time_moves_the_deadline() {
        assertThat(belief.confirm(99, 150, 200)).isTrue();
        assertThat(belief.state(149)).isEqualTo(HoldState.HELD);
        assertThat(belief.leftNanos(150)).isEqualTo(50);
    }

    @Test
    void a_confirmation_that_comes_too_late_changes_nothing_any_more() {
        assertThat(belief.confirm(100, 150, 200)).isFalse();
        assertThat(belief.state(60)).isEqualTo(HoldState.LOST);
    }

    @Test
    void once_it_was_seen_lost_it_stays_lost() {
        assertThat(belief.state(100)).isEqualTo(HoldState.LOST);
        assertThat(belief.confirm(99, 150, 200)).isFalse();
        assertThat(belief.state(0)).isEqualTo(HoldState.LOST);
        assertThat(belief.leftNanos(0)).isZero();
    }

    @Test
    void once_nothing_was_seen_left_of_it_it_stays_lost() {
        assertThat(belief.leftNanos(100)).isZero();
        assertThat(belief.confirm(99, 150, 200)).isFalse();
        assertThat(belief.state(0)).isEqualTo(HoldState.LOST);
    }

    @Test
    void an_earlier_deadline_changes_nothing() {
        assertThat(belief.confirm(10, 20, 90)).isTrue();
        assertThat(belief.state(49)).isEqualTo(HoldState.HELD);
        assertThat(belief.leftNanos(90)).isEqualTo(10);
    }

    @Test
    void the_next_change_is_the_suspicion_then_the_deadline() {
        assertThat(belief.nextChangeNanos(0)).isEqualTo(50);
        assertThat(belief.nextChangeNanos(50)).isEqualTo(100);
    }

    @Test
    void an_unlimited_lease_ends_only_by_expire() {
        LeaseBelief unlimited = LeaseBelief.unlimited();
        assertThat(unlimited.state(Long.MAX_VALUE - 1)).isEqualTo(HoldState.HELD);
        assertThat(unlimited.leftNanos(5)).isEqualTo(ClientClock.NEVER);
        unlimited.expire();
        assertThat(unlimited.state(0)).isEqualTo(HoldState.LOST);
    }

    @Test
    void a_deadline_in_the_distant_past_is_lost() {
        LeaseBelief never = new LeaseBelief(Long.MIN_VALUE, Long.MIN_VALUE);
        assertThat(never.leftNanos(5)).isZero();
        assertThat(never.state(5)).isEqualTo(HoldState.LOST);
    }

    @Test
    void danger_begins_half_way_from_suspicion_to_loss() {
        assertThat(belief.dangerNanos()).isEqualTo(75);
        belief.confirm(60, 150, 190);
        assertThat(belief.dangerNanos()).isEqualTo(170);
        assertThat(new LeaseBelief(90, 50).dangerNanos()).isEqualTo(50);
        assertThat(LeaseBelief.unlimited().dangerNanos()).isEqualTo(ClientClock.NEVER);
    }
}
