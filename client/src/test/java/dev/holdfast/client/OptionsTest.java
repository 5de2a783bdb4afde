package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.protocol.Command.Acquire;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private final AcquireOptions defaults = AcquireOptions.defaults();

    @Test
    void by_default_a_hold_lives_with_its_client_and_is_not_waited_for() {
        assertThat(defaults.lease()).isEqualTo(LeaseKind.SESSION);
        assertThat(defaults.waitMs()).isZero();
        assertThat(defaults.ttl()).isEmpty();
    }

    @Test
    void lease_and_wait_are_set_apart_from_one_another() {
        AcquireOptions options = defaults.wait(Duration.ofSeconds(2)).ttl(Duration.ofSeconds(3));
        assertThat(options.lease()).isEqualTo(LeaseKind.TTL);
        assertThat(options.ttl()).contains(Duration.ofSeconds(3));
        assertThat(options.waitMs()).isEqualTo(2000);
        assertThat(options.untilReleased().noWait().waitMs()).isZero();
        assertThat(options.waitForever().waitMs()).isEqualTo(Acquire.WAIT_FOREVER);
        assertThat(options.whileClientLives().lease()).isEqualTo(LeaseKind.SESSION);
    }

    @Test
    void fractions_of_a_millisecond_are_rounded_up() {
        assertThat(defaults.ttl(Duration.ofNanos(1)).ttl().orElseThrow().toMillis())
                .isEqualTo(1);
        assertThat(defaults.ttl(Duration.ofNanos(1_000_001)).ttl().orElseThrow().toMillis())
                .isEqualTo(2);
        assertThat(defaults.ttl(Duration.ofMillis(7)).ttl().orElseThrow().toMillis())
                .isEqualTo(7);
    }

    @Test
    void durations_out_of_range_are_rejected() {
        assertRejected(() -> defaults.ttl(Duration.ZERO));
        assertRejected(() -> defaults.ttl(Duration.ofMillis(-1)));
        assertRejected(() -> defaults.ttl(Duration.ofDays(365).plusNanos(1)));
        assertRejected(() -> defaults.ttl(Duration.ofSeconds(Long.MAX_VALUE)));
        assertRejected(() -> defaults.wait(Duration.ofMillis(-1)));
        assertRejected(() -> defaults.timeout(Duration.ZERO));
        assertThat(defaults.waitForever().wait(Duration.ZERO).waitMs()).isZero();
        assertRejected(() -> defaults.wait(Duration.ofDays(400)));
        assertThat(defaults.ttl(Duration.ofDays(365)).ttl()).contains(Duration.ofDays(365));
    }

    @Test
    void client_options_are_checked() {
        ClientOptions options = ClientOptions.defaults();
        assertRejected(() -> options.sessionLease(Duration.ofMillis(199)));
        assertRejected(() -> options.sessionLease(Duration.ofHours(2)));
        assertRejected(() -> options.requestTimeout(Duration.ZERO));
        assertRejected(() -> options.retryPause(Duration.ofMillis(3), Duration.ofMillis(2)));
        assertRejected(() -> options.name(""));
        assertRejected(() -> options.host("h".repeat(256)));
        assertRejected(() -> options.clusterName(""));
        assertRejected(() -> options.clusterName("a\nb"));
        assertRejected(() -> options.clusterId(""));
    }

    @Test
    void setting_one_client_option_keeps_the_others() {
        ClientOptions options = ClientOptions.defaults()
                .name("n")
                .host("h")
                .clusterName("prod")
                .clusterId("7")
                .sessionLease(Duration.ofSeconds(3))
                .requestTimeout(Duration.ofSeconds(4));
        assertThat(options.name()).isEqualTo("n");
        assertThat(options.host()).isEqualTo("h");
        assertThat(options.clusterName()).isEqualTo("prod");
        assertThat(options.clusterId()).isEqualTo("7");
        assertThat(options.sessionLease()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.requestTimeout()).isEqualTo(Duration.ofSeconds(4));
    }

    private static void assertRejected(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(LockRequestRejectedException.class);
    }
}
