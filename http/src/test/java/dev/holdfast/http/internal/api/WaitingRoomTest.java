package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class WaitingRoomTest {
    private final WaitingRoom room = new WaitingRoom(3, 2);

    @Test
    void nobody_takes_all_of_it_and_what_is_left_is_free_again() {
        WaitingRoom.Place first = room.enter("a");
        WaitingRoom.Place second = room.enter("a");
        assertRefused("a", 429);
        WaitingRoom.Place others = room.enter("b");
        assertRefused("b", 503);
        first.leave();
        first.leave();
        room.enter("b");
        assertRefused("a", 503);
        others.leave();
        second.leave();
        room.enter("a");
        room.enter("a");
        assertRefused("a", 503);
    }

    private void assertRefused(String caller, int status) {
        assertThatThrownBy(() -> room.enter(caller)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.answer().status()).isEqualTo(status);
            assertThat(problem.answer().retryAfterS()).isPositive();
        });
    }
}
