package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.SessionId;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SessionLeasesTest {
    private static final SessionId SESSION = new SessionId(1, 1);

    /** About to overflow. */
    private static final long BEGIN = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);

    private final SessionLeases leases = new SessionLeases();

    @Test
    void an_answer_is_held_back_for_a_small_part_of_what_is_left_of_the_lease() {
        openAndRenew(3200);

        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(100));
        assertThat(leases.patienceNanos(SESSION, at(1600))).isEqualTo(ms(50));
        assertThat(leases.patienceNanos(SESSION, at(3168))).isEqualTo(ms(1));
    }

    @Test
    void an_answer_is_not_held_back_when_nothing_is_left() {
        openAndRenew(3200);

        assertThat(leases.patienceNanos(SESSION, at(3200))).isZero();
        assertThat(leases.patienceNanos(SESSION, at(9999))).isZero();
    }

    @Test
    void an_answer_is_never_held_back_for_long() {
        openAndRenew(3_600_000);

        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(200));
    }

    @Test
    void a_client_that_was_not_heard_of_in_this_term_may_have_little_left() {
        leases.open(SESSION, 60_000, at(0));

        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(20));
        leases.renew(SESSION, at(0));
        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(200));
    }

    @Test
    void a_session_that_is_not_known_is_told_soon() {
        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(20));
    }

    private void openAndRenew(long leaseMs) {
        leases.open(SESSION, leaseMs, at(0));
        assertThat(leases.renew(SESSION, at(0))).isTrue();
    }

    private static long at(long millis) {
        return BEGIN + ms(millis);
    }

    private static long ms(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
