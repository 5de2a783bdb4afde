package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class InsecureNoticeTest {
    private static final Member LOCAL = Member.parse("a=127.0.0.1:7101:7201");
    private static final Member REMOTE = Member.parse("b=192.0.2.1:7102:7202");

    @Test
    void it_says_who_can_do_what_at_which_address() {
        assertThat(InsecureNotice.of(REMOTE, List.of(LOCAL, REMOTE), false, false))
                .contains(
                        "INSECURE",
                        "192.0.2.1:7202: whoever reaches it can",
                        "192.0.2.1:7102: only those with the secret");
    }

    @Test
    void it_leaves_out_what_is_encrypted() {
        assertThat(InsecureNotice.of(REMOTE, List.of(LOCAL, REMOTE), true, false))
                .contains("INSECURE", "192.0.2.1:7202: whoever reaches it can")
                .doesNotContain("Nothing is encrypted", "192.0.2.1:7102");
        assertThat(InsecureNotice.of(REMOTE, List.of(LOCAL, REMOTE), true, true))
                .contains("without need", "all that it says is encrypted");
    }

    @Test
    void it_says_so_if_nothing_needs_it() {
        assertThat(InsecureNotice.of(LOCAL, List.of(LOCAL), false, false)).contains("without need", "leave it out");
    }
}
