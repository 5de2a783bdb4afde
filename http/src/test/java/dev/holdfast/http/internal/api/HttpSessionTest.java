package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HttpSessionTest {
    private static HttpSession open(int groups) {
        HttpSession unopened = HttpSession.unopened(30_000, groups);
        return unopened.opened(IntStream.range(0, groups)
                .mapToObj(group -> new SessionId(unopened.id(group).high(), 100 + group))
                .toList());
    }

    @Test
    void the_text_says_all_that_a_peer_has_to_know() {
        for (int groups : List.of(1, 3, 64)) {
            HttpSession session = open(groups);
            HttpSession parsed = HttpSession.parse(session.text(), groups);
            assertThat(parsed.leaseMs()).isEqualTo(30_000);
            assertThat(parsed.groups()).isEqualTo(groups);
            assertThat(parsed.owner()).isEqualTo(session.owner());
            for (int group = 0; group < groups; group++) {
                assertThat(parsed.id(group)).isEqualTo(session.id(group));
                assertThat(parsed.id(group).low()).isEqualTo(100 + group);
            }
            assertThat(parsed.text()).isEqualTo(session.text()).matches("[A-Za-z0-9_-]+");
        }
    }

    @Test
    void its_parts_have_nonces_that_tell_nothing_of_each_other_and_the_text_has_none_of_them() {
        HttpSession session = open(3);
        assertThat(IntStream.range(0, 3)
                        .mapToObj(group -> session.id(group).high())
                        .distinct())
                .hasSize(3);
        assertThat(open(1).id(0).high()).isNotEqualTo(open(1).id(0).high());
        assertThat(open(1).owner()).isNotEqualTo(open(1).owner());
        assertThat(session.owner().id())
                .isNotEqualTo(String.format("%016x", session.id(0).high()));
    }

    @Test
    void anything_else_is_refused() {
        String text = open(2).text();
        for (String wrong : List.of(
                "",
                "A",
                "!!",
                text.substring(1),
                text.substring(0, text.length() - 4),
                text + "AAAA",
                "B" + text.substring(1),
                HttpSession.unopened(30_000, 2).text(),
                "A".repeat(2000))) {
            assertThatThrownBy(() -> HttpSession.parse(wrong, 2))
                    .as(wrong)
                    .isInstanceOf(Problem.class)
                    .hasMessageContaining("POST /v1/sessions");
        }
        assertThatThrownBy(() -> HttpSession.parse(text, 1)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> HttpSession.parse(text, 3)).isInstanceOf(Problem.class);
    }
}
