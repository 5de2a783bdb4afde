package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.tls.CertificateExpiry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiryWatchTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final ManualTimers timers = new ManualTimers();
    private final long beginNanos = timers.nanoTime();
    private final List<String> said = new ArrayList<>();
    private List<NodeTls.Expiry> certificates = List.of();

    private final ExpiryWatch watch = new ExpiryWatch(() -> certificates, timers, this::now, said::add);

    private Instant now() {
        return BEGIN.plusNanos(timers.nanoTime() - beginNanos);
    }

    private static NodeTls.Expiry certificate(boolean own, Duration after) {
        return new NodeTls.Expiry(new CertificateExpiry("a.pem", "CN=a", own, BEGIN.plus(after)), true, true);
    }

    private List<String> saidWithin(Duration time) {
        said.clear();
        timers.advance(time);
        return said;
    }

    @Test
    void what_expires_within_thirty_days_is_said_once_a_day_until_it_is_replaced() {
        certificates = List.of(certificate(true, Duration.ofDays(32)), certificate(false, Duration.ofDays(400)));
        watch.start();
        assertThat(saidWithin(Duration.ofDays(2))).isEmpty();
        assertThat(saidWithin(Duration.ofHours(2)))
                .containsExactly("the certificate of CN=a in a.pem expires in 29 days, at 2026-02-02T00:00:00Z:"
                        + " put a new one into its place; no restart is needed");
        assertThat(saidWithin(Duration.ofDays(5))).hasSize(5);
        assertThat(saidWithin(Duration.ofDays(26)).get(25)).contains("expired at", "new connections fail");

        certificates = List.of(certificate(true, Duration.ofDays(400)));
        assertThat(saidWithin(Duration.ofDays(5))).isEmpty();
    }

    @Test
    void a_root_is_called_that() {
        certificates = List.of(certificate(false, Duration.ofDays(1)));
        watch.start();
        assertThat(saidWithin(Duration.ofHours(1)).get(0)).startsWith("the root CN=a in a.pem expires in ");
    }

    @Test
    void nothing_is_said_after_the_end() {
        certificates = List.of(certificate(true, Duration.ofDays(1)));
        watch.start();
        watch.close();
        assertThat(saidWithin(Duration.ofDays(2))).isEmpty();
    }

    @Test
    void the_first_to_expire_counts_in_whole_days() {
        assertThat(ExpiryWatch.daysLeft(
                        List.of(certificate(true, Duration.ofHours(49)), certificate(true, Duration.ofDays(9))), BEGIN))
                .isEqualTo(2);
        assertThat(ExpiryWatch.daysLeft(List.of(certificate(true, Duration.ofHours(-1))), BEGIN))
                .isEqualTo(-1);
    }
}
