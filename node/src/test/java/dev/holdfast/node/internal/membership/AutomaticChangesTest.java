package dev.holdfast.node.internal.membership;

import static dev.holdfast.node.internal.membership.FakeCluster.members;
import static dev.holdfast.node.internal.membership.FakeCluster.peer;
import static dev.holdfast.node.internal.membership.FakeCluster.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.node.Member;
import dev.holdfast.protocol.AuditRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the cluster does about lost disks and about voters that have gone. Peer a leads; all peers look once a second. */
class AutomaticChangesTest {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration AFTER = Duration.ofMinutes(10);

    /** More than it takes to believe that a member does not answer, with the pauses after what was refused. */
    private static final Duration A_WHILE = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private final Map<String, AddressBook> books = new HashMap<>();
    private final ManualTimers timers = new ManualTimers();
    private final Map<String, AutomaticChanges> running = new HashMap<>();
    private FakeCluster cluster = new FakeCluster(1, "a", "b", "c");

    private MemberSet now() {
        return cluster.groups.get(0).members;
    }

    private boolean are(MemberSet members) {
        return MemberSets.areSame(now(), members);
    }

    private void watchAt(String peer, boolean replaceLostDisk, Duration replaceAfter) {
        MemberControl control = cluster.at(peer);
        JoinDesk desk = new JoinDesk(cluster.joins(peer));
        MemberChanger changer = new MemberChanger(control, 3, desk);
        AutomaticChanges changes = AutomaticChanges.of(
                control,
                new Admissions(control, desk),
                moves(peer),
                replaceLostDisk,
                replaceAfter,
                changer::perform,
                timers,
                Runnable::run);
        running.put(peer, changes);
        changes.start();
    }

    private MoveAudit moves(String peer) {
        return new MoveAudit(books.computeIfAbsent(peer, name -> addressBook()), cluster.joins(peer));
    }

    private AddressBook addressBook() {
        try {
            return new AddressBook(
                    Files.createTempDirectory(folder, "book"),
                    now().all().map(Peer::member).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void lead(String name) {
        cluster.groups.get(0).leader = peer(name).id();
    }

    private static Member at(String name, int port) {
        return new Member(name, "127.0.0.1", port, port + 1);
    }

    private static AuditRecord moved(long number, String name, int port) {
        return new AuditRecord(
                number,
                0,
                "member:" + name,
                "",
                "members-move",
                name,
                "is at 127.0.0.1:" + port + ", for clients at 127.0.0.1:" + (port + 1));
    }

    /** But for when it was. */
    private List<AuditRecord> audit() {
        return cluster.machine.audit().stream()
                .map(each -> new AuditRecord(
                        each.number(),
                        0,
                        each.principal(),
                        each.address(),
                        each.action(),
                        each.target(),
                        each.detail()))
                .toList();
    }

    @Test
    void a_member_that_is_elsewhere_is_recorded_once_whoever_leads() {
        watchAt("a", false, null);
        watchAt("b", false, null);
        for (String peer : List.of("a", "b")) {
            books.get(peer).said(at("c", 9000), true);
            books.get(peer).said(at("c", 9000), true);
            books.get(peer).said(now().named("b").member(), true);
        }
        timers.advance(A_WHILE);
        assertThat(audit()).containsExactly(moved(1, "c", 9000));
        assertThat(cluster.machine.audit().get(0).atEpochMs()).isPositive();

        // The others have heard of it too, and see that it is recorded.
        lead("b");
        timers.advance(A_WHILE);
        assertThat(audit()).hasSize(1);
        assertThat(books.get("b").moves()).isEmpty();

        // Back, and the leader that heard of it is lost before it can record it.
        books.get("a").said(now().named("c").member(), true);
        int home = now().named("c").raft().port();
        books.get("a").said(at("c", home), true);
        lead("a");
        timers.advance(A_WHILE);
        assertThat(audit()).containsExactly(moved(1, "c", 9000), moved(2, "c", home));
    }

    @Test
    void a_newcomer_that_is_elsewhere_is_not_recorded_and_what_cannot_be_is_tried_again() {
        watchAt("a", false, null);
        books.get("a").said(at("d", 9000), false);
        books.get("a").said(at("d", 9002), false);
        cluster.auditIsBroken = true;
        books.get("a").said(at("b", 9004), true);
        timers.advance(A_WHILE);
        assertThat(audit()).isEmpty();
        cluster.auditIsBroken = false;
        timers.advance(A_WHILE);
        assertThat(audit()).containsExactly(moved(1, "b", 9004));
    }

    private void listener(String name) {
        cluster.groups.get(0).members = new MemberSet(now().voters(), FakeCluster.peers(name), true);
    }

    @Test
    void unless_it_is_asked_for_nothing_is_done() {
        watchAt("a", false, null);
        listener("d");
        cluster.silence("b");
        cluster.present("b@2");
        timers.advance(Duration.ofDays(1));
        assertThat(cluster.history()).isEmpty();
    }

    @Test
    void a_lost_disk_is_replaced_once_the_member_has_not_answered_for_some_seconds() {
        watchAt("a", true, null);
        cluster.silence("b");
        cluster.present("b@2");

        timers.advance(Duration.ofSeconds(5));
        assertThat(cluster.history()).isEmpty();
        timers.advance(Duration.ofSeconds(2));

        assertThat(are(members(voters("a", "b@2", "c")))).isTrue();
        assertThat(cluster.history()).hasSize(1);
    }

    @Test
    void a_member_that_answers_is_not_replaced_by_another_of_its_name() {
        watchAt("a", true, null);
        cluster.present("b@2");
        timers.advance(Duration.ofMinutes(5));
        cluster.silence("b");
        timers.advance(Duration.ofSeconds(4));
        cluster.answerAgain("b");
        timers.advance(Duration.ofMinutes(5));
        assertThat(cluster.history()).isEmpty();
    }

    @Test
    void of_two_newcomers_of_one_name_neither_replaces_it() {
        watchAt("a", true, null);
        cluster.silence("b");
        cluster.present("b@2");
        cluster.present("b@3");
        timers.advance(Duration.ofMinutes(5));
        assertThat(cluster.history()).isEmpty();
        cluster.leave("b@2");
        timers.advance(A_WHILE);
        assertThat(are(members(voters("a", "b@3", "c")))).isTrue();
    }

    @Test
    void two_lost_disks_of_five_are_replaced_one_after_the_other() {
        cluster = new FakeCluster(1, "a", "b", "c", "d", "e");
        watchAt("a", true, null);
        cluster.silence("b");
        cluster.silence("c");
        cluster.present("b@2");
        cluster.present("c@2");

        timers.advance(A_WHILE);

        assertThat(are(members(voters("a", "b@2", "c@2", "d", "e")))).isTrue();
        assertThat(cluster.history()).hasSize(2);
    }

    @Test
    void without_a_majority_no_lost_disk_is_replaced() {
        watchAt("a", true, null);
        cluster.silence("b");
        cluster.silence("c");
        cluster.present("b@2");
        timers.advance(Duration.ofMinutes(5));
        assertThat(cluster.history()).isEmpty();
        cluster.answerAgain("c");
        timers.advance(A_WHILE);
        assertThat(are(members(voters("a", "b@2", "c")))).isTrue();
    }

    @Test
    void a_voter_that_has_gone_gives_way_to_a_listener_in_one_step_and_is_a_listener_then() {
        listener("d");
        watchAt("a", false, AFTER);
        cluster.silence("b");

        timers.advance(AFTER.minus(LOOK));
        assertThat(cluster.history()).isEmpty();
        timers.advance(LOOK.multipliedBy(3));

        assertThat(are(members(voters("a", "c", "d"), "b"))).isTrue();
        assertThat(cluster.history()).hasSize(1);
        timers.advance(Duration.ofDays(1));
        assertThat(cluster.history()).hasSize(1);
    }

    @Test
    void without_a_listener_that_has_kept_up_a_voter_that_has_gone_stays_one() {
        watchAt("a", false, AFTER);
        cluster.silence("b");
        timers.advance(AFTER.multipliedBy(2));
        listener("d");
        cluster.behind.add(peer("d").id());
        timers.advance(AFTER);
        cluster.behind.clear();
        cluster.silence("d");
        timers.advance(AFTER);
        assertThat(cluster.history()).isEmpty();
        cluster.answerAgain("d");
        timers.advance(A_WHILE);
        assertThat(are(members(voters("a", "c", "d"), "b"))).isTrue();
    }

    @Test
    void a_voter_that_answers_now_and_then_keeps_its_vote() {
        listener("d");
        watchAt("a", false, AFTER);
        for (int i = 0; i < 5; i++) {
            cluster.silence("b");
            timers.advance(AFTER.minus(LOOK.multipliedBy(2)));
            cluster.answerAgain("b");
            timers.advance(LOOK.multipliedBy(2));
        }
        assertThat(cluster.history()).isEmpty();
    }

    @Test
    void a_new_leader_counts_anew() {
        listener("d");
        watchAt("a", false, AFTER);
        watchAt("c", false, AFTER);
        cluster.silence("b");
        timers.advance(AFTER.minus(LOOK.multipliedBy(2)));
        cluster.groups.get(0).leader = peer("c").id();
        timers.advance(AFTER.minus(LOOK.multipliedBy(2)));
        assertThat(cluster.history()).isEmpty();
        cluster.groups.get(0).leader = peer("a").id();
        timers.advance(AFTER.minus(LOOK.multipliedBy(2)));
        assertThat(cluster.history()).isEmpty();
        timers.advance(LOOK.multipliedBy(4));
        assertThat(are(members(voters("a", "c", "d"), "b"))).isTrue();
    }

    @Test
    void a_time_in_which_this_peer_did_not_look_does_not_count() {
        Silence silence = new Silence(timers::nanoTime);
        Answers answers = new Answers(Map.of(peer("a").id(), 1L));
        silence.heard(now(), answers);
        timers.advance(Duration.ofHours(1));
        silence.heard(now(), answers);

        assertThat(silence.nanosOf(peer("b").id()))
                .isPositive()
                .isLessThan(Duration.ofSeconds(10).toNanos());
        assertThat(silence.nanosOf(peer("a").id())).isNegative();
    }

    @Test
    void nothing_is_looked_at_any_more_once_it_is_closed() {
        watchAt("a", true, null);
        cluster.silence("b");
        cluster.present("b@2");
        running.get("a").close();
        timers.advance(Duration.ofMinutes(5));
        assertThat(cluster.history()).isEmpty();
    }
}
