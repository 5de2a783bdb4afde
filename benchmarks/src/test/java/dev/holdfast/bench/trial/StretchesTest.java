package dev.holdfast.bench.trial;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StretchesTest {
    @Test
    void a_time_is_divided_into_stretches_of_equal_length() {
        Stretches stretches = new Stretches(20, 5, 10);
        assertThat(stretches.plan().windows()).isEqualTo(4);
        assertThat(stretches.plan().windowSeconds()).isEqualTo(5);
        assertThat(stretches.plan().warmUpSeconds()).isZero();
        assertThat(stretches.plan().callers()).isEqualTo(1);
        assertThat(stretches.plan().ratePerSecond()).isEqualTo(10);
        assertThat(stretches.name(0)).isEqualTo("0-5 s");
        assertThat(stretches.name(3)).isEqualTo("15-20 s");
    }

    @Test
    void a_short_time_is_one_stretch_and_a_last_part_is_left_out() {
        assertThat(new Stretches(2, 5, 0).plan().windowSeconds()).isEqualTo(2);
        assertThat(new Stretches(2, 5, 0).plan().windows()).isEqualTo(1);
        assertThat(new Stretches(13, 5, 0).plan().windows()).isEqualTo(2);
    }
}
