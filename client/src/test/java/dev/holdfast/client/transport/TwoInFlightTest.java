package dev.holdfast.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TwoInFlightTest {
    @Test
    void whatever_waits_leaves_when_nothing_is_in_flight() {
        assertThat(TwoInFlight.mayLeave(0, 0, 1)).isTrue();
        assertThat(TwoInFlight.mayLeave(0, 1000, 1)).isTrue();
    }

    @Test
    void a_second_batch_leaves_once_it_is_half_as_large_as_the_first() {
        assertThat(TwoInFlight.mayLeave(1, 10, 4)).isFalse();
        assertThat(TwoInFlight.mayLeave(1, 10, 5)).isTrue();
    }

    @Test
    void half_of_an_odd_size_is_rounded_up() {
        assertThat(TwoInFlight.mayLeave(1, 11, 5)).isFalse();
        assertThat(TwoInFlight.mayLeave(1, 11, 6)).isTrue();
        assertThat(TwoInFlight.mayLeave(1, 1, 1)).isTrue();
    }

    @Test
    void a_third_batch_waits_however_large_it_is() {
        assertThat(TwoInFlight.mayLeave(2, 1, 1000)).isFalse();
    }
}
