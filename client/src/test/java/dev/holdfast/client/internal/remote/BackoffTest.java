package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.transport.TransportException.Kind;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private final AtomicLong nowMs = new AtomicLong(-5);
    private final Backoff backoff = new Backoff(() -> nowMs.get() * 1_000_000);

    @Test
    void the_first_attempt_is_free() {
        assertThat(backoff.tooEarly()).isNull();
    }

    @Test
    void each_failure_doubles_the_pause_up_to_half_a_second() {
        for (long pauseMs : new long[] {25, 50, 100, 200, 400, 500, 500, 500}) {
            backoff.failed(Ending.broken("away", null));
            nowMs.addAndGet(pauseMs - 1);
            assertThat(backoff.tooEarly()).hasMessageContaining("away").returns(Kind.UNREACHABLE, e -> e.kind());
            nowMs.addAndGet(1);
            assertThat(backoff.tooEarly()).isNull();
        }
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
        assertThat(backoff.tooEarly()).returns(Kind.REFUSED, e -> e.kind());

        backoff.failed(Ending.broken("away", null));
        assertThat(backoff.lastWasRefused()).isFalse();
    }
}
