package dev.holdfast.node.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.FreePorts;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.Member;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.node.support.OldFolders;
import dev.holdfast.protocol.Batch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of three members runs, and hears of a leader that sends entries, and then a snapshot that ends before they do. */
class OldSnapshotTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final byte[] SECRET = "a secret that the three of them share".getBytes(StandardCharsets.UTF_8);
    private static final long TERM = 1000;
    private static final ClientId CLIENT = ClientId.randomId();

    @TempDir
    private Path folder;

    private long callId;

    @Test
    void a_snapshot_that_says_nothing_new_leaves_the_log_as_it_is() throws Exception {
        List<Integer> ports = FreePorts.find(6);
        Member a = new Member("a", "127.0.0.1", ports.get(0), ports.get(1));
        List<Member> members = List.of(
                a,
                new Member("b", "127.0.0.1", ports.get(2), ports.get(3)),
                new Member("c", "127.0.0.1", ports.get(4), ports.get(5)));
        try (HoldfastNode node = HoldfastNode.builder()
                .id("a")
                .members(members)
                .dataFolder(OldFolders.make(folder, UUID.randomUUID(), "a", members))
                .secret(SECRET)
                .start()) {
            UUID cluster = UUID.fromString(node.clusterId());
            Identity c = new Identity(cluster, PeerId.parse("c"), MemberSecret.of(SECRET), null);
            try (Members leader = new Members(c, name -> List.of(a.raftAddress()), new RecordingHost())) {
                // It knows that two of the ten are committed.
                append(leader, cluster, 0, 10, 1);

                assertThat(sendSnapshot(leader, cluster, 5).getResult())
                        .isEqualTo(InstallSnapshotResult.ALREADY_INSTALLED);

                assertThat(append(leader, cluster, 10, 1, 1).getMatchIndex()).isEqualTo(10);
                assertThat(node.failure().toCompletableFuture()).isNotDone();
            }
        }
    }

    private AppendEntriesReplyProto append(Members leader, UUID cluster, long first, int count, long commit)
            throws Exception {
        AppendEntriesRequestProto.Builder request = AppendEntriesRequestProto.newBuilder()
                .setServerRequest(header(cluster))
                .setLeaderTerm(TERM)
                .setLeaderCommit(commit);
        if (first > 0) {
            request.setPreviousLog(at(first - 1));
        }
        for (long index = first; index < first + count; index++) {
            LogEntry entry = new LogEntry(TERM, 100 + index, new Batch(List.of(), List.of()));
            request.addEntries(LogEntryProto.newBuilder()
                    .setTerm(TERM)
                    .setIndex(index)
                    .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                            .setClientId(CLIENT.toByteString())
                            .setLogData(ByteString.copyFrom(entry.encode()))));
        }
        AppendEntriesReplyProto reply =
                AppendEntriesReplyProto.parseFrom(ask(leader, FrameKind.APPEND, request.build()));
        assertThat(reply.getResult()).isEqualTo(AppendResult.SUCCESS);
        return reply;
    }

    private InstallSnapshotReplyProto sendSnapshot(Members leader, UUID cluster, long end) throws Exception {
        return InstallSnapshotReplyProto.parseFrom(ask(
                leader,
                FrameKind.SNAPSHOT_PIECE,
                InstallSnapshotRequestProto.newBuilder()
                        .setServerRequest(header(cluster))
                        .setLeaderTerm(TERM)
                        .setSnapshotChunk(SnapshotChunkProto.newBuilder()
                                .setRequestId("request")
                                .setTermIndex(at(end))
                                .addFileChunks(
                                        FileChunkProto.newBuilder().setFilename("sm/snapshot." + TERM + "_" + end)))
                        .build()));
    }

    private static byte[] ask(Members leader, FrameKind kind, MessageLite message) throws Exception {
        return leader.link("a", Objects.requireNonNull(kind.lane()))
                .ask(kind, message.toByteArray(), PATIENCE.toMillis())
                .get(2, TimeUnit.MINUTES);
    }

    private static TermIndexProto.Builder at(long index) {
        return TermIndexProto.newBuilder().setTerm(TERM).setIndex(index);
    }

    private RaftRpcRequestProto header(UUID cluster) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8("c"))
                .setReplyId(ByteString.copyFromUtf8("a"))
                .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(RaftGroupId.valueOf(cluster)))
                .setCallId(callId++)
                .build();
    }
}
