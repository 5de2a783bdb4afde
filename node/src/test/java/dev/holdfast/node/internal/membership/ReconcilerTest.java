package dev.holdfast.node.internal.membership;

import static dev.holdfast.node.internal.membership.FakeCluster.members;
import static dev.holdfast.node.internal.membership.FakeCluster.peer;
import static dev.holdfast.node.internal.membership.FakeCluster.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whether groups follow the first. Peer a leads all of them, unless it hands over; all peers look once a second. */
class ReconcilerTest {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final ManualTimers timers = new ManualTimers();
    private FakeCluster cluster = new FakeCluster(2, "a", "b", "c");

    private void watchAt(String... peers) {
        for (String peer : peers) {
            new Reconciler(cluster.at(peer), timers, Runnable::run).start();
        }
    }

    private FakeCluster.FakeGroup second() {
        return cluster.groups.get(1);
    }

    private void become(MemberSet members) {
        cluster.groups.get(0).members = members;
    }

    private boolean isSecond(MemberSet members) {
        return MemberSets.areSame(second().members, members);
    }

    @Test
    void nothing_is_done_while_all_groups_have_the_same_members() {
        watchAt("a", "b", "c");
        timers.advance(LOOK.multipliedBy(10));
        assertThat(second().history).isEmpty();
    }

    @Test
    void a_replacement_is_followed_in_one_step() {
        watchAt("a");
        cluster.silence("b");
        become(members(voters("a", "b@2", "c")));

        timers.advance(LOOK);

        assertThat(isSecond(members(voters("a", "b@2", "c")))).isTrue();
        assertThat(second().history).hasSize(1);
    }

    @Test
    void many_changes_are_followed_one_member_at_a_time() {
        watchAt("a");
        become(members(voters("a", "d", "e", "f", "g"), "b", "h"));

        timers.advance(LOOK);

        assertThat(isSecond(members(voters("a", "d", "e", "f", "g"), "b", "h"))).isTrue();
        List<MemberSet> steps = second().history;
        assertThat(IntStream.range(1, steps.size()))
                .allMatch(step -> MemberSets.isOneStep(steps.get(step - 1), steps.get(step)));
    }

    @Test
    void no_name_is_there_twice_on_the_way() {
        second().members = members(voters("a", "b", "c"), "d");
        watchAt("a");
        cluster.silence("d");
        become(members(voters("a", "b", "d@2")));

        timers.advance(LOOK);

        assertThat(isSecond(members(voters("a", "b", "d@2")))).isTrue();
        assertThat(second().history)
                .allSatisfy(step ->
                        assertThat(step.all().map(peer -> peer.id().name())).doesNotHaveDuplicates());
    }

    @Test
    void whoever_is_to_lose_its_vote_hands_over_and_the_next_goes_on() {
        watchAt("a", "b", "c");
        become(members(voters("b", "c")));
        cluster.groups.get(0).leader = peer("b").id();

        timers.advance(LOOK.multipliedBy(2));

        assertThat(isSecond(members(voters("b", "c")))).isTrue();
    }

    @Test
    void a_cluster_of_two_shrinks_to_one() {
        cluster = new FakeCluster(2, "a", "b");
        watchAt("a", "b");
        become(members(voters("a")));

        timers.advance(LOOK);

        assertThat(isSecond(members(voters("a")))).isTrue();
    }

    @Test
    void no_step_is_tried_that_could_not_be_committed() {
        watchAt("a");
        cluster.silence("b");
        become(members(voters("a", "b")));

        timers.advance(LOOK.multipliedBy(20));
        assertThat(second().history).isEmpty();

        cluster.answerAgain("b");
        timers.advance(LOOK.multipliedBy(5));
        assertThat(isSecond(members(voters("a", "b")))).isTrue();
    }

    @Test
    void a_newcomer_that_is_silent_does_not_keep_the_others_out() {
        watchAt("a");
        cluster.silence("d");
        become(members(voters("a", "b", "c", "d", "e")));

        timers.advance(LOOK);
        assertThat(isSecond(members(voters("a", "b", "c", "e")))).isTrue();

        cluster.answerAgain("d");
        timers.advance(LOOK.multipliedBy(5));
        assertThat(isSecond(members(voters("a", "b", "c", "d", "e")))).isTrue();
    }

    @Test
    void a_change_of_the_first_group_that_is_under_way_is_not_followed() {
        watchAt("a");
        MemberSet wanted = members(voters("a", "b", "c", "d"));
        become(new MemberSet(wanted.voters(), wanted.listeners(), false));

        timers.advance(LOOK.multipliedBy(3));
        assertThat(second().history).isEmpty();
    }

    @Test
    void a_peer_that_has_not_heard_from_the_leader_of_the_first_group_does_nothing() {
        watchAt("a");
        cluster.groups.get(0).leader = peer("b").id();
        cluster.silence("b");
        become(members(voters("a", "c")));

        timers.advance(LOOK.multipliedBy(3));
        assertThat(second().history).isEmpty();

        cluster.groups.get(0).leader = peer("c").id();
        timers.advance(LOOK);
        assertThat(isSecond(members(voters("a", "c")))).isTrue();
    }

    /** What it knows of the first group is what its own has. So it would go on leading that for ever, and nobody could end it. */
    @Test
    void a_peer_that_was_removed_from_the_first_group_while_it_was_cut_off_hands_over_what_it_leads() {
        watchAt("a", "b", "c");
        cluster.cutOff.put(peer("a").id(), cluster.groups.get(0).members);
        cluster.groups.get(0).leader = peer("b").id();
        become(members(voters("b", "c")));

        timers.advance(LOOK.multipliedBy(6));

        assertThat(second().leader).isNotEqualTo(peer("a").id());
        assertThat(isSecond(members(voters("b", "c")))).isTrue();
    }

    @Test
    void a_closed_one_does_nothing() {
        Reconciler reconciler = new Reconciler(cluster.at("a"), timers, Runnable::run);
        reconciler.start();
        reconciler.close();
        become(members(voters("a", "b")));
        timers.advance(LOOK.multipliedBy(3));
        assertThat(second().history).isEmpty();
    }
}
