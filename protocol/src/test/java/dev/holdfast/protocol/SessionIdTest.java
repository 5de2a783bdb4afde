package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SessionIdTest {
    @Test
    void people_see_the_first_eight_digits_only() {
        SessionId id = new SessionId(0x0123456789abcdefL, 42);

        assertThat(id.shortForm()).isEqualTo("01234567");
        assertThat(id).hasToString("01234567");
        assertThat(new SessionId(-1, 1).shortForm()).isEqualTo("ffffffff");
    }

    @Test
    void ids_are_ordered_as_unsigned_numbers() {
        List<SessionId> inOrder = List.of(
                SessionId.NONE, new SessionId(0, 1), new SessionId(1, 0), new SessionId(1, -1), new SessionId(-1, 0));

        assertThat(inOrder).isSorted();
    }

    @Test
    void a_session_that_is_not_open_has_a_nonce_of_its_own_and_no_number() {
        SessionId one = SessionId.unopened();

        assertThat(one.low()).isZero();
        assertThat(SessionId.unopened().high()).isNotEqualTo(one.high());
    }
}
