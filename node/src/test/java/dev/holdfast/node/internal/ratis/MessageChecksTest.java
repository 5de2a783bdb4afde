package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.internal.transport.Reason;
import dev.holdfast.node.internal.transport.RefusedException;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.protocol.Batch;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no member would say does not reach Ratis. */
class MessageChecksTest {
    private static final RaftGroupId GROUP = RaftGroupId.valueOf(UUID.randomUUID());
    private static final LogEntry ENTRY = new LogEntry(3, 100, new Batch(List.of(), List.of()));

    private final MessageChecks checks = new MessageChecks("b");
    private final DecodedEntries decoded = new DecodedEntries();

    private static RaftRpcRequestProto header(String from, String to) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8(from))
                .setReplyId(ByteString.copyFromUtf8(to))
                .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(GROUP))
                .build();
    }

    private static void assertForged(org.assertj.core.api.ThrowableAssert.ThrowingCallable check) {
        assertThatThrownBy(check)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.FORGED));
    }

    @Test
    void a_member_speaks_for_itself_and_to_this_peer() throws Exception {
        assertThat(checks.group("a", header("a", "b"))).isEqualTo(GROUP);
        assertForged(() -> checks.group("a", header("c", "b")));
        assertForged(() -> checks.group("a", header("a", "c")));
    }

    @Test
    void terms_do_not_jump() throws Exception {
        checks.term("a", 0, 7);
        checks.term("a", 1000, 7);
        assertForged(() -> checks.term("a", Long.MAX_VALUE, 7));
        assertForged(() -> checks.term("a", -1, 7));
        assertForged(() -> checks.term("a", Long.MIN_VALUE, 7));
    }

    private static LogEntryProto entry(long term, long index) {
        return LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                        .setClientId(ClientId.randomId().toByteString())
                        .setLogData(ByteString.copyFrom(ENTRY.encode())))
                .build();
    }

    private static LogEntryProto changed(UnaryOperator<StateMachineLogEntryProto.Builder> change) {
        LogEntryProto entry = entry(3, 10);
        return entry.toBuilder()
                .setStateMachineLogEntry(change.apply(entry.getStateMachineLogEntry().toBuilder()))
                .build();
    }

    private static AppendEntriesRequestProto request(LogEntryProto... entries) {
        return AppendEntriesRequestProto.newBuilder()
                .setLeaderTerm(3)
                .setPreviousLog(TermIndexProto.newBuilder().setTerm(2).setIndex(9))
                .addAllEntries(List.of(entries))
                .build();
    }

    private void check(AppendEntriesRequestProto request) throws RefusedException {
        checks.entries("a", request, decoded);
    }

    @Test
    void entries_are_in_order_and_of_a_term_that_their_leader_knows() throws Exception {
        check(request());
        check(request(entry(2, 10), entry(3, 11)));
        assertForged(() -> check(request(entry(3, 11))));
        assertForged(() -> check(request(entry(3, 10), entry(3, 12))));
        assertForged(() -> check(request(entry(4, 10))));
        assertForged(() -> check(request(entry(-1, 10))));
        assertForged(() -> check(request(entry(3, -10))));
    }

    @Test
    void an_entry_that_cannot_be_decoded_does_not_reach_the_log() {
        for (byte[] data :
                List.of(new byte[0], new byte[] {1, 2, 3}, "x".repeat(1000).getBytes())) {
            assertForged(() -> check(request(changed(entry -> entry.setLogData(ByteString.copyFrom(data))))));
        }
        assertForged(() ->
                check(request(LogEntryProto.newBuilder().setTerm(3).setIndex(10).build())));
        assertForged(() -> check(request(LogEntryProto.newBuilder()
                .setTerm(3)
                .setIndex(10)
                .setConfigurationEntry(RaftConfigurationProto.getDefaultInstance())
                .build())));
        assertThatCode(() -> check(request(LogEntryProto.newBuilder()
                        .setTerm(3)
                        .setIndex(10)
                        .setConfigurationEntry(RaftConfigurationProto.newBuilder()
                                .addPeers(RaftPeerProto.newBuilder().setId(ByteString.copyFromUtf8("a"))))
                        .build())))
                .doesNotThrowAnyException();
    }

    @Test
    void an_entry_at_which_ratis_would_stop_does_not_reach_the_log() {
        assertForged(() -> check(request(changed(entry -> entry.clearClientId()))));
        assertForged(() -> check(request(changed(entry -> entry.setClientId(ByteString.copyFrom(new byte[15]))))));
        assertForged(() -> check(request(changed(entry -> entry.setType(StateMachineLogEntryProto.Type.DATASTREAM)))));
        assertForged(() -> check(
                request(changed(entry -> entry.setStateMachineEntry(StateMachineEntryProto.getDefaultInstance())))));
        assertForged(() -> check(request(LogEntryProto.newBuilder()
                .setTerm(3)
                .setIndex(10)
                .setConfigurationEntry(RaftConfigurationProto.newBuilder().addPeers(RaftPeerProto.getDefaultInstance()))
                .build())));
    }

    @Test
    void what_was_decoded_counts_only_for_the_same_bytes() throws Exception {
        LogEntryProto came = entry(3, 10);
        check(request(came));
        ByteString data = came.getStateMachineLogEntry().getLogData();
        assertThat(decoded.take(10, ByteString.copyFrom(data.toByteArray()))).isNull();
        assertThat(decoded.take(11, data)).isNull();
        assertThat(decoded.take(10, data)).isEqualTo(ENTRY);
        assertThat(decoded.take(10, data)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "../x",
                "sm/../../x",
                "sm",
                "",
                "x",
                "sm/a/b",
                "current/log_0-5",
                "sm/./x",
                "raft-meta"
            })
    void a_snapshot_is_written_nowhere_but_where_snapshots_are(String file) {
        assertForged(() -> checks.piece("a", piece(chunk -> chunk.setFilename(file))));
    }

    @Test
    void a_piece_of_a_snapshot_passes() throws Exception {
        checks.piece("a", piece(chunk -> chunk.setFilename("sm/snapshot.3_10")));
        assertForged(() -> checks.piece("a", InstallSnapshotRequestProto.getDefaultInstance()));
    }

    private static InstallSnapshotRequestProto piece(UnaryOperator<FileChunkProto.Builder> change) {
        return InstallSnapshotRequestProto.newBuilder()
                .setSnapshotChunk(
                        SnapshotChunkProto.newBuilder().addFileChunks(change.apply(FileChunkProto.newBuilder())))
                .build();
    }
}
