package dev.holdfast.node.internal.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KnownReleasesTest {
    private static final Supported NEWER =
            new Supported("9", Versions.upTo(9), Versions.upTo(9), Versions.upTo(ProtocolVersion.SEMANTICS + 1));

    private final ManualTimers timers = new ManualTimers();
    private List<String> members = List.of("a", "b", "c");
    private final KnownReleases releases = new KnownReleases("a", () -> members, timers::nanoTime);

    @Test
    void nothing_is_common_until_every_member_has_said_what_it_knows() {
        assertThat(releases.now()).containsOnlyKeys("a", "b", "c").containsEntry("b", Optional.empty());
        releases.said("b", NEWER);
        assertThat(releases.commonSemantics()).isEmpty();
        releases.said("c", NEWER);
        assertThat(releases.commonSemantics()).hasValue(ProtocolVersion.SEMANTICS);
        assertThat(releases.of("b")).contains(NEWER);
    }

    @Test
    void a_member_that_falls_silent_may_come_back_with_another_release() {
        releases.said("b", NEWER);
        releases.said("c", NEWER);
        timers.advance(Duration.ofSeconds(8));
        releases.said("b", NEWER);
        timers.advance(Duration.ofSeconds(8));

        assertThat(releases.of("c")).isEmpty();
        assertThat(releases.commonSemantics()).isEmpty();
    }

    @Test
    void who_is_no_member_does_not_count_and_while_the_list_changes_nobody_does() {
        releases.said("b", NEWER);
        releases.said("d", NEWER);
        members = List.of("a", "b");
        assertThat(releases.commonSemantics()).hasValue(ProtocolVersion.SEMANTICS);
        members = List.of();
        assertThat(releases.commonSemantics()).isEmpty();
    }

    @Test
    void a_member_that_was_removed_and_comes_back_has_to_say_it_again() {
        releases.said("b", NEWER);
        members = List.of("a");
        assertThat(releases.now()).containsOnlyKeys("a");
        members = List.of("a", "b");
        assertThat(releases.commonSemantics()).isEmpty();
    }
}
