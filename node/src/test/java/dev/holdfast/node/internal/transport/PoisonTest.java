package dev.holdfast.node.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.Member;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.support.OldFolders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two of three members are at work, and somebody poses as the third: with its secret, and without. Whatever it says that a member
 * would not say changes nothing, and the two go on.
 */
@TestInstance(Lifecycle.PER_CLASS)
class PoisonTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final byte[] SECRET = "a secret that the three of them share".getBytes(StandardCharsets.UTF_8);
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final Lockable THING = new Lockable("thing", "thing");

    private final List<HoldfastNode> nodes = new ArrayList<>();
    private final List<Members> attackers = new ArrayList<>();
    private List<Member> members = List.of();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        List<Integer> ports = FreePorts.find(6);
        members = List.of(
                new Member("a", "127.0.0.1", ports.get(0), ports.get(1)),
                new Member("b", "127.0.0.1", ports.get(2), ports.get(3)),
                new Member("c", "127.0.0.1", ports.get(4), ports.get(5)));
        UUID cluster = UUID.randomUUID();
        for (String id : List.of("a", "b")) {
            nodes.add(HoldfastNode.builder()
                    .id(id)
                    .members(members)
                    .dataFolder(OldFolders.make(folder.resolve(id), cluster, id, members))
                    .secret(SECRET)
                    .start());
        }
        for (HoldfastNode node : nodes) {
            assertThat(node.awaitReady(PATIENCE)).isTrue();
        }
    }

    @AfterAll
    void stop() {
        attackers.forEach(Members::close);
        nodes.forEach(HoldfastNode::close);
    }

    @AfterEach
    void the_members_go_on_and_agree() {
        nodes.get(0).client().createLock().acquire(ALICE, THING).orThrow().release();
        for (HoldfastNode node : nodes) {
            assertThat(node.failure().toCompletableFuture()).isNotDone();
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(nodes.get(0).stateHash())
                        .isEqualTo(nodes.get(1).stateHash()));
    }

    private UUID cluster() {
        return UUID.fromString(nodes.get(0).clusterId());
    }

    private Link link(byte[] secret, Member to, Lane lane) throws Exception {
        Identity c = new Identity(cluster(), PeerId.parse("c"), MemberSecret.of(secret), null);
        Members attacker = new Members(c, name -> List.of(to.raftAddress()), new RecordingHost());
        attackers.add(attacker);
        return attacker.link(to.id(), lane);
    }

    private RaftRpcRequestProto header(String from, String to) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8(from))
                .setReplyId(ByteString.copyFromUtf8(to))
                .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(RaftGroupId.valueOf(cluster())))
                .build();
    }

    private AppendEntriesRequestProto append(String from, String to, LogEntryProto.Builder entry) {
        long last = nodes.get(0).appliedIndex();
        long term = 1_000_000;
        return AppendEntriesRequestProto.newBuilder()
                .setServerRequest(header(from, to))
                .setLeaderTerm(term)
                .setLeaderCommit(last + 1)
                .setPreviousLog(TermIndexProto.newBuilder().setTerm(1).setIndex(last))
                .addEntries(entry.setTerm(term).setIndex(last + 1))
                .build();
    }

    /** Asks both of them, and tells what each of them said: why it refused. */
    private List<Reason> ask(byte[] secret, FrameKind kind, Function<Member, MessageLite> message) throws Exception {
        List<Reason> reasons = new ArrayList<>();
        for (Member to : members.subList(0, 2)) {
            Link link = link(secret, to, Objects.requireNonNull(kind.lane()));
            try {
                link.ask(kind, message.apply(to).toByteArray(), PATIENCE.toMillis())
                        .get(2, TimeUnit.MINUTES);
                throw new AssertionError(to + " answered " + kind);
            } catch (ExecutionException e) {
                reasons.add(Reason.in(e.getCause()));
            }
        }
        return reasons;
    }

    private static LogEntryProto.Builder garbage() {
        return LogEntryProto.newBuilder()
                .setStateMachineLogEntry(
                        StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFromUtf8("garbage")));
    }

    @Test
    void a_stranger_says_nothing_of_all_that_there_is_to_say() throws Exception {
        byte[] another = "a secret that nobody but a stranger has".getBytes(StandardCharsets.UTF_8);
        for (FrameKind kind : FrameKind.values()) {
            if (kind.lane() != null) {
                assertThat(ask(another, kind, to -> append("c", to.id(), garbage())))
                        .containsOnly(Reason.NOT_PROVED);
            }
        }
    }

    @Test
    void an_entry_that_cannot_be_read_does_not_reach_a_log() throws Exception {
        assertThat(ask(SECRET, FrameKind.APPEND, to -> append("c", to.id(), garbage())))
                .containsOnly(Reason.FORGED);
        assertThat(ask(SECRET, FrameKind.APPEND, to -> append("c", to.id(), LogEntryProto.newBuilder())))
                .containsOnly(Reason.FORGED);
        assertThat(ask(
                        SECRET,
                        FrameKind.APPEND,
                        to -> append(
                                "c",
                                to.id(),
                                LogEntryProto.newBuilder()
                                        .setConfigurationEntry(RaftConfigurationProto.getDefaultInstance()))))
                .containsOnly(Reason.FORGED);
    }

    @Test
    void a_member_does_not_speak_for_another() throws Exception {
        assertThat(ask(SECRET, FrameKind.APPEND, to -> append(to.id().equals("a") ? "b" : "a", to.id(), garbage())))
                .containsOnly(Reason.FORGED);
        assertThat(ask(
                        SECRET,
                        FrameKind.VOTE,
                        to -> RequestVoteRequestProto.newBuilder()
                                .setServerRequest(header("a".equals(to.id()) ? "b" : "a", to.id()))
                                .setCandidateTerm(1_000)
                                .build()))
                .containsOnly(Reason.FORGED);
        assertThat(ask(
                        SECRET,
                        FrameKind.STAND_FOR_ELECTION,
                        to -> StartLeaderElectionRequestProto.newBuilder()
                                .setServerRequest(header("a".equals(to.id()) ? "b" : "a", to.id()))
                                .build()))
                .containsOnly(Reason.FORGED);
    }

    @Test
    void terms_are_not_used_up() throws Exception {
        assertThat(ask(
                        SECRET,
                        FrameKind.VOTE,
                        to -> RequestVoteRequestProto.newBuilder()
                                .setServerRequest(header("c", to.id()))
                                .setCandidateTerm(Long.MAX_VALUE)
                                .build()))
                .containsOnly(Reason.FORGED);
    }

    @Test
    void a_snapshot_is_written_nowhere_else() throws Exception {
        assertThat(ask(
                        SECRET,
                        FrameKind.SNAPSHOT_PIECE,
                        to -> InstallSnapshotRequestProto.newBuilder()
                                .setServerRequest(header("c", to.id()))
                                .setLeaderTerm(1_000)
                                .setSnapshotChunk(SnapshotChunkProto.newBuilder()
                                        .addFileChunks(
                                                FileChunkProto.newBuilder().setFilename("../../../cluster.properties")))
                                .build()))
                .containsOnly(Reason.FORGED);
    }

    @Test
    void what_is_no_message_at_all_is_refused() throws Exception {
        for (FrameKind kind : FrameKind.values()) {
            Lane lane = kind.lane();
            if (lane == null) {
                continue;
            }
            for (Member to : members.subList(0, 2)) {
                assertThat(link(SECRET, to, lane).ask(kind, new byte[] {1, 2, 3}, PATIENCE.toMillis()))
                        .failsWithin(PATIENCE);
            }
        }
    }
}
