package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LogTimeSourceTest {
    private final ManualTimers timers = new ManualTimers();

    @Test
    void it_starts_at_the_applied_log_time_and_runs_as_fast_as_the_monotonic_clock() {
        LogTimeSource source = new LogTimeSource(timers, 12_345);

        assertThat(source.nowMs()).isEqualTo(12_345);
        timers.advance(Duration.ofMillis(1));
        assertThat(source.nowMs()).isEqualTo(12_346);
        timers.advance(Duration.ofMillis(3_600_000));
        assertThat(source.nowMs()).isEqualTo(3_612_346);
    }

    @Test
    void it_tells_how_long_it_is_until_a_log_time() {
        LogTimeSource source = new LogTimeSource(timers, 1000);
        timers.advance(Duration.ofMillis(100));

        assertThat(source.nanosUntil(1500)).isEqualTo(400_000_000);
        assertThat(source.nanosUntil(1100)).isZero();
        assertThat(source.nanosUntil(1000)).isEqualTo(-100_000_000);
    }
}
