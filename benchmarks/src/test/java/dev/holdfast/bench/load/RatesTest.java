package dev.holdfast.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RatesTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void what_happens_is_counted_by_the_second_and_what_comes_later_is_not() {
        Rates rates = new Rates(7, 3);
        for (long nanos : List.of(7L, 7 + SECOND, 7 + SECOND + 5, 7 + 2 * SECOND, 7 + 3 * SECOND, 6 - SECOND)) {
            rates.happened(nanos);
        }
        assertThat(rates.binSeconds()).isEqualTo(1);
        assertThat(rates.perSecond()).containsExactly(1.0, 2.0, 1.0);
    }

    @Test
    void a_long_load_has_no_more_bins() {
        Rates rates = new Rates(0, 7200);
        rates.happened(7199 * SECOND);
        assertThat(rates.perSecond()).hasSize(120).last().isEqualTo(1 / 60.0);
        assertThat(rates.binSeconds()).isEqualTo(60);
    }
}
