package dev.holdfast.node.internal.membership;

import static dev.holdfast.node.internal.membership.FakeCluster.members;
import static dev.holdfast.node.internal.membership.FakeCluster.peer;
import static dev.holdfast.node.internal.membership.FakeCluster.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.node.internal.membership.MembersSearch.Said;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whom a peer asks for the members of the first group. It is called self. */
class MembersSearchTest {
    private static final MemberSet OLD = members(voters("a", "b"));
    private static final MemberSet NEW = members(voters("b", "d"));
    private static final MemberSet CHANGING = new MemberSet(NEW.voters(), NEW.listeners(), false);

    private final Map<String, Said> answers = new HashMap<>();
    private final List<String> asked = new ArrayList<>();

    private static LeaderHint at(String name) {
        return MembersSearch.at(peer(name));
    }

    private Optional<MemberSet> find(String... known) {
        return MembersSearch.find(
                "self", Stream.of(known).map(MembersSearchTest::at).toList(), peer -> {
                    asked.add(peer.peerId());
                    return Optional.ofNullable(answers.get(peer.peerId()));
                });
    }

    @Test
    void the_leader_s_word_counts_and_nobody_else_s() {
        answers.put("a", new Said(OLD, false, null));
        answers.put("b", new Said(NEW, true, at("b")));
        assertThat(find("a", "b")).contains(NEW);
        answers.remove("b");
        assertThat(find("a", "b")).isEmpty();
    }

    @Test
    void a_leader_that_was_not_known_is_asked_where_others_say_that_it_is() {
        answers.put("b", new Said(NEW, false, at("d")));
        answers.put("d", new Said(NEW, true, at("d")));
        assertThat(find("a", "b")).contains(NEW);
        assertThat(asked).containsExactly("a", "b", "d");
    }

    @Test
    void nobody_is_asked_twice_nor_oneself() {
        answers.put("a", new Said(OLD, false, at("b")));
        answers.put("b", new Said(OLD, false, at("self")));
        assertThat(find("a", "b", "a", "self")).isEmpty();
        assertThat(asked).containsExactly("a", "b");
    }

    @Test
    void what_is_being_changed_is_not_taken() {
        answers.put("b", new Said(CHANGING, true, at("b")));
        assertThat(find("b")).isEmpty();
    }
}
