package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.transport.TransportException.Kind;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private final AtomicLong nowMs = new AtomicLong(-5);
    private double random = 1;
    private final Backoff backoff = new Backoff(() -> nowMs.get() * 1_000_000, () -> random);

    @Test
    void the_first_attempt_is_free() {
        assertThat(backoff.tooEarly()).isNull();
    }

    @Test
    void each_failure_doubles_the_pause_up_to_half_a_second() {
        for (long pauseMs : new long[] {25, 50, 100, 200, 400, 500, 500, 500}) {
            backoff.failed(Ending.broken("away", null));
            nowMs.addAndGet(pauseMs - 1);
            assertThat(backoff.tooEarly()).returns("away", e -> e.message()).returns(Kind.UNREACHABLE, e -> e.unsent());
            nowMs.addAndGet(1);
            assertThat(backoff.tooEarly()).isNull();
        }
    }

    @Test
    void a_pause_is_cut_short_by_up_to_a_half() {
        random = 0;
        for (long pauseUs : new long[] {12_500, 25_000, 50_000}) {
            backoff.failed(Ending.broken("away", null));
            nowMs.addAndGet(pauseUs / 1000);
            assertThat(backoff.tooEarly() == null).isEqualTo(pauseUs % 1000 == 0);
            nowMs.addAndGet(1);
            assertThat(backoff.tooEarly()).isNull();
        }
    }

    @Test
    void a_peer_with_too_many_clients_is_left_alone_for_longer() {
        for (int i = 0; i < 20; i++) {
            backoff.failed(new Ending(Kind.BUSY, Kind.OUTCOME_UNKNOWN, "full", null));
        }
        nowMs.addAndGet(4999);
        assertThat(backoff.tooEarly()).returns(Kind.BUSY, e -> e.unsent());
        nowMs.addAndGet(1);
        assertThat(backoff.tooEarly()).isNull();
    }

    @Test
    void success_forgets_failures() {
        backoff.failed(Ending.broken("away", null));
        backoff.failed(Ending.broken("away", null));
        backoff.succeeded();
        assertThat(backoff.tooEarly()).isNull();

        backoff.failed(Ending.broken("away", null));
        nowMs.addAndGet(25);
        assertThat(backoff.tooEarly()).isNull();
    }

    @Test
    void a_refusal_is_repeated_as_such() {
        backoff.failed(Ending.refused("another cluster", null));
        assertThat(backoff.lastWasRefused()).isTrue();
        assertThat(backoff.tooEarly()).returns(Kind.REFUSED, e -> e.unsent());

        backoff.failed(Ending.broken("away", null));
        assertThat(backoff.lastWasRefused()).isFalse();
    }
}
