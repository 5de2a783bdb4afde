package dev.holdfast.node.internal.membership;

import static dev.holdfast.node.internal.membership.FakeCluster.members;
import static dev.holdfast.node.internal.membership.FakeCluster.voters;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Whether a peer says that another is a member, is none, or that it does not know. */
class NamedMemberTest {
    private static final MemberSet WITH = members(voters("a", "b", "c"));
    private static final MemberSet WITHOUT = members(voters("a", "c"));
    private static final NamedMember NAMED = new NamedMember("b@1111111111111111", 7);
    private static final NamedMember NOBODY = new NamedMember("", 7);
    private static final NamedMember UNKNOWN = new NamedMember("", -1);

    private static NamedMember b(MemberSet... groups) {
        return NamedMember.of("b", List.of(groups), 7);
    }

    private static MemberSet unsettled(MemberSet members) {
        return new MemberSet(members.voters(), members.listeners(), false);
    }

    @Test
    void nobody_has_the_name_once_no_group_has_it() {
        assertThat(b(WITHOUT)).isEqualTo(NOBODY);
        assertThat(b(WITHOUT, WITHOUT)).isEqualTo(NOBODY);
    }

    @Test
    void a_member_is_one_as_long_as_a_group_has_it() {
        assertThat(b(WITH)).isEqualTo(NAMED);
        assertThat(b(WITHOUT, WITHOUT, WITH)).isEqualTo(NAMED);
    }

    @Test
    void another_incarnation_has_the_name() {
        assertThat(b(members(voters("a", "b@2", "c"))).id()).isEqualTo("b@2222222222222222");
    }

    @Test
    void one_that_was_let_into_the_first_group_only_does_not_know_whom_the_others_have() {
        assertThat(b(WITHOUT, new MemberSet(List.of(), List.of(), true))).isEqualTo(UNKNOWN);
    }

    @Test
    void what_is_not_settled_may_be_undone() {
        assertThat(b(unsettled(WITHOUT))).isEqualTo(UNKNOWN);
        assertThat(b(WITHOUT, unsettled(WITHOUT))).isEqualTo(UNKNOWN);
        assertThat(b(WITHOUT, unsettled(WITH))).isEqualTo(NAMED);
    }
}
