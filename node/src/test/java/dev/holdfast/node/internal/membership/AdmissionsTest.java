package dev.holdfast.node.internal.membership;

import static dev.holdfast.node.internal.membership.FakeCluster.members;
import static dev.holdfast.node.internal.membership.FakeCluster.peer;
import static dev.holdfast.node.internal.membership.FakeCluster.voters;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.client.remote.JoinTokenInfo.State;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.statemachine.JoinToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who becomes a member by a join token, and who does not. Peer a leads, unless a test says otherwise; all peers look once a second. */
class AdmissionsTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Caller ANN = new Caller("ann", "10.0.0.7", 5000);
    private static final Caller BOB = new Caller("bob", "", 6000);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Some looks, with the pauses after what was refused. */
    private static final Duration A_WHILE = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private final ManualTimers timers = new ManualTimers();
    private final FakeCluster cluster = new FakeCluster(1, "a", "b", "c");
    private final Map<String, Admissions> admissions = new HashMap<>();

    private MemberSet now() {
        return cluster.groups.get(0).members;
    }

    private boolean are(MemberSet members) {
        return MemberSets.areSame(now(), members);
    }

    private JoinDesk desk(String peer) {
        return new JoinDesk(cluster.joins(peer));
    }

    private JoinSecret issue(String name) throws Exception {
        return desk("a").issue(cluster.at("a").groups().get(0), name, HOUR, ANN);
    }

    private MemberChanger changer(String peer) {
        return new MemberChanger(cluster.at(peer), 5, desk(peer));
    }

    private void watchAt(String peer) {
        MemberControl control = cluster.at(peer);
        Admissions here = new Admissions(control, desk(peer));
        admissions.put(peer, here);
        AutomaticChanges.of(control, here, noMoves(peer), false, null, changer(peer)::perform, timers, Runnable::run)
                .start();
    }

    private MoveAudit noMoves(String peer) {
        try {
            return new MoveAudit(new AddressBook(folder, List.of()), cluster.joins(peer));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String verdict(String text) {
        PeerId id = peer(text).id();
        return admissions.get("a").verdicts(id.name()).getOrDefault(id, "");
    }

    private JoinToken token(JoinSecret secret) {
        return cluster.machine.joinToken(secret.hash());
    }

    @Test
    void a_newcomer_with_a_token_becomes_a_member_and_the_token_is_at_its_end() throws Exception {
        watchAt("a");
        JoinSecret secret = issue("");
        cluster.present("e");
        cluster.present("d", secret);

        timers.advance(A_WHILE);

        assertThat(are(members(voters("a", "b", "c", "d")))).isTrue();
        assertThat(token(secret).ended()).isTrue();
        assertThat(token(secret).isUsedBy("d", peer("d").id().incarnation())).isTrue();
        assertThat(secret.toString()).doesNotContain(secret.text());
    }

    @Test
    void of_two_newcomers_with_one_token_only_the_first_is_let_in() throws Exception {
        watchAt("a");
        JoinSecret secret = issue("");
        cluster.present("d", secret);
        cluster.present("e", secret);

        timers.advance(A_WHILE);

        assertThat(are(members(voters("a", "b", "c", "d")))).isTrue();
        assertThat(verdict("e")).contains("was used by another, d@1111111111111111", "holdfast members token");
        assertThat(verdict("d")).isEmpty();
    }

    @Test
    void a_member_that_was_removed_does_not_come_back_by_the_token_that_it_came_by() throws Exception {
        watchAt("a");
        JoinSecret secret = issue("");
        cluster.present("d", secret);
        timers.advance(A_WHILE);

        changer("a").perform(MemberChange.of(Action.REMOVE, "d"), PATIENCE);
        timers.advance(A_WHILE);

        assertThat(are(members(voters("a", "b", "c")))).isTrue();
        assertThat(verdict("d")).contains("let it in once, and does not again");
    }

    @Test
    void nor_if_the_leader_that_let_it_in_was_lost_before_it_could_say_so() throws Exception {
        JoinSecret secret = issue("");
        cluster.apply(new Command.UseJoin(secret.hash(), "d", peer("d").id().incarnation()));
        cluster.groups.get(0).members = members(voters("a", "b", "c", "d"));
        cluster.present("d", secret);
        assertThat(token(secret).ended()).isFalse();

        // Before anybody has looked.
        changer("a").perform(MemberChange.of(Action.REMOVE, "d"), PATIENCE);
        watchAt("a");
        timers.advance(A_WHILE);

        assertThat(are(members(voters("a", "b", "c")))).isTrue();
        assertThat(token(secret).ended()).isTrue();
    }

    @Test
    void nothing_is_changed_while_it_cannot_be_said_that_a_token_is_at_its_end() throws Exception {
        JoinSecret secret = issue("");
        cluster.apply(new Command.UseJoin(secret.hash(), "b", peer("b").id().incarnation()));
        cluster.groups.get(0).broken = true;

        assertThat(catchThrowableOfType(
                        MemberChangeException.class,
                        () -> changer("a").perform(MemberChange.of(Action.REMOVE, "b"), PATIENCE)))
                .returns(Reason.UNDER_WAY, MemberChangeException::reason);
        assertThat(cluster.history()).isEmpty();
    }

    @Test
    void nothing_is_changed_before_the_leader_has_applied_what_was_there_before_its_term() {
        MemberChanger early = new MemberChanger(cluster.at("a"), 5, new JoinDesk(() -> null));

        assertThat(catchThrowableOfType(
                        MemberChangeException.class,
                        () -> early.perform(MemberChange.of(Action.REMOVE, "b"), Duration.ofMillis(50))))
                .returns(Reason.UNDER_WAY, MemberChangeException::reason);
        assertThat(cluster.history()).isEmpty();
    }

    @Test
    void a_successor_completes_what_the_leader_before_began_and_lets_in_nobody_else() throws Exception {
        JoinSecret secret = issue("");
        cluster.apply(new Command.UseJoin(secret.hash(), "d", peer("d").id().incarnation()));
        cluster.groups.get(0).leader = peer("b").id();
        cluster.present("e", secret);
        cluster.present("d@2", secret);
        watchAt("a");
        watchAt("b");
        timers.advance(A_WHILE);
        assertThat(cluster.history()).isEmpty();

        cluster.leave("d@2");
        cluster.present("d", secret);
        timers.advance(A_WHILE);

        assertThat(are(members(voters("b", "a", "c", "d")))).isTrue();
    }

    @Test
    void by_its_name_alone_nobody_comes_in_for_another() throws Exception {
        JoinSecret secret = issue("");
        AutomaticChange admit = AutomaticChange.admit(peer("d").id(), "", () -> true);
        cluster.present("d@2");

        assertThat(changer("a").perform(admit, PATIENCE).changed()).isFalse();
        assertThat(cluster.history()).isEmpty();
        assertThat(token(secret).isUsed()).isFalse();
    }

    @Test
    void a_token_that_has_ended_while_the_newcomer_waited_for_its_turn_lets_nobody_in() throws Exception {
        JoinSecret secret = issue("");
        PeerId d = peer("d").id();
        cluster.present("d", secret);
        assertThat(desk("a").use(d, secret.hash())).isEmpty();
        AutomaticChange admit = AutomaticChange.admit(d, "", desk("a").mayCome(d, secret.hash()));
        cluster.apply(new Command.EndJoin(secret.hash()));

        assertThatThrownBy(() -> changer("a").perform(admit, PATIENCE)).isInstanceOf(MemberChangeException.class);
        assertThat(cluster.history()).isEmpty();
    }

    @Test
    void a_token_is_good_for_its_name_and_its_time_only_and_says_so() throws Exception {
        watchAt("a");
        JoinSecret named = issue("e");
        cluster.present("d", named);
        timers.advance(A_WHILE);
        assertThat(verdict("d")).contains("good for a member 'e' only");
        assertThat(token(named).isUsed()).isFalse();

        cluster.present("e", named);
        cluster.nowMs += HOUR.toMillis();
        timers.advance(A_WHILE);
        assertThat(verdict("e")).contains("has expired");

        cluster.present("f", JoinSecret.random());
        timers.advance(A_WHILE);
        assertThat(verdict("f")).contains("nobody knows its join token");
        assertThat(cluster.history()).isEmpty();
        assertThat(admissions.get("a").verdicts("nobody")).isEmpty();
    }

    @Test
    void a_token_used_in_time_lets_nobody_in_once_it_has_expired() throws Exception {
        JoinSecret secret = issue("");
        PeerId d = peer("d").id();
        assertThat(desk("a").use(d, secret.hash())).isEmpty();
        assertThat(desk("a").mayCome(d, secret.hash()).getAsBoolean()).isTrue();
        cluster.nowMs += HOUR.toMillis();
        assertThat(desk("a").mayCome(d, secret.hash()).getAsBoolean()).isFalse();
    }

    @Test
    void who_could_not_be_let_in_does_not_use_up_a_token() throws Exception {
        watchAt("a");
        JoinSecret secret = issue("");
        cluster.present("b@2", secret);
        timers.advance(A_WHILE);
        assertThat(verdict("b@2")).contains("there is a member 'b' already", "members replace b");
        cluster.present("d@1", secret);
        cluster.present("d@2", secret);
        timers.advance(A_WHILE);

        assertThat(verdict("d@1")).contains("two peers present themselves as 'd'");
        assertThat(token(secret).isUsed()).isFalse();
        assertThat(cluster.history()).isEmpty();
    }

    @Test
    void one_that_is_refused_does_not_keep_the_next_waiting() throws Exception {
        watchAt("a");
        JoinSecret one = issue("");
        Peer d = peer("d");
        cluster.newcomers.add(new Newcomer(new Peer(d.id(), peer("b").raft(), d.client()), 0, "", one.hash()));
        cluster.present("e", issue(""));

        timers.advance(A_WHILE);

        assertThat(are(members(voters("a", "b", "c", "e")))).isTrue();
        assertThat(verdict("d")).contains("its join token is good", "correct its address");
        cluster.newcomers.removeIf(newcomer -> newcomer.peer().id().equals(d.id()));
        cluster.newcomers.add(
                new Newcomer(new Peer(d.id(), new HostPort("127.0.0.1", 1), d.client()), 0, "", one.hash()));
        timers.advance(A_WHILE);
        assertThat(are(members(voters("a", "b", "c", "d", "e")))).isTrue();
    }

    @Test
    void without_a_majority_no_token_is_used_and_nobody_is_let_in() throws Exception {
        watchAt("a");
        JoinSecret secret = issue("");
        cluster.silence("b");
        cluster.silence("c");
        cluster.present("d", secret);
        timers.advance(A_WHILE);
        assertThat(token(secret).isUsed()).isFalse();
        assertThat(verdict("d")).contains("could not be committed");
        assertThatThrownBy(() -> issue("")).isInstanceOf(MemberChangeException.class);
        cluster.answerAgain("b");
        timers.advance(A_WHILE);
        assertThat(are(members(voters("a", "b", "c", "d")))).isTrue();
    }

    @Test
    void there_are_tokens_only_once_all_members_know_them_and_at_the_leader_only() throws Exception {
        FakeCluster old = FakeCluster.withSemantics(ProtocolVersion.JOIN_TOKENS - 1, "a", "b", "c");
        JoinDesk desk = new JoinDesk(old.joins("a"));
        MemberControl.Group first = old.at("a").groups().get(0);

        assertThat(catchThrowableOfType(MemberChangeException.class, () -> desk.issue(first, "", HOUR, ANN)))
                .returns(Reason.UPGRADE_FIRST, MemberChangeException::reason)
                .hasMessageContaining("upgrade all of them first");
        assertThat(desk.use(peer("d").id(), JoinSecret.random().hash())).contains("upgrade all of them first");
        assertThatThrownBy(() -> desk("b").issue(cluster.at("b").groups().get(0), "", HOUR, ANN))
                .isInstanceOf(NotLeadingException.class);
    }

    @Test
    void what_makes_no_sense_is_refused() throws Exception {
        MemberControl.Group first = cluster.at("a").groups().get(0);
        for (Duration wrong :
                new Duration[] {Duration.ZERO, Duration.ofMillis(-1), Duration.ofMillis(Limits.JOIN_TOKEN_MS_MAX + 1)
                }) {
            assertThatThrownBy(() -> desk("a").issue(first, "", wrong, ANN)).isInstanceOf(MemberChangeException.class);
        }
        for (String wrong : new String[] {"two names", "d@0123456789abcdef", "n".repeat(65)}) {
            assertThatThrownBy(() -> desk("a").issue(first, wrong, HOUR, ANN))
                    .isInstanceOf(MemberChangeException.class);
        }
        for (int i = 0; i < Limits.JOIN_TOKENS_MAX; i++) {
            issue("");
        }
        assertThat(catchThrowableOfType(MemberChangeException.class, () -> issue("")))
                .returns(Reason.LIMIT_REACHED, MemberChangeException::reason);
    }

    private List<JoinTokenInfo> listed() throws Exception {
        return desk("a").issued().list(cluster.at("a").groups().get(0));
    }

    private MemberChangeResult withdraw(JoinSecret secret) throws Exception {
        return desk("a")
                .issued()
                .withdraw(cluster.at("a").groups().get(0), token(secret).id(), BOB);
    }

    @Test
    void tokens_are_listed_with_who_made_them_and_what_became_of_them_but_without_themselves() throws Exception {
        watchAt("a");
        assertThat(listed()).isEmpty();
        JoinSecret unused = issue("x");
        JoinSecret spent = issue("");
        cluster.present("d", spent);
        timers.advance(A_WHILE);
        JoinSecret inUse = issue("");
        cluster.apply(new Command.UseJoin(inUse.hash(), "e", peer("e").id().incarnation()));
        JoinSecret withdrawn = issue("");
        withdraw(withdrawn);
        cluster.nowMs += 60_000;

        String one = peer("d").id().incarnation();
        assertThat(listed())
                .containsExactlyInAnyOrder(
                        info(unused, "x", State.UNUSED, "", ""),
                        info(spent, "", State.SPENT, "d", one),
                        info(inUse, "", State.IN_USE, "e", one),
                        info(withdrawn, "", State.WITHDRAWN, "", ""));
        for (JoinSecret each : List.of(unused, spent, inUse, withdrawn)) {
            assertThat(listed().toString()).doesNotContain(each.text()).doesNotContain(each.hash());
        }
        cluster.nowMs += HOUR.toMillis();
        assertThat(listed()).isEmpty();
    }

    private JoinTokenInfo info(JoinSecret secret, String name, State state, String user, String incarnation) {
        return new JoinTokenInfo(
                token(secret).id(),
                name,
                state,
                "ann",
                "10.0.0.7",
                Instant.ofEpochMilli(5000),
                HOUR.minusMinutes(1),
                user,
                incarnation);
    }

    @Test
    void a_token_that_was_withdrawn_lets_nobody_in_and_its_bearer_hears_why() throws Exception {
        watchAt("a");
        JoinSecret secret = issue("");
        JoinSecret other = issue("");
        assertThat(withdraw(secret))
                .returns(true, MemberChangeResult::changed)
                .returns(
                        "join token " + token(secret).id() + " is withdrawn: it lets nobody in any more",
                        MemberChangeResult::text);
        assertThat(withdraw(secret))
                .returns(false, MemberChangeResult::changed)
                .returns(
                        "join token " + token(secret).id() + " was withdrawn already: it lets nobody in any more",
                        MemberChangeResult::text);
        cluster.present("d", secret);
        cluster.present("e", other);

        timers.advance(A_WHILE);

        assertThat(verdict("d")).contains("its join token was withdrawn");
        assertThat(are(members(voters("a", "b", "c", "e")))).isTrue();
    }

    @Test
    void a_token_that_is_withdrawn_before_its_newcomer_has_its_turn_lets_it_in_no_more() throws Exception {
        JoinSecret secret = issue("");
        PeerId d = peer("d").id();
        assertThat(desk("a").use(d, secret.hash())).isEmpty();
        AutomaticChange change = AutomaticChange.admit(d, "", desk("a").mayCome(d, secret.hash()));
        cluster.present("d", secret);

        assertThat(withdraw(secret).text()).contains("'d' has used it", "under way already");

        assertThatThrownBy(() -> changer("a").perform(change, PATIENCE)).hasMessageContaining("not good any more");
        assertThat(cluster.history()).isEmpty();
    }

    @Test
    void a_newcomer_that_is_being_let_in_while_its_token_is_withdrawn_is_a_member_or_none_and_does_not_come_back()
            throws Exception {
        watchAt("a");
        JoinSecret secret = issue("");
        cluster.apply(new Command.UseJoin(secret.hash(), "d", peer("d").id().incarnation()));
        withdraw(secret);
        // A leader before had begun.
        cluster.groups.get(0).members = members(voters("a", "b", "c", "d"));
        cluster.present("d", secret);
        timers.advance(A_WHILE);
        changer("a").perform(MemberChange.of(Action.REMOVE, "d"), PATIENCE);
        assertThat(token(secret).ended()).isTrue();
        assertThat(withdraw(secret))
                .returns(false, MemberChangeResult::changed)
                .satisfies(result -> assertThat(result.text()).contains("has let 'd' in"));
        timers.advance(A_WHILE);
        assertThat(are(members(voters("a", "b", "c")))).isTrue();
    }

    @Test
    void what_is_no_id_of_a_token_is_refused_and_not_repeated() throws Exception {
        MemberControl.Group first = cluster.at("a").groups().get(0);
        JoinSecret secret = issue("");
        for (String wrong : new String[] {
            "", secret.text(), secret.hash(), token(secret).id().substring(1)
        }) {
            assertThat(catchThrowableOfType(
                            MemberChangeException.class,
                            () -> desk("a").issued().withdraw(first, wrong, BOB)))
                    .returns(Reason.NOT_UNDERSTOOD, MemberChangeException::reason)
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain(secret.text()));
        }
        assertThat(catchThrowableOfType(
                        MemberChangeException.class, () -> desk("a").issued().withdraw(first, "0123456789ab", BOB)))
                .returns(Reason.NO_SUCH_TOKEN, MemberChangeException::reason);
        String id = token(secret).id();
        cluster.nowMs += HOUR.toMillis();
        assertThat(catchThrowableOfType(
                        MemberChangeException.class, () -> desk("a").issued().withdraw(first, id, BOB)))
                .returns(Reason.NO_SUCH_TOKEN, MemberChangeException::reason);
    }

    @Test
    void tokens_are_listed_and_withdrawn_at_a_leader_that_knows_it_leads_only() throws Exception {
        JoinSecret secret = issue("");
        MemberControl.Group atB = cluster.at("b").groups().get(0);
        assertThatThrownBy(() -> desk("b").issued().list(atB)).isInstanceOf(NotLeadingException.class);
        assertThatThrownBy(() -> desk("b").issued().withdraw(atB, token(secret).id(), BOB))
                .isInstanceOf(NotLeadingException.class);
        cluster.silence("b");
        cluster.silence("c");
        assertThat(catchThrowableOfType(MemberChangeException.class, this::listed))
                .returns(Reason.NOT_CONFIRMED, MemberChangeException::reason);
        assertThat(catchThrowableOfType(MemberChangeException.class, () -> withdraw(secret)))
                .returns(Reason.NOT_CONFIRMED, MemberChangeException::reason);
        assertThat(token(secret).withdrawn()).isFalse();
    }
}
