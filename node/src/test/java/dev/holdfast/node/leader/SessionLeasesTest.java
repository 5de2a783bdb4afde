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
        openAndAnswer(3200);

        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(100));
        assertThat(leases.patienceNanos(SESSION, at(1600))).isEqualTo(ms(50));
        assertThat(leases.patienceNanos(SESSION, at(3168))).isEqualTo(ms(1));
    }

    @Test
    void an_answer_is_not_held_back_when_nothing_is_left() {
        openAndAnswer(3200);

        assertThat(leases.patienceNanos(SESSION, at(3200))).isZero();
        assertThat(leases.patienceNanos(SESSION, at(9999))).isZero();
    }

    @Test
    void an_answer_is_never_held_back_for_long() {
        openAndAnswer(3_600_000);

        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(200));
    }

    @Test
    void a_client_that_was_not_heard_of_in_this_term_may_have_little_left() {
        leases.open(SESSION, 60_000, at(0));

        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(20));
        leases.renew(SESSION, at(0));
        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(20));
        leases.answer(SESSION, at(0));
        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(200));
    }

    @Test
    void a_keep_alive_that_was_not_answered_leaves_the_client_no_more_than_it_had() {
        openAndAnswer(3200);

        leases.renew(SESSION, at(3168));

        assertThat(leases.patienceNanos(SESSION, at(3168))).isEqualTo(ms(1));
        assertThat(leases.lapse(at(6367))).isEmpty();
        assertThat(leases.lapse(at(6368))).containsExactly(SESSION);
    }

    @Test
    void a_keep_alive_that_is_overtaken_by_a_later_one_shortens_nothing() {
        openAndAnswer(3200);
        leases.renew(SESSION, at(1000));
        leases.answer(SESSION, at(1000));

        leases.renew(SESSION, at(500));
        leases.answer(SESSION, at(500));

        assertThat(leases.patienceNanos(SESSION, at(1000))).isEqualTo(ms(100));
        assertThat(leases.lapse(at(4199))).isEmpty();
    }

    @Test
    void a_session_that_has_lapsed_is_neither_renewed_nor_answered() {
        openAndAnswer(3200);
        leases.renew(SESSION, at(100));
        assertThat(leases.lapse(at(3300))).containsExactly(SESSION);

        leases.renew(SESSION, at(3301));

        assertThat(leases.answer(SESSION, at(100))).isFalse();
        assertThat(leases.answer(SESSION, at(3301))).isFalse();
        assertThat(leases.lapse(at(9999))).isEmpty();
    }

    @Test
    void a_session_that_is_not_known_is_told_soon() {
        assertThat(leases.patienceNanos(SESSION, at(0))).isEqualTo(ms(20));
    }

    private void openAndAnswer(long leaseMs) {
        leases.open(SESSION, leaseMs, at(0));
        leases.renew(SESSION, at(0));
        assertThat(leases.answer(SESSION, at(0))).isTrue();
    }

    private static long at(long millis) {
        return BEGIN + ms(millis);
    }

    private static long ms(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
