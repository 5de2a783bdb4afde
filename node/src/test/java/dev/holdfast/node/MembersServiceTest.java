package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.ChangeMembersReply;
import dev.holdfast.client.v1.ChangeRefusal;
import dev.holdfast.client.v1.IssueJoinTokenReply;
import dev.holdfast.client.v1.IssueJoinTokenRequest;
import dev.holdfast.client.v1.JoinTokenInfoProto;
import dev.holdfast.client.v1.JoinTokenState;
import dev.holdfast.client.v1.MembersReply;
import dev.holdfast.client.v1.WithdrawJoinTokenRequest;
import dev.holdfast.client.wire.MembersCodec;
import dev.holdfast.node.internal.access.Denial;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.membership.AutomaticChange;
import dev.holdfast.node.internal.membership.FakeCluster;
import dev.holdfast.node.internal.membership.JoinDesk;
import dev.holdfast.node.internal.membership.MemberChanger;
import dev.holdfast.node.internal.membership.MemberControl;
import dev.holdfast.node.internal.transport.Refusals;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.Query;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Who may change members over the network, and what is written of it. */
class MembersServiceTest {
    private static final Principal ROOT = new Principal("root", Set.of());
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final Logger logger = (Logger) LoggerFactory.getLogger(AuditLog.NAME);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private Level level;
    private final FakeCluster cluster = new FakeCluster(1, "a", "b", "c");
    private final Refusals refusals = new Refusals("a");
    private final MembersService service = service("a");

    private MembersService service(String at) {
        return service(cluster, at);
    }

    private static AuditedChanger changer(FakeCluster cluster, String at) {
        MemberControl control = cluster.at(at);
        JoinDesk desk = new JoinDesk(cluster.joins(at));
        MemberControl.Group first = control.groups().get(0);
        return new AuditedChanger(
                new MemberChanger(control, 5, desk), desk, first, new MemberAudit(cluster.joins(at), first, () -> NOW));
    }

    private MembersService service(FakeCluster cluster, String at) {
        return new MembersService(
                cluster.at(at),
                changer(cluster, at),
                () -> MembersReply.newBuilder().setPeerId(at),
                ROOT::equals,
                refusals);
    }

    @BeforeEach
    void listen() {
        level = logger.getLevel();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void close() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(level);
        service.close();
    }

    private static ChangeMembersReply change(MembersService at, Principal caller, Action action, String name)
            throws Exception {
        return at.change(caller, "10.0.0.7", MembersCodec.encode(MemberChange.of(action, name), Duration.ofSeconds(60)))
                .get(60, TimeUnit.SECONDS);
    }

    private List<String> written() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void an_administrators_change_is_done_and_audited() throws Exception {
        cluster.present("d");

        ChangeMembersReply reply = change(service, ROOT, Action.ADD, "d");

        assertThat(reply.getChanged().getChanged()).isTrue();
        assertThat(audit())
                .containsExactly(
                        record(1, "members-add", "d", "begins"),
                        record(2, "members-add", "d", "'d' is a member now, one of 4 voters"));
        assertThat(written()).isEmpty();
    }

    private static AuditRecord record(long number, String action, String target, String detail) {
        return new AuditRecord(number, NOW.toEpochMilli(), "root", "10.0.0.7", action, target, detail);
    }

    @Test
    void a_refused_change_is_audited_too() throws Exception {
        ChangeMembersReply reply = change(service, ROOT, Action.REMOVE, "c");

        assertThat(reply.getRefused().getReason()).isEqualTo(ChangeRefusal.CHANGE_REFUSAL_NO_SPARE);
        assertThat(audit())
                .containsExactly(record(
                        1,
                        "members-remove",
                        "c",
                        "refused (NO_SPARE): " + reply.getRefused().getText()));
    }

    @Test
    void each_kind_of_change_is_audited_and_whether_it_was_forced() throws Exception {
        cluster.present("b@2");
        cluster.silence("b");
        change(service, ROOT, Action.REPLACE, "b");
        service.change(
                        ROOT,
                        "10.0.0.7",
                        MembersCodec.encode(new MemberChange(Action.DEMOTE, "c", true), Duration.ofSeconds(60)))
                .get(60, TimeUnit.SECONDS);
        change(service, ROOT, Action.PROMOTE, "c");
        change(service, ROOT, Action.REMOVE, "x");

        assertThat(audit())
                .extracting(each -> each.action() + " " + each.target())
                .containsExactly(
                        "members-replace b",
                        "members-replace b",
                        "members-demote-by-force c",
                        "members-demote-by-force c",
                        "members-promote c",
                        "members-promote c",
                        "members-remove x");
    }

    @Test
    void that_another_is_to_lead_is_recorded_before_and_what_became_of_it_is_logged_where_nothing_can_be_recorded()
            throws Exception {
        change(service, ROOT, Action.LEAD, "b");

        assertThat(audit()).containsExactly(record(1, "members-lead", "b", "begins: 'b' is to be elected"));
        assertThat(written())
                .containsExactly("{\"group\":0,\"time\":\"2026-06-01T12:00:00Z\",\"principal\":\"root\","
                        + "\"address\":\"10.0.0.7\",\"action\":\"members-lead\",\"target\":\"b\","
                        + "\"detail\":\"'b' leads now\"}");
    }

    @Test
    void a_leader_that_is_to_be_removed_records_that_it_hands_over_and_its_successor_the_rest() throws Exception {
        cluster.present("d");
        change(service, ROOT, Action.ADD, "d");
        String next = change(service, ROOT, Action.REMOVE, "a").getLeader().getPeerId();
        try (MembersService successor = service(next)) {
            change(successor, ROOT, Action.REMOVE, "a");
        }
        assertThat(audit().subList(2, 5))
                .containsExactly(
                        record(3, "members-remove", "a", "begins: '" + next + "' is to lead, and to do it"),
                        record(4, "members-remove", "a", "begins"),
                        record(5, "members-remove", "a", "'a' is no member any more"));
    }

    @Test
    void nothing_is_done_that_cannot_be_recorded() throws Exception {
        cluster.present("d");
        cluster.auditIsBroken = true;

        ChangeMembersReply reply = change(service, ROOT, Action.ADD, "d");

        assertThat(reply.getRefused().getReason()).isEqualTo(ChangeRefusal.CHANGE_REFUSAL_UNDER_WAY);
        assertThat(reply.getRefused().getText()).contains("the audit could not be written");
        assertThat(cluster.history()).isEmpty();
        assertThat(written()).singleElement().asString().contains("members-add", "refused (UNDER_WAY)");
        cluster.auditIsBroken = false;
        assertThat(change(service, ROOT, Action.ADD, "d").getChanged().getChanged())
                .isTrue();
    }

    @Test
    void as_long_as_some_member_does_not_know_such_records_they_are_in_the_log_of_the_audit() throws Exception {
        FakeCluster old = FakeCluster.withSemantics(ProtocolVersion.JOIN_TOKENS - 1, "a", "b", "c");
        old.present("d");
        try (MembersService of = service(old, "a")) {
            assertThat(change(of, ROOT, Action.ADD, "d").getChanged().getChanged())
                    .isTrue();
        }
        assertThat(written()).hasSize(2);
        assertThat(written().get(1)).contains("members-add", "'d' is a member now");
        assertThat(old.machine.lastAudited()).isZero();
    }

    @Test
    void what_the_cluster_does_by_itself_is_recorded_under_its_own_name_and_once_though_it_is_tried_again()
            throws Exception {
        AuditedChanger changer = changer(cluster, "a");
        cluster.present("d");
        AutomaticChange join = cluster.admission("d", "by join token 0123456789ab");
        cluster.breakConfigurations(true);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> changer.perform(join, Duration.ofMillis(1)))
                    .isInstanceOf(MemberChangeException.class);
        }
        cluster.breakConfigurations(false);
        changer.perform(join, Duration.ofSeconds(60));

        assertThat(audit())
                .containsExactly(
                        byItself(1, "begins, by join token 0123456789ab"),
                        byItself(2, "'d' is a member now, one of 4 voters, by join token 0123456789ab"));
    }

    @Test
    void what_the_cluster_had_given_up_and_was_done_all_the_same_is_recorded_as_done() throws Exception {
        AuditedChanger changer = changer(cluster, "a");
        cluster.present("d");
        AutomaticChange join = cluster.admission("d", "by join token 0123456789ab");
        cluster.breakConfigurations(true);
        assertThatThrownBy(() -> changer.perform(join, Duration.ofMillis(1))).isInstanceOf(MemberChangeException.class);
        cluster.breakConfigurations(false);
        assertThat(change(service, ROOT, Action.ADD, "d").getChanged().getChanged())
                .isTrue();

        assertThat(changer.perform(join, Duration.ofSeconds(60)).changed()).isFalse();
        assertThat(changer.perform(join, Duration.ofSeconds(60)).changed()).isFalse();

        assertThat(audit()).hasSize(4);
        assertThat(audit().get(3).principal()).isEqualTo("holdfast");
        assertThat(audit().get(3).detail()).endsWith(", by join token 0123456789ab");
    }

    @Test
    void whoever_asks_in_vain_again_and_again_does_not_push_out_what_was_done() throws Exception {
        for (int i = 0; i < 30; i++) {
            change(service, ROOT, Action.REMOVE, "c");
        }
        assertThat(audit()).hasSize(20);
        assertThat(written()).hasSize(10).allMatch(line -> line.contains("refused (NO_SPARE)"));
    }

    @Test
    void what_was_found_out_before_a_record_was_written_is_found_out_again_after_it() throws Exception {
        cluster.present("d");
        MemberControl control = cluster.at("a");
        AtomicBoolean mayCome = new AtomicBoolean(true);
        AutomaticChange ofD = cluster.admission("d", "by a token", mayCome::get);

        MemberChanger changer = new MemberChanger(control, 5, new JoinDesk(cluster.joins("a")));
        assertThatThrownBy(() -> changer.perform(ofD, Duration.ofSeconds(60), what -> mayCome.getAndSet(false)))
                .isInstanceOf(MemberChangeException.class)
                .hasMessageContaining("is not good any more");

        assertThat(cluster.history()).isEmpty();
    }

    private static AuditRecord byItself(long number, String detail) {
        return new AuditRecord(number, NOW.toEpochMilli(), "holdfast", "", "members-join", "d", detail);
    }

    @Test
    void what_is_no_text_is_recorded_as_far_as_it_is_one() throws Exception {
        change(service, ROOT, Action.REMOVE, "x\ny\ud800" + "z".repeat(5000));

        assertThat(audit()).singleElement().satisfies(each -> {
            assertThat(each.target()).startsWith("x?y?zzz").hasSize(Limits.NAME_BYTES_MAX);
            assertThat(each.detail()).startsWith("there is no member 'x?y?zzz");
        });
    }

    @Test
    void nobody_else_may_change_members() {
        cluster.present("d");

        assertThatThrownBy(() -> change(service, new Principal("eve", Set.of()), Action.ADD, "d"))
                .cause()
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.kind()).isEqualTo(TransportException.Kind.FORBIDDEN))
                .hasMessageContaining("'eve' may not");
        assertThat(refusals.count(Denial.FORBIDDEN)).isEqualTo(1);
        assertThat(cluster.history()).isEmpty();
        // Whoever may do nothing could push out of the audit what is in it.
        assertThat(audit()).isEmpty();
    }

    private static IssueJoinTokenReply issue(MembersService at, Principal caller, String name) throws Exception {
        return at.issueJoinToken(
                        caller,
                        "10.0.0.7",
                        IssueJoinTokenRequest.newBuilder()
                                .setName(name)
                                .setValidMs(Duration.ofHours(1).toMillis())
                                .build())
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void an_administrator_gets_a_join_token_which_is_in_no_audit() throws Exception {
        String token = issue(service, ROOT, "d").getToken();

        assertThat(token).matches("join-[0-9a-f]{32}");
        assertThat(issue(service, ROOT, "").getToken()).isNotEqualTo(token);
        assertThat(issue(service, ROOT, "no name").getRefused().getReason())
                .isEqualTo(ChangeRefusal.CHANGE_REFUSAL_NOT_UNDERSTOOD);
        List<AuditRecord> audit = audit();
        assertThat(audit).hasSize(3);
        assertThat(audit.get(0))
                .returns("root", AuditRecord::principal)
                .returns("10.0.0.7", AuditRecord::address)
                .returns(NOW.toEpochMilli(), AuditRecord::atEpochMs)
                .returns("members-token", AuditRecord::action)
                .returns("d", AuditRecord::target)
                .satisfies(each -> assertThat(each.detail()).contains("3600 s").doesNotContain(token.substring(5)));
        assertThat(audit.get(2).detail()).contains("refused (NOT_UNDERSTOOD)");
    }

    private List<AuditRecord> audit() {
        return ((Answer.AuditPage) cluster.machine.answer(new Query.Audit(0, 100))).records();
    }

    private static List<JoinTokenInfoProto> tokens(MembersService at, Principal caller) throws Exception {
        return at.joinTokens(caller, "10.0.0.7")
                .get(60, TimeUnit.SECONDS)
                .getList()
                .getTokensList();
    }

    private static ChangeMembersReply withdraw(MembersService at, Principal caller, String id) throws Exception {
        return at.withdrawJoinToken(
                        caller,
                        "10.0.0.8",
                        WithdrawJoinTokenRequest.newBuilder().setId(id).build())
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void an_administrator_sees_and_withdraws_join_tokens() throws Exception {
        String token = issue(service, ROOT, "d").getToken();
        JoinTokenInfoProto listed = tokens(service, ROOT).get(0);
        assertThat(listed.getState()).isEqualTo(JoinTokenState.JOIN_TOKEN_STATE_UNUSED);
        assertThat(listed.getMadeBy()).isEqualTo("root");
        assertThat(token).doesNotContain(listed.getId());

        assertThat(withdraw(service, ROOT, listed.getId()).getChanged().getChanged())
                .isTrue();

        assertThat(tokens(service, ROOT).get(0).getState()).isEqualTo(JoinTokenState.JOIN_TOKEN_STATE_WITHDRAWN);
        assertThat(audit().get(1))
                .returns("root", AuditRecord::principal)
                .returns("10.0.0.8", AuditRecord::address)
                .returns("members-withdraw", AuditRecord::action)
                .satisfies(each -> assertThat(each.detail()).contains(listed.getId()));
    }

    @Test
    void a_token_that_is_given_in_place_of_an_id_is_written_nowhere() throws Exception {
        String token = issue(service, ROOT, "").getToken();
        ChangeMembersReply reply = withdraw(service, ROOT, token);
        assertThat(reply.getRefused().getReason()).isEqualTo(ChangeRefusal.CHANGE_REFUSAL_NOT_UNDERSTOOD);
        assertThat(reply.toString() + written() + audit()).doesNotContain(token.substring(5));
        assertThat(audit().get(1))
                .returns("members-withdraw", AuditRecord::action)
                .returns("no id", AuditRecord::target)
                .satisfies(each -> assertThat(each.detail()).startsWith("refused (NOT_UNDERSTOOD)"));
    }

    @Test
    void nobody_else_sees_or_withdraws_join_tokens_and_only_at_the_leader() throws Exception {
        Principal eve = new Principal("eve", Set.of());
        issue(service, ROOT, "");
        String id = tokens(service, ROOT).get(0).getId();
        assertThatThrownBy(() -> tokens(service, eve)).hasMessageContaining("'eve' may not see join tokens");
        assertThatThrownBy(() -> withdraw(service, eve, id)).hasMessageContaining("'eve' may not withdraw join tokens");
        assertThat(refusals.count(Denial.FORBIDDEN)).isEqualTo(2);
        try (MembersService follower = service("b")) {
            assertThat(follower.joinTokens(ROOT, "")
                            .get(60, TimeUnit.SECONDS)
                            .getLeader()
                            .getPeerId())
                    .isEqualTo("a");
            assertThat(withdraw(follower, ROOT, id).getLeader().getPeerId()).isEqualTo("a");
        }
        assertThat(tokens(service, ROOT).get(0).getState()).isEqualTo(JoinTokenState.JOIN_TOKEN_STATE_UNUSED);
    }

    @Test
    void nobody_else_gets_a_join_token_and_only_the_leader_makes_one() throws Exception {
        assertThatThrownBy(() -> issue(service, new Principal("eve", Set.of()), "d"))
                .hasMessageContaining("'eve' may not");
        assertThat(refusals.count(Denial.FORBIDDEN)).isEqualTo(1);
        try (MembersService follower = service("b")) {
            assertThat(issue(follower, ROOT, "d").getLeader().getPeerId()).isEqualTo("a");
        }
        assertThat(written()).isEmpty();
    }

    @Test
    void a_peer_that_does_not_lead_names_the_leader() throws Exception {
        try (MembersService follower = service("b")) {
            assertThat(change(follower, ROOT, Action.ADD, "d").getLeader().getPeerId())
                    .isEqualTo("a");
        }
        assertThat(written()).isEmpty();
    }

    @Test
    void members_and_newcomers_are_listed_by_any_peer() throws Exception {
        cluster.present("d");
        cluster.present("a");
        cluster.silence("c");

        List<MemberStatus> members = service.members().get(60, TimeUnit.SECONDS).getMembersList().stream()
                .map(MembersCodec::decode)
                .toList();

        assertThat(members).extracting(MemberStatus::name).containsExactly("a", "b", "c", "d");
        assertThat(members)
                .extracting(MemberStatus::role)
                .containsExactly(
                        MemberStatus.Role.VOTER,
                        MemberStatus.Role.VOTER,
                        MemberStatus.Role.VOTER,
                        MemberStatus.Role.NEWCOMER);
        assertThat(members).extracting(MemberStatus::answers).containsExactly(true, true, false, true);
        assertThat(members.get(0).leads()).containsExactly(0);
    }
}
