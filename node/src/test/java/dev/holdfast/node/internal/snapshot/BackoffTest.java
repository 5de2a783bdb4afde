package dev.holdfast.node.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final Backoff backoff = new Backoff(nanos::get);

    @Test
    void each_failure_doubles_the_pause_up_to_some_minutes_until_an_attempt_succeeds() {
        assertThat(backoff.isOver()).isTrue();
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256}) {
            backoff.failed();
            assertThat(backoff.pauseSeconds()).isEqualTo(seconds);
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds) - 1);
            assertThat(backoff.isOver()).isFalse();
            nanos.addAndGet(1);
            assertThat(backoff.isOver()).isTrue();
        }
        backoff.succeeded();
        assertThat(backoff.hasFailed()).isFalse();
        backoff.failed();
        assertThat(backoff.pauseSeconds()).isEqualTo(1);
    }
}
