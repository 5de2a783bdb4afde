package dev.holdfast.client.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.protocol.LogTime;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogClockTest {
    private static final long MS = 1_000_000;

    private final LogClock clock = new LogClock();

    @Test
    void without_an_answer_nothing_is_believed() {
        assertThat(clock.believedNanos(1)).isNegative();
    }

    @Test
    void what_never_ends_is_believed_for_ever() {
        assertThat(clock.believedNanos(LogTime.NEVER)).isEqualTo(ClientClock.NEVER);
    }

    @Test
    void a_lease_is_counted_from_the_sending_of_the_request_less_the_allowances() {
        clock.observe(50 * MS, 7_000);
        assertThat(clock.believedNanos(8_000)).isEqualTo((50 + 1_000 - 10 - 1) * MS);
    }

    @Test
    void the_quickest_answer_makes_the_best_anchor() {
        clock.observe(0, 1_000);
        long slow = clock.believedNanos(5_000);
        clock.observe(100 * MS, 1_050);
        long quick = clock.believedNanos(5_000);
        assertThat(quick).isGreaterThan(slow);
        clock.observe(110 * MS, 1_110);
        assertThat(clock.believedNanos(5_000)).isEqualTo(quick);
    }

    @Test
    void a_good_anchor_loses_its_value_with_age() {
        clock.observe(0, 0);
        long hourMs = 3_600_000;
        // Not quite as quick as the first answer, but an hour of drift later.
        clock.observe(hourMs * MS, hourMs + 5);
        assertThat(clock.believedNanos(hourMs + 1_005)).isEqualTo((hourMs + 1_000 - 10 - 1) * MS);
    }

    @Test
    void a_deadline_that_has_passed_is_not_believed() {
        clock.observe(50 * MS, 7_000);
        assertThat(clock.believedNanos(7_000)).isLessThan(50 * MS);
        assertThat(clock.believedNanos(0)).isLessThan(50 * MS);
    }

    @Test
    void distant_deadlines_do_not_overflow() {
        clock.observe(50 * MS, 7_000);
        assertThat(clock.believedNanos(LogTime.NEVER - 1)).isPositive().isLessThan(ClientClock.NEVER);
        assertThat(clock.believedNanos(Long.MIN_VALUE + 7_001)).isNegative();
    }

    /** A leader whose clock runs up to 1 % fast or slow, answers that take their time, spells without a leader. */
    @Test
    void the_client_never_believes_longer_than_the_cluster_keeps() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            LogClock believer = new LogClock();
            double speed = 0.99 + random.nextDouble() * 0.0199;
            double realNanos = random.nextInt(1_000) * MS;
            double logNanos = random.nextInt(1_000_000);
            for (int i = 0; i < 100; i++) {
                long sent = (long) realNanos;
                double wayNanos = random.nextInt(20) * MS;
                realNanos += wayNanos;
                logNanos += wayNanos * speed;
                long answeredMs = (long) (logNanos / MS);
                believer.observe(sent, answeredMs);
                long ttlMs = 1L + random.nextInt(20_000);
                double trueEndNanos = realNanos + ((answeredMs + ttlMs) * (double) MS - logNanos) / speed;
                assertThat((double) believer.believedNanos(answeredMs + ttlMs))
                        .as("seed %s, run %s", seed, i)
                        .isLessThanOrEqualTo(trueEndNanos);
                double idleNanos = random.nextInt(5_000) * (double) MS;
                realNanos += idleNanos;
                logNanos += random.nextInt(5) == 0 ? 0 : idleNanos * speed;
            }
        }
    }
}
