package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.v1.SecurityProto;
import java.util.List;
import org.junit.jupiter.api.Test;

class InsecureNoticeTest {
    private static final Member LOCAL = Member.parse("a=127.0.0.1:7101:7201");
    private static final Member REMOTE = Member.parse("b=192.0.2.1:7102:7202");

    private static String notice(boolean membersTls, boolean clientsTls, boolean accessRequired) {
        return InsecureNotice.of(
                REMOTE,
                List.of(LOCAL, REMOTE),
                SecurityProto.newBuilder()
                        .setMembersTls(membersTls)
                        .setClientsTls(clientsTls)
                        .setAccessRequired(accessRequired)
                        .build());
    }

    @Test
    void it_says_who_can_do_what_at_which_address() {
        assertThat(notice(false, false, false))
                .contains(
                        "INSECURE",
                        "192.0.2.1:7202, are not encrypted: whoever reaches it can",
                        "192.0.2.1:7102, are not encrypted: only those with the secret");
        assertThat(notice(false, false, true))
                .contains("192.0.2.1:7202", "use the tokens")
                .doesNotContain("whoever reaches it");
        assertThat(notice(true, false, false)).contains("192.0.2.1:7202").doesNotContain("192.0.2.1:7102");
        assertThat(notice(false, true, false)).contains("192.0.2.1:7102").doesNotContain("192.0.2.1:7202");
    }

    @Test
    void a_peer_that_listens_beyond_loopback_is_reachable_there_whatever_the_members_are_called() {
        assertThat(InsecureNotice.of(LOCAL.at("0.0.0.0"), List.of(LOCAL), SecurityProto.getDefaultInstance()))
                .contains("INSECURE", "0.0.0.0:7201", "0.0.0.0:7101");
    }

    @Test
    void it_says_so_if_nothing_needs_it() {
        assertThat(InsecureNotice.of(LOCAL, List.of(LOCAL), SecurityProto.getDefaultInstance()))
                .contains("without need", "leave it out");
        assertThat(notice(true, true, false)).contains("without need", "TLS");
    }
}
