package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final Allowance allowance = new Allowance(2, Duration.ofSeconds(10), now::get);

    private void pass(long seconds) {
        now.updateAndGet(before -> before.plusSeconds(seconds));
    }

    @Test
    void so_many_are_allowed_at_once_and_then_one_in_a_while() {
        assertThat(allowance.take()).isTrue();
        assertThat(allowance.take()).isTrue();
        assertThat(allowance.take()).isFalse();
        pass(9);
        assertThat(allowance.take()).isFalse();
        pass(1);
        assertThat(allowance.take()).isTrue();
        assertThat(allowance.take()).isFalse();
        pass(15);
        assertThat(allowance.take()).isTrue();
        pass(5);
        assertThat(allowance.take()).as("half of a while was left over").isTrue();
    }

    @Test
    void no_more_are_saved_up_than_are_allowed_at_once() {
        pass(1_000_000);
        assertThat(allowance.take()).isTrue();
        assertThat(allowance.take()).isTrue();
        assertThat(allowance.take()).isFalse();
    }

    @Test
    void a_clock_that_is_set_back_stops_nothing_for_ever() {
        allowance.take();
        allowance.take();
        pass(-1_000);
        assertThat(allowance.take()).isFalse();
        pass(10);
        assertThat(allowance.take()).isTrue();
    }
}
