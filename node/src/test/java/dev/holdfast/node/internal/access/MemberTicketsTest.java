package dev.holdfast.node.internal.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.internal.transport.MemberSecret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MemberTicketsTest {
    private static final Set<String> MEMBERS = Set.of("a", "b", "c");
    private static final MemberSecret SECRET = secret("what all members of this cluster know");

    private Instant now = Instant.parse("2026-06-01T12:00:00Z");
    private final MemberTickets b = tickets("cluster-1", "b", SECRET);

    private static MemberSecret secret(String text) {
        return MemberSecret.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private MemberTickets tickets(String cluster, String self, MemberSecret secret) {
        return new MemberTickets(() -> cluster, self, secret, MEMBERS::contains, () -> now);
    }

    private static String without(String scheme, String header) {
        assertThat(header).startsWith(scheme + " ");
        return header.substring(scheme.length() + 1);
    }

    private static String text(String header) {
        return without("holdfast-member", header);
    }

    private String fromA() {
        return text(tickets("cluster-1", "a", SECRET).to("b"));
    }

    @Test
    void a_member_s_ticket_proves_which_member_it_is() throws Exception {
        Principal member = b.check(fromA());

        assertThat(member).returns("member:a", each -> each.name()).returns(true, each -> each.isMember());
    }

    @Test
    void it_is_good_once() throws Exception {
        String ticket = fromA();
        b.check(ticket);

        assertDenied(ticket, Denial.REPLAYED, "used before");
    }

    /** As would be overheard where nothing is encrypted. */
    @Test
    void what_a_member_says_for_somebody_proves_nothing_of_itself() throws Exception {
        Mandate mandate = new Mandate(new Principal("alice", Set.of()), "192.0.2.1");
        String header = tickets("cluster-1", "a", SECRET).to("b", mandate);
        String ticket = without(mandate.header(), header);
        assertThat(b.check(ticket, mandate.whom()).name()).isEqualTo("member:a");

        String[] words = tickets("cluster-1", "a", SECRET).to("b", mandate).split(" ");
        String whom = words[1];
        String mac = words[5];
        String text = words[2] + " " + words[3] + " " + words[4];
        for (String forged : List.of(
                text + " " + mac,
                text + "\n" + whom + " " + mac,
                "holdfast-for\n" + whom + "\n" + text + " " + mac,
                words[2] + "\n" + whom + " " + words[3] + " " + words[4] + " " + mac)) {
            assertThatThrownBy(() -> b.check(forged)).as(forged).isInstanceOf(DeniedException.class);
            assertThatThrownBy(() -> b.check(forged, "other")).as(forged).isInstanceOf(DeniedException.class);
        }
        assertDenied(ticket, Denial.NOT_A_MEMBER, "does not prove it");
    }

    @Test
    void it_is_remembered_for_as_long_as_it_would_be_good() throws Exception {
        now = now.plus(MemberTickets.WINDOW);
        String fromTheFuture = fromA();
        now = now.minus(MemberTickets.WINDOW);
        b.check(fromTheFuture);

        now = now.plus(MemberTickets.WINDOW).plus(MemberTickets.WINDOW);
        assertDenied(fromTheFuture, Denial.REPLAYED, "used before");
        now = now.plus(Duration.ofMillis(1));
        assertDenied(fromTheFuture, Denial.EXPIRED, "made this 300 s ago");
    }

    @Test
    void it_is_of_no_use_at_another_member() {
        assertDenied(text(tickets("cluster-1", "a", SECRET).to("c")), Denial.NOT_A_MEMBER, "another member");
    }

    @Test
    void one_of_another_cluster_or_secret_is_refused() {
        assertDenied(text(tickets("cluster-2", "a", SECRET).to("b")), Denial.NOT_A_MEMBER, "another cluster");
        MemberSecret guessed = secret("what somebody else believes they know");
        assertDenied(text(tickets("cluster-1", "a", guessed).to("b")), Denial.NOT_A_MEMBER, "another secret");
    }

    @Test
    void somebody_with_the_secret_who_is_no_member_is_refused() {
        assertDenied(text(tickets("cluster-1", "x", SECRET).to("b")), Denial.NOT_A_MEMBER, "there is no member 'x'");
    }

    @Test
    void a_ticket_that_was_changed_is_refused() {
        assertDenied(fromA().replaceFirst("a ", "c "), Denial.NOT_A_MEMBER, "does not prove it");
        assertDenied("a 1 2", Denial.NOT_A_TOKEN, "cannot be understood");
        assertDenied("a b c d", Denial.NOT_A_TOKEN, "cannot be understood");
    }

    @Test
    void one_that_is_too_old_or_from_the_future_is_refused() {
        String ticket = fromA();
        Instant made = now;
        now = made.plus(MemberTickets.WINDOW).plusSeconds(1);
        assertDenied(ticket, Denial.EXPIRED, "made this 301 s ago");
        now = made.minus(MemberTickets.WINDOW).minusSeconds(1);
        assertDenied(ticket, Denial.EXPIRED, "made this 301 s after now");
    }

    private void assertDenied(String ticket, Denial denial, String message) {
        assertThatThrownBy(() -> b.check(ticket))
                .isInstanceOfSatisfying(
                        DeniedException.class, e -> assertThat(e.denial()).isEqualTo(denial))
                .hasMessageContaining(message);
    }
}
