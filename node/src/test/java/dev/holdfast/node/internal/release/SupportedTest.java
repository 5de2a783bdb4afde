package dev.holdfast.node.internal.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.ProtocolVersion;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SupportedTest {
    private static final Supported OURS = supported("0.3", 1, 2, 1, 3);

    /** One that reads these entries, snapshots of the same versions, and these semantics. */
    private static Supported supported(
            String release, int oldestEntries, int newestEntries, int oldestSemantics, int newestSemantics) {
        Versions formats = new Versions(oldestEntries, newestEntries);
        return new Supported(release, formats, formats, new Versions(oldestSemantics, newestSemantics));
    }

    @Test
    void it_survives_its_encoding_and_what_a_later_release_adds_to_it() {
        assertThat(Supported.decode(OURS.encode())).isEqualTo(OURS);
        assertThat(Supported.decode(Supported.here().encode())).isEqualTo(Supported.here());
        String later = new String(OURS.encode(), StandardCharsets.UTF_8) + "colours=blue\n";
        assertThat(Supported.decode(later.getBytes(StandardCharsets.UTF_8))).isEqualTo(OURS);
    }

    @Test
    void what_is_none_is_refused() {
        for (String wrong : new String[] {
            "",
            "entries=1-1",
            "entries=x\nsnapshots=1-1\nsemantics=1-1",
            "entries=2-1\nsnapshots=1-1\nsemantics=1-1",
            "entries=0-1\nsnapshots=1-1\nsemantics=1-1",
            "x".repeat(1025),
            "\\u12"
        }) {
            assertThatThrownBy(() -> Supported.decode(wrong.getBytes(StandardCharsets.UTF_8)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void what_a_release_calls_itself_is_one_short_line() {
        Supported named = Supported.decode(
                "release=0.1\\nHoldfast\nentries=1-1\nsnapshots=1-1\nsemantics=1-1".getBytes(StandardCharsets.UTF_8));
        assertThat(named.release()).isEqualTo("0.1 Holdfast");
        assertThat(supported("x".repeat(1000), 1, 1, 1, 1).release()).hasSize(64);
    }

    @Test
    void this_release_reads_what_it_writes() {
        assertThat(Supported.here().entries().include(ProtocolVersion.LOG_ENTRY))
                .isTrue();
        assertThat(Supported.here().snapshots().include(ProtocolVersion.SNAPSHOT))
                .isTrue();
        assertThat(Supported.here().semantics().newest()).isEqualTo(ProtocolVersion.SEMANTICS);
        assertThat(Supported.here().complaint("b", Supported.here(), ProtocolVersion.SEMANTICS))
                .isNull();
    }

    @Test
    void a_member_of_the_release_before_is_welcome_until_the_cluster_has_switched() {
        Supported before = supported("0.2", 1, 1, 1, 2);
        assertThat(OURS.complaint("b", before, 2)).isNull();
        assertThat(OURS.complaint("b", before, 3))
                .isEqualTo("member b has release 0.2, which knows semantics up to 2, and the cluster has switched to 3:"
                        + " upgrade that member");
    }

    @Test
    void a_member_that_does_not_know_the_semantics_in_force_any_more_is_too_new() {
        assertThat(OURS.complaint("b", supported("0.9", 2, 5, 3, 7), 2))
                .contains("knows semantics from 3 on", "still at 2", "in between");
        assertThat(OURS.complaint("b", supported("0.9", 2, 5, 3, 7), 3)).isNull();
    }

    @Test
    void members_that_cannot_read_each_other_are_not_together() {
        assertThat(supported("0.9", 3, 5, 1, 7).complaint("b", supported("", 1, 2, 1, 7), 1))
                .contains("release (unknown)", "is too old for release 0.9 of this member");
        assertThat(OURS.complaint("b", supported("0.9", 3, 5, 1, 7), 1))
                .contains("is too new for release 0.3 of this member");
    }
}
