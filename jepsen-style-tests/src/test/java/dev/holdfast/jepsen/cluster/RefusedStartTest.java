package dev.holdfast.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

class RefusedStartTest {
    private static final String WHY = "log_0-99";
    private static final String LINE = "holdfast: node a cannot start: /data/log_0-99 is damaged";

    @Test
    void one_line_that_names_the_reason_and_the_right_status_are_what_is_wanted() {
        assertThatCode(() -> new RefusedStart(74, List.of(LINE)).mustTellOf(WHY))
                .doesNotThrowAnyException();
    }

    @Test
    void anything_else_is_reported_with_what_was_said() {
        for (RefusedStart wrong : List.of(
                new RefusedStart(1, List.of(LINE)),
                new RefusedStart(0, List.of(LINE)),
                new RefusedStart(74, List.of()),
                new RefusedStart(74, List.of(LINE, "at java.base")),
                new RefusedStart(74, List.of("holdfast: node a cannot start: something")))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> wrong.mustTellOf(WHY))
                    .withMessageContaining("exited with " + wrong.status())
                    .withMessageContaining(wrong.lines().toString());
        }
    }
}
