package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.tls.CertificateExpiry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthWatchTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualTimers timers = new ManualTimers();
    private String waitsFor = "";
    private @Nullable String problem;
    private final List<NodeTls.Expiry> certificates = new ArrayList<>();
    private final HealthWatch watch =
            new HealthWatch(() -> waitsFor, List.of(this::problem), () -> certificates, timers, () -> NOW);

    private @Nullable String problem() {
        if ("thrown".equals(problem)) {
            throw new IllegalStateException("closed");
        }
        return problem;
    }

    private List<String> after(Duration time) {
        timers.advance(time);
        return watch.problems();
    }

    private static NodeTls.Expiry expired(boolean own) {
        return new NodeTls.Expiry(new CertificateExpiry("a.pem", "CN=a", own, NOW.minusSeconds(1)), true, true);
    }

    @Test
    void it_is_as_its_groups_are() {
        watch.start();
        assertThat(after(Duration.ZERO)).isEmpty();
        problem = "it knows no leader";
        assertThat(after(MINUTE)).containsExactly("it knows no leader");
        waitsFor = "the cluster is not born yet";
        assertThat(after(MINUTE)).containsExactly("the cluster is not born yet");
        waitsFor = "";
        problem = null;
        assertThat(after(MINUTE)).isEmpty();
    }

    @Test
    void a_group_that_cannot_say_how_it_is_does_not_end_the_looks() {
        watch.start();
        problem = "thrown";
        assertThat(after(MINUTE))
                .singleElement()
                .asString()
                .startsWith("it cannot say how it is: ")
                .endsWith("closed");
        problem = null;
        assertThat(after(MINUTE)).isEmpty();
    }

    @Test
    void its_own_certificate_that_has_expired_shows_and_a_root_that_has_does_not() {
        watch.start();
        certificates.add(expired(false));
        assertThat(after(MINUTE)).isEmpty();
        certificates.add(expired(true));
        assertThat(after(MINUTE.multipliedBy(2)))
                .containsExactly(
                        "its certificate expired at 2026-06-01T11:59:59Z, and new connections fail: put a new one into its"
                                + " place; no restart is needed");
        certificates.clear();
        assertThat(after(MINUTE.multipliedBy(2))).isEmpty();
    }

    @Test
    void looks_that_are_not_taken_any_more_show() {
        watch.start();
        assertThat(after(Duration.ZERO)).isEmpty();
        watch.close();
        assertThat(after(MINUTE))
                .containsExactly("its own tasks have not run for 60 s: the machine is too busy, or the process hangs");
    }
}
