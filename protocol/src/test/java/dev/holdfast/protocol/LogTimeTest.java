package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogTimeTest {
    @Test
    void a_duration_is_added() {
        assertThat(LogTime.plus(5, 7)).isEqualTo(12);
    }

    @Test
    void an_overflowing_sum_is_never() {
        assertThat(LogTime.plus(5, Long.MAX_VALUE)).isEqualTo(LogTime.NEVER);
        assertThat(LogTime.plus(Long.MAX_VALUE, 1)).isEqualTo(LogTime.NEVER);
        assertThat(LogTime.plus(Long.MAX_VALUE - 3, 3)).isEqualTo(LogTime.NEVER);
    }
}
