package dev.holdfast.node.internal.membership;

import static dev.holdfast.node.internal.membership.FakeCluster.members;
import static dev.holdfast.node.internal.membership.FakeCluster.peer;
import static dev.holdfast.node.internal.membership.FakeCluster.voters;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.NotLeadingException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What changes of the members do, and which are refused. Peer a leads, unless it hands over. */
class MemberChangerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private FakeCluster cluster = new FakeCluster(1, "a", "b", "c");

    private MemberSet now() {
        return cluster.groups.get(0).members;
    }

    private MemberChangeResult perform(String at, MemberChange change) throws Exception {
        return new MemberChanger(cluster.at(at)).perform(change, PATIENCE);
    }

    private MemberChangeResult perform(Action action, String name) throws Exception {
        return perform("a", MemberChange.of(action, name));
    }

    private MemberChangeException refused(MemberChange change) {
        MemberSet before = now();
        MemberChangeException refused = catchThrowableOfType(MemberChangeException.class, () -> perform("a", change));
        assertThat(refused).isNotNull();
        assertThat(now()).isEqualTo(before);
        return Objects.requireNonNull(refused);
    }

    private Reason refused(Action action, String name) {
        return refused(MemberChange.of(action, name)).reason();
    }

    @Test
    void a_newcomer_becomes_a_voter_and_adding_it_again_does_nothing() throws Exception {
        cluster.present("d");

        MemberChangeResult added = perform(Action.ADD, "d");

        assertThat(added.changed()).isTrue();
        assertThat(MemberSets.areSame(now(), members(voters("a", "b", "c", "d"))))
                .isTrue();
        // It is listed as a newcomer for a while.
        MemberChangeResult again = perform(Action.ADD, "d");
        assertThat(again.changed()).isFalse();
        assertThat(again.text()).isEqualTo("'d' is a member already, a voter");
    }

    @Test
    void a_change_is_not_made_as_decided_if_another_was_made_meanwhile() throws Exception {
        cluster.present("d");
        cluster.meanwhile = () -> cluster.groups.get(0).members = members(voters("a", "b@2", "c"));

        perform(Action.ADD, "d");

        assertThat(MemberSets.areSame(now(), members(voters("a", "b@2", "c", "d"))))
                .isTrue();
    }

    @Test
    void a_newcomer_of_a_full_cluster_becomes_a_listener_and_votes_when_a_voter_leaves() throws Exception {
        cluster = new FakeCluster(1, "a", "b", "c", "d", "e");
        cluster.present("f");
        cluster.present("g");

        assertThat(perform(Action.ADD, "f").text()).contains("a listener");
        perform(Action.ADD, "g");
        assertThat(MemberSets.areSame(now(), members(voters("a", "b", "c", "d", "e"), "f", "g")))
                .isTrue();
        assertThat(refused(Action.PROMOTE, "f")).isEqualTo(Reason.VOTERS_MAX);

        cluster.behind.add(peer("f").id());
        assertThat(perform(Action.REMOVE, "b").text()).contains("'g' votes in its place");
        assertThat(MemberSets.areSame(now(), members(voters("a", "c", "d", "e", "g"), "f")))
                .isTrue();
    }

    @Test
    void there_are_as_many_voters_as_the_leader_was_told_even_an_even_number() throws Exception {
        MemberChanger four = new MemberChanger(cluster.at("a"), 4, new JoinDesk(JoinBook.NONE));
        cluster.present("d");
        cluster.present("e");

        assertThat(four.perform(MemberChange.of(Action.ADD, "d"), PATIENCE).text())
                .contains("one of 4 voters");
        assertThat(four.perform(MemberChange.of(Action.ADD, "e"), PATIENCE).text())
                .contains("a listener: there are 4 voters already");
        four.perform(MemberChange.of(Action.REMOVE, "b"), PATIENCE);
        assertThat(MemberSets.areSame(now(), members(voters("a", "c", "d", "e"))))
                .isTrue();
    }

    @Test
    void voters_beyond_the_number_keep_their_votes() throws Exception {
        MemberChanger two = new MemberChanger(cluster.at("a"), 2, new JoinDesk(JoinBook.NONE));
        cluster.present("d");

        assertThat(two.perform(MemberChange.of(Action.ADD, "d"), PATIENCE).text())
                .contains("a listener");
        assertThat(MemberSets.areSame(now(), members(voters("a", "b", "c"), "d")))
                .isTrue();
    }

    @Test
    void nobody_is_added_who_does_not_present_itself_or_not_unambiguously() {
        assertThat(refused(Action.ADD, "d")).isEqualTo(Reason.NO_SUCH_NEWCOMER);
        cluster.present("d@1");
        cluster.present("d@2");
        assertThat(refused(Action.ADD, "d")).isEqualTo(Reason.NO_SUCH_NEWCOMER);
    }

    @Test
    void a_newcomer_that_presents_itself_to_another_member_only_is_found() throws Exception {
        cluster.elsewhere.add(new Newcomer(peer("d"), 0, ""));
        assertThat(perform(Action.ADD, "d").changed()).isTrue();
    }

    @Test
    void a_newcomer_with_the_name_of_a_member_is_to_replace_it() {
        cluster.present("b@2");

        assertThat(refused(MemberChange.of(Action.ADD, "b")))
                .returns(Reason.TAKEN, MemberChangeException::reason)
                .hasMessageContaining("members replace b");
    }

    @Test
    void a_newcomer_at_the_address_of_a_member_is_refused() {
        Peer d = peer("d");
        cluster.newcomers.add(new Newcomer(new Peer(d.id(), peer("b").raft(), d.client()), 0, ""));

        assertThat(refused(MemberChange.of(Action.ADD, "d")))
                .returns(Reason.TAKEN, MemberChangeException::reason)
                .hasMessageContaining("'b'");
    }

    @Test
    void a_lost_folder_is_replaced_in_one_step_and_replacing_it_again_does_nothing() throws Exception {
        cluster.silence("b");
        cluster.present("b@2");

        assertThat(perform(Action.REPLACE, "b").changed()).isTrue();

        assertThat(cluster.groups.get(0).history).hasSize(1);
        assertThat(MemberSets.areSame(now(), members(voters("a", "b@2", "c")))).isTrue();
        assertThat(perform(Action.REPLACE, "b").changed()).isFalse();
    }

    @Test
    void a_listener_is_replaced_by_a_listener() throws Exception {
        cluster.present("d");
        perform(Action.ADD, "d");
        perform(Action.DEMOTE, "d");
        cluster.silence("d");
        assertThat(refused(Action.REPLACE, "d")).isEqualTo(Reason.NO_SUCH_NEWCOMER);

        cluster.present("d@2");
        perform(Action.REPLACE, "d");

        assertThat(MemberSets.areSame(now(), members(voters("a", "b", "c"), "d@2")))
                .isTrue();
    }

    @Test
    void nothing_is_replaced_that_is_no_member() {
        cluster.present("d");
        assertThat(refused(MemberChange.of(Action.REPLACE, "d")))
                .returns(Reason.NO_SUCH_MEMBER, MemberChangeException::reason)
                .hasMessageContaining("members add d");
    }

    @Test
    void without_a_majority_nothing_is_replaced_not_even_by_force() {
        cluster.silence("b");
        cluster.silence("c");
        cluster.present("b@2");

        assertThat(refused(new MemberChange(Action.REPLACE, "b", true)))
                .returns(Reason.NO_MAJORITY, MemberChangeException::reason)
                .hasMessageContaining("[b, c]")
                .hasMessageContaining("recover");
    }

    @Test
    void a_voter_that_is_needed_is_not_removed_not_even_by_force() throws Exception {
        cluster.silence("b");

        assertThat(refused(new MemberChange(Action.REMOVE, "c", true)).reason()).isEqualTo(Reason.NO_MAJORITY);
        assertThat(perform(Action.REMOVE, "b").changed()).isTrue();
        assertThat(perform(Action.REMOVE, "b").changed()).isFalse();
    }

    @Test
    void what_takes_away_the_last_spare_voter_is_done_by_force_only() throws Exception {
        assertThat(refused(Action.REMOVE, "c")).isEqualTo(Reason.NO_SPARE);
        assertThat(refused(Action.DEMOTE, "c")).isEqualTo(Reason.NO_SPARE);

        assertThat(perform("a", new MemberChange(Action.REMOVE, "c", true)).changed())
                .isTrue();
        assertThat(perform(Action.REMOVE, "b").changed()).isTrue();
        assertThat(refused(Action.REMOVE, "a")).isEqualTo(Reason.NO_MAJORITY);
    }

    @Test
    void a_cluster_grows_from_one_voter() throws Exception {
        cluster = new FakeCluster(1, "a");
        for (String name : voters("b", "c", "d", "e")) {
            cluster.present(name);
            perform(Action.ADD, name);
        }
        assertThat(now().voters()).hasSize(5);
    }

    @Test
    void a_leader_hands_over_before_it_is_removed_and_its_successor_does_it() throws Exception {
        cluster = new FakeCluster(1, "a", "b", "c", "d", "e");
        cluster.behind.add(peer("b").id());
        cluster.behind.add(peer("c").id());
        MemberChange change = MemberChange.of(Action.REMOVE, "a");

        NotLeadingException handedOver = catchThrowableOfType(NotLeadingException.class, () -> perform("a", change));

        assertThat(Objects.requireNonNull(handedOver.leader()).peerId()).isEqualTo("d");
        assertThat(perform("d", change).changed()).isTrue();
        assertThat(MemberSets.areSame(now(), members(voters("b", "c", "d", "e"))))
                .isTrue();
    }

    @Test
    void a_listener_is_promoted_when_it_has_caught_up() throws Exception {
        cluster.present("d");
        perform(Action.ADD, "d");
        assertThat(perform(Action.DEMOTE, "d").changed()).isTrue();
        assertThat(perform(Action.DEMOTE, "d").changed()).isFalse();
        assertThat(MemberSets.areSame(now(), members(voters("a", "b", "c"), "d")))
                .isTrue();

        cluster.behind.add(peer("d").id());
        assertThat(refused(Action.PROMOTE, "d")).isEqualTo(Reason.NOT_READY);
        cluster.behind.clear();
        cluster.silence("d");
        assertThat(refused(Action.PROMOTE, "d")).isEqualTo(Reason.NOT_READY);
        cluster.answerAgain("d");
        assertThat(perform(Action.PROMOTE, "d").changed()).isTrue();
        assertThat(perform(Action.PROMOTE, "d").changed()).isFalse();
        assertThat(refused(Action.PROMOTE, "x")).isEqualTo(Reason.NO_SUCH_MEMBER);
    }

    @Test
    void leadership_goes_to_a_voter_that_answers() throws Exception {
        cluster.silence("b");
        assertThat(refused(Action.LEAD, "b")).isEqualTo(Reason.NOT_READY);

        assertThat(perform(Action.LEAD, "c").text()).isEqualTo("'c' leads now");
        assertThat(perform("c", MemberChange.of(Action.LEAD, "c")).changed()).isFalse();
    }

    @Test
    void half_of_the_voters_are_not_changed_at_once() {
        cluster = new FakeCluster(1, "a", "b");
        cluster.present("b@2");
        assertThat(refused(MemberChange.of(Action.REPLACE, "b"))).hasMessageContaining("add another member first");
    }

    @Test
    void a_change_that_the_log_refuses_is_tried_until_the_time_is_up() {
        cluster.present("d");
        cluster.groups.get(0).broken = true;

        MemberChangeException refused = catchThrowableOfType(
                MemberChangeException.class,
                () -> new MemberChanger(cluster.at("a"))
                        .perform(MemberChange.of(Action.ADD, "d"), Duration.ofMillis(150)));

        assertThat(refused)
                .returns(Reason.NOT_CONFIRMED, MemberChangeException::reason)
                .hasMessageStartingWith("not now");
    }

    @Test
    void while_another_change_is_under_way_none_is_begun() {
        cluster.present("d");
        cluster.groups.get(0).members = new MemberSet(now().voters(), now().listeners(), false);

        MemberChangeException refused = catchThrowableOfType(
                MemberChangeException.class,
                () -> new MemberChanger(cluster.at("a"))
                        .perform(MemberChange.of(Action.ADD, "d"), Duration.ofMillis(30)));

        assertThat(refused.reason()).isEqualTo(Reason.UNDER_WAY);
    }

    @Test
    void a_peer_that_does_not_lead_does_nothing_and_says_who_does() {
        cluster.present("d");
        NotLeadingException elsewhere =
                catchThrowableOfType(NotLeadingException.class, () -> perform("b", MemberChange.of(Action.ADD, "d")));
        assertThat(Objects.requireNonNull(elsewhere.leader()).peerId()).isEqualTo("a");
    }

    @Test
    void groups_that_have_not_followed_in_time_are_named() throws Exception {
        cluster = new FakeCluster(3, "a", "b", "c");
        cluster.present("d");
        cluster.groups.get(1).members = members(voters("a", "b", "c", "d"));

        MemberChangeResult added =
                new MemberChanger(cluster.at("a")).perform(MemberChange.of(Action.ADD, "d"), Duration.ofMillis(50));

        assertThat(added.groupsBehind()).containsExactly(2);
    }
}
