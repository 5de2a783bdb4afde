package dev.holdfast.node.internal.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.MemberStatus.Role;
import dev.holdfast.client.remote.RemoteMembership;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ChangeMembersReply;
import dev.holdfast.client.v1.ChangeMembersRequest;
import dev.holdfast.client.v1.IssueJoinTokenReply;
import dev.holdfast.client.v1.IssueJoinTokenRequest;
import dev.holdfast.client.v1.JoinTokenListProto;
import dev.holdfast.client.v1.JoinTokensReply;
import dev.holdfast.client.v1.LeaderHintProto;
import dev.holdfast.client.v1.MembersReply;
import dev.holdfast.client.v1.WithdrawJoinTokenRequest;
import dev.holdfast.client.wire.MembersCodec;
import dev.holdfast.node.internal.access.Principal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How members are asked for and changed over the network. */
class MembersCallsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final MemberChange CHANGE = new MemberChange(Action.DEMOTE, "c", true);
    private static final MemberStatus VOTER = new MemberStatus(
            "a",
            "0123456789abcdef",
            new HostPort("::1", 7101),
            new HostPort("host.example", 7201),
            Role.VOTER,
            List.of(0, 3),
            OptionalLong.of(-1),
            "1.2");
    private static final MemberStatus SILENT = new MemberStatus(
            "b",
            "",
            new HostPort("10.0.0.1", 1),
            new HostPort("10.0.0.2", 2),
            Role.LISTENER,
            List.of(),
            OptionalLong.empty(),
            "");

    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    /** What is behind one port. */
    private final class Door implements MembersDoor {
        final Queue<ChangeMembersRequest> asked = new ConcurrentLinkedQueue<>();
        volatile CompletableFuture<ChangeMembersReply> answer =
                CompletableFuture.failedFuture(new IllegalStateException("unset"));
        final Queue<IssueJoinTokenRequest> tokensAsked = new ConcurrentLinkedQueue<>();
        volatile CompletableFuture<IssueJoinTokenReply> tokenAnswer =
                CompletableFuture.failedFuture(new IllegalStateException("unset"));
        final Queue<WithdrawJoinTokenRequest> withdrawalsAsked = new ConcurrentLinkedQueue<>();
        volatile CompletableFuture<JoinTokensReply> listAnswer =
                CompletableFuture.failedFuture(new IllegalStateException("unset"));
        final HostPort address;

        Door() throws IOException {
            ClientPort port = fixture.closing(ClientPort.builder()
                    .host("127.0.0.1")
                    .port(0)
                    .clusterId(() -> PortFixture.CLUSTER)
                    .peerId("a")
                    .group((caller, address) -> new FakeTransport(), () -> null)
                    .members(this)
                    .build());
            port.start();
            this.address = new HostPort("127.0.0.1", port.port());
        }

        void answers(ChangeMembersReply.Builder reply) {
            answer = CompletableFuture.completedFuture(reply.build());
        }

        @Override
        public CompletableFuture<MembersReply> members() {
            return CompletableFuture.completedFuture(MembersReply.newBuilder()
                    .setClusterId(PortFixture.CLUSTER)
                    .setClusterName("one")
                    .setPeerId("a")
                    .addMembers(MembersCodec.encode(VOTER))
                    .addMembers(MembersCodec.encode(SILENT))
                    .build());
        }

        @Override
        public CompletableFuture<ChangeMembersReply> change(
                Principal caller, String address, ChangeMembersRequest request) {
            asked.add(request);
            return answer;
        }

        @Override
        public CompletableFuture<IssueJoinTokenReply> issueJoinToken(
                Principal caller, String address, IssueJoinTokenRequest request) {
            tokensAsked.add(request);
            return tokenAnswer;
        }

        @Override
        public CompletableFuture<JoinTokensReply> joinTokens(Principal caller, String address) {
            return listAnswer;
        }

        @Override
        public CompletableFuture<ChangeMembersReply> withdrawJoinToken(
                Principal caller, String address, WithdrawJoinTokenRequest request) {
            withdrawalsAsked.add(request);
            return answer;
        }
    }

    private RemoteMembership at(String cluster, Door... doors) {
        return new RemoteMembership(
                List.of(doors).stream().map(door -> door.address).toList(),
                RemoteOptions.named("test")
                        .withClusterName(cluster)
                        .withConnectTimeout(PATIENCE)
                        .withRequestTimeout(PATIENCE));
    }

    private static ChangeMembersReply.Builder changed(MemberChangeResult result) {
        return ChangeMembersReply.newBuilder().setChanged(MembersCodec.encode(result));
    }

    private static ChangeMembersReply.Builder leader(LeaderHint hint) {
        return ChangeMembersReply.newBuilder().setLeader(MembersCodec.encode(hint));
    }

    @Test
    void members_come_back_as_they_were_sent() throws Exception {
        var answer = at("", new Door()).members();

        assertThat(answer.members()).containsExactly(VOTER, SILENT);
        assertThat(answer.clusterName()).isEqualTo("one");
        assertThat(answer.peerId()).isEqualTo("a");
    }

    @Test
    void a_change_is_asked_for_where_the_leader_is() throws Exception {
        Door follower = new Door();
        Door leader = new Door();
        MemberChangeResult result = new MemberChangeResult(true, "'c' is a listener now", List.of(2));
        follower.answers(leader(new LeaderHint("b", leader.address)));
        leader.answers(changed(result));

        assertThat(at("", follower).change(CHANGE, PATIENCE)).isEqualTo(result);

        assertThat(leader.asked).singleElement().satisfies(request -> {
            assertThat(MembersCodec.decode(request)).isEqualTo(CHANGE);
            assertThat(request.getTimeoutMs()).isBetween(1L, PATIENCE.toMillis());
        });
    }

    @Test
    void a_join_token_is_asked_of_whoever_leads() throws Exception {
        Door leader = new Door();
        Door follower = new Door();
        follower.tokenAnswer = CompletableFuture.completedFuture(IssueJoinTokenReply.newBuilder()
                .setLeader(MembersCodec.encode(new LeaderHint("b", leader.address)))
                .build());
        leader.tokenAnswer = CompletableFuture.completedFuture(
                IssueJoinTokenReply.newBuilder().setToken("secret").build());

        assertThat(at("", follower).issueJoinToken("d", Duration.ofMinutes(3), PATIENCE))
                .isEqualTo("secret");

        assertThat(leader.tokensAsked).singleElement().satisfies(request -> {
            assertThat(request.getName()).isEqualTo("d");
            assertThat(request.getValidMs()).isEqualTo(180_000);
        });
        leader.tokenAnswer = CompletableFuture.completedFuture(IssueJoinTokenReply.newBuilder()
                .setRefused(MembersCodec.encode(new MemberChangeException(Reason.UPGRADE_FIRST, "because")))
                .build());
        assertThat(catchThrowableOfType(
                        MemberChangeException.class,
                        () -> at("", leader).issueJoinToken("", Duration.ofMinutes(3), PATIENCE)))
                .returns(Reason.UPGRADE_FIRST, MemberChangeException::reason);
    }

    @Test
    void join_tokens_come_back_as_whoever_leads_sent_them_and_one_is_withdrawn_there() throws Exception {
        Door leader = new Door();
        Door follower = new Door();
        LeaderHintProto hint = MembersCodec.encode(new LeaderHint("b", leader.address));
        follower.listAnswer = CompletableFuture.completedFuture(
                JoinTokensReply.newBuilder().setLeader(hint).build());
        follower.answers(ChangeMembersReply.newBuilder().setLeader(hint));
        List<JoinTokenInfo> tokens = new ArrayList<>();
        JoinTokenListProto.Builder list = JoinTokenListProto.newBuilder();
        for (JoinTokenInfo.State state : JoinTokenInfo.State.values()) {
            JoinTokenInfo token = new JoinTokenInfo(
                    "0123456789ab",
                    "d",
                    state,
                    "ann",
                    "10.0.0.7",
                    tokens.isEmpty() ? null : Instant.ofEpochMilli(7),
                    Duration.ofMinutes(3),
                    "d",
                    "f".repeat(16));
            tokens.add(token);
            list.addTokens(MembersCodec.encode(token));
        }
        leader.listAnswer = CompletableFuture.completedFuture(
                JoinTokensReply.newBuilder().setList(list).build());
        MemberChangeResult result = new MemberChangeResult(true, "withdrawn", List.of());
        leader.answers(changed(result));

        assertThat(at("", follower).joinTokens(PATIENCE)).isEqualTo(tokens);
        assertThat(at("", follower).withdrawJoinToken("0123456789ab", PATIENCE)).isEqualTo(result);

        assertThat(leader.withdrawalsAsked)
                .singleElement()
                .satisfies(request -> assertThat(request.getId()).isEqualTo("0123456789ab"));
        leader.listAnswer = CompletableFuture.completedFuture(JoinTokensReply.newBuilder()
                .setRefused(MembersCodec.encode(new MemberChangeException(Reason.UPGRADE_FIRST, "because")))
                .build());
        assertThat(catchThrowableOfType(
                        MemberChangeException.class, () -> at("", leader).joinTokens(PATIENCE)))
                .returns(Reason.UPGRADE_FIRST, MemberChangeException::reason);
    }

    @Test
    void peers_that_know_of_no_leader_or_name_each_other_are_asked_again_until_one_leads() throws Exception {
        Door one = new Door();
        Door other = new Door();
        one.answers(leader(new LeaderHint("b", other.address)));
        other.answers(leader(null));
        MemberChangeResult result = new MemberChangeResult(false, "so already", List.of());
        CompletableFuture<MemberChangeResult> asking = CompletableFuture.supplyAsync(() -> {
            try {
                return at("", one, other).change(CHANGE, PATIENCE);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        PortFixture.soon().until(() -> other.asked.size() >= 2);
        one.answers(changed(result));

        assertThat(PortFixture.get(asking)).isEqualTo(result);
    }

    @Test
    void every_refusal_comes_back_as_it_was_sent() throws Exception {
        Door door = new Door();
        for (Reason reason : Reason.values()) {
            door.answers(ChangeMembersReply.newBuilder()
                    .setRefused(MembersCodec.encode(new MemberChangeException(reason, "because"))));

            MemberChangeException refused = catchThrowableOfType(
                    MemberChangeException.class, () -> at("", door).change(CHANGE, PATIENCE));

            assertThat(refused).hasMessage("because");
            assertThat(refused.reason()).isEqualTo(reason == Reason.NO_LEADER ? Reason.NOT_CONFIRMED : reason);
        }
    }

    @Test
    void every_action_arrives() throws Exception {
        for (Action action : Action.values()) {
            MemberChange change = MemberChange.of(action, "d");
            assertThat(MembersCodec.decode(MembersCodec.encode(change, PATIENCE)))
                    .isEqualTo(change);
        }
        assertThatThrownBy(() -> MembersCodec.decode(ChangeMembersRequest.getDefaultInstance()))
                .isInstanceOf(MemberChangeException.class);
    }

    @Test
    void whoever_may_not_is_told_so_and_asks_nobody_else() throws Exception {
        Door door = new Door();
        Door other = new Door();
        door.answer = CompletableFuture.failedFuture(new TransportException(Kind.FORBIDDEN, "takes the role 'admin'"));

        assertThatThrownBy(() -> at("", door, other).change(CHANGE, PATIENCE))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FORBIDDEN))
                .hasMessageContaining("takes the role 'admin'");
        assertThat(other.asked).isEmpty();
    }

    @Test
    void another_cluster_is_not_changed() throws Exception {
        Door door = new Door();
        assertThatThrownBy(() -> at("two", door).change(CHANGE, PATIENCE)).hasMessageContaining("belongs to 'one'");
        assertThatThrownBy(() -> at("two", door).members()).hasMessageContaining("belongs to 'one'");
        assertThat(door.asked).isEmpty();
    }

    @Test
    void without_a_leader_the_time_runs_out() throws Exception {
        Door door = new Door();
        door.answers(leader(null));

        MemberChangeException refused = catchThrowableOfType(
                MemberChangeException.class, () -> at("", door).change(CHANGE, Duration.ofMillis(300)));

        assertThat(refused.reason()).isEqualTo(Reason.NO_LEADER);
    }
}
