package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.election.Leader;
import dev.holdfast.client.election.RevokeReason;
import dev.holdfast.client.errors.LockRequestRejectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ElectionPriorityTest {
    private static final Lockable IMPORTER = Holdfast.createLockable("importer").of();

    private final TestCluster cluster = TestCluster.startWithManualClock();
    private final List<Recorder> recorders = new ArrayList<>();

    @AfterEach
    void everybody_has_heard_everything_in_order() {
        cluster.close();
        recorders.forEach(Recorder::assertInOrder);
    }

    private final class Member {
        final Recorder recorder = new Recorder();
        final HoldfastClient client = cluster.newClient();
        final Election election;

        Member(ElectionOptions options) {
            recorders.add(recorder);
            election = client.createElection(IMPORTER, options, recorder);
            election.stand();
        }
    }

    private Member leading(ElectionOptions options) {
        Member member = new Member(options);
        Recorder.soon().until(member.recorder::isElected);
        return member;
    }

    private Member waiting(ElectionOptions options, int waiters) {
        Member member = new Member(options);
        awaitWaiters(waiters);
        return member;
    }

    private void awaitWaiters(int count) {
        HoldfastLock lock = cluster.client().createLock();
        Recorder.soon().until(() -> lock.get(IMPORTER).orElseThrow().waiterCount() == count);
    }

    private void letAMinutePass(Member leader) {
        for (int i = 0; i < 60; i++) {
            cluster.advance(Duration.ofSeconds(1));
            // What was to be done by then is done when the client has been asked something.
            assertThat(leader.client.createLock().isLocked(IMPORTER)).isTrue();
        }
    }

    private static ElectionOptions priority(int priority) {
        return ElectionOptions.defaults().priority(priority);
    }

    @Test
    void of_those_who_wait_the_one_of_the_highest_priority_leads_next_and_the_others_hear_nothing() {
        Member leader = leading(priority(0));
        Member low = waiting(priority(1), 1);
        Member lower = waiting(priority(0), 2);
        Member high = waiting(priority(5), 3);

        leader.election.close();

        Recorder.soon().until(high.recorder::isElected);
        awaitWaiters(2);
        assertThat(low.recorder.elected).isEmpty();
        assertThat(lower.recorder.elected).isEmpty();
        assertThat(high.election.leader().map(Leader::priority)).contains(5);

        high.election.close();
        Recorder.soon().until(low.recorder::isElected);
        assertThat(lower.recorder.elected).isEmpty();
    }

    @Test
    void among_equals_the_one_who_came_first_leads() {
        Member leader = leading(priority(3));
        Member first = waiting(priority(3), 1);
        Member second = waiting(priority(3), 2);

        leader.election.close();

        Recorder.soon().until(first.recorder::isElected);
        assertThat(second.recorder.elected).isEmpty();
    }

    @Test
    void a_leader_that_does_not_yield_stays_whoever_comes() {
        Member leader = leading(priority(0));

        var unused = waiting(priority(9), 1);
        letAMinutePass(leader);

        assertThat(leader.election.isLeader()).isTrue();
        assertThat(leader.recorder.revoked).isEmpty();
    }

    @Test
    void a_leader_that_yields_gives_the_lead_away_and_waits_for_the_next_turn() {
        Member leader = leading(priority(0).yieldToHigher(true));

        Member high = new Member(priority(9));

        Recorder.soon().until(() -> {
            cluster.advance(Duration.ofMillis(100));
            return high.recorder.isElected();
        });
        assertThat(leader.recorder.revoked).containsExactly(RevokeReason.YIELDED);
        awaitWaiters(1);
        high.election.close();
        Recorder.soon().until(() -> leader.recorder.elected.size() == 2);
    }

    @Test
    void a_leader_that_yields_does_so_neither_for_an_equal_nor_for_whoever_asks() {
        Member leader = leading(priority(4).yieldToHigher(true));
        var unused = waiting(priority(4), 1);
        var alsoUnused = waiting(priority(3), 2);

        assertThat(cluster.client().createLock().requestRelease(IMPORTER)).isTrue();
        letAMinutePass(leader);

        assertThat(leader.election.isLeader()).isTrue();
        assertThat(leader.recorder.revoked).isEmpty();
    }

    @Test
    void options_that_make_no_sense_are_rejected() {
        ElectionOptions defaults = ElectionOptions.defaults();
        assertThatThrownBy(() -> defaults.priority(-1)).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> defaults.priority(1001)).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> defaults.name("")).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> defaults.name("a\nb")).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> defaults.name("x".repeat(219))).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> defaults.stepDownAfter(0.4)).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> defaults.stepDownAfter(Double.NaN)).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> defaults.handoverTimeout(Duration.ofMillis(-1)))
                .isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> defaults.observeEvery(Duration.ofMillis(99)))
                .isInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void the_longest_name_is_one_that_the_cluster_takes() {
        String name = "x".repeat(ElectionOptions.NAME_BYTES_MAX);
        Member leader = leading(priority(ElectionOptions.PRIORITY_MAX).name(name));

        assertThat(leader.election.leader().map(Leader::name)).contains(name);
    }
}
