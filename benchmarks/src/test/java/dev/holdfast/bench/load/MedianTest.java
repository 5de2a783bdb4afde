package dev.holdfast.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MedianTest {
    @Test
    void the_middle_one_of_an_odd_number() {
        assertThat(Median.of(List.of(5.0, 1.0, 100.0))).isEqualTo(5.0);
    }

    @Test
    void between_the_two_in_the_middle_of_an_even_number() {
        assertThat(Median.of(List.of(4.0, 1.0, 100.0, 2.0))).isEqualTo(3.0);
    }

    @Test
    void of_nothing_there_is_none() {
        assertThatThrownBy(() -> Median.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
