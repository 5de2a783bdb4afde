package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.transport.FrameKind;
import dev.holdfast.node.internal.transport.RefusedException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A follower whose log writes nothing for a while, as on a disk that hangs. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SlowLogTest {
    /** Where the thread of a log's writer begins. */
    private static final String WRITER_BEGINS = "SegmentedRaftLogWorker.runWorker";

    private static final int TERM = 1;

    private final CountDownLatch disk = new CountDownLatch(1);
    private long calls;

    @Test
    void entries_that_are_sent_again_are_not_acknowledged_before_they_are_written(@TempDir Path folder)
            throws Exception {
        PeerId id = PeerId.random("a");
        hangDiskOf(id);
        try (LonePeer follower = new LonePeer(folder, id, 3, () -> {})) {
            follower.peer.start();
            try {
                CompletableFuture<byte[]> first = send(follower, entry(follower));
                CompletableFuture<byte[]> again = send(follower, entry(follower));
                // It is only the disk that hangs.
                assertThat(reply(send(follower)).getResult()).isEqualTo(AppendResult.SUCCESS);
                assertThat(first).isNotDone();
                assertThat(again).isNotDone();

                disk.countDown();
                assertThat(reply(first).getMatchIndex()).isZero();
                assertThat(reply(again).getMatchIndex()).isZero();
            } finally {
                disk.countDown();
            }
        } finally {
            CodeInjectionForTesting.remove(WRITER_BEGINS);
        }
    }

    private void hangDiskOf(PeerId id) {
        CodeInjectionForTesting.put(WRITER_BEGINS, (local, remote, arguments) -> {
            if (String.valueOf(local).equals(id.toString())) {
                try {
                    disk.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return true;
        });
    }

    /** What a leader begins its term with. */
    private static LogEntryProto entry(LonePeer follower) {
        RaftConfigurationProto.Builder members = RaftConfigurationProto.newBuilder();
        for (Peer member : follower.members) {
            members.addPeers(RaftPeers.of(member).getRaftPeerProto());
        }
        return LogEntryProto.newBuilder()
                .setTerm(TERM)
                .setIndex(0)
                .setConfigurationEntry(members)
                .build();
    }

    private CompletableFuture<byte[]> send(LonePeer follower, LogEntryProto... entries) throws RefusedException {
        Peer leader = follower.members.get(1);
        AppendEntriesRequestProto request = AppendEntriesRequestProto.newBuilder()
                .setServerRequest(RaftRpcRequestProto.newBuilder()
                        .setRequestorId(RaftPeers.of(leader).getId().toByteString())
                        .setReplyId(
                                RaftPeers.of(follower.members.get(0)).getId().toByteString())
                        .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(
                                follower.peer.group(0).raftGroupId()))
                        .setCallId(calls++))
                .setLeaderTerm(TERM)
                .addAllEntries(List.of(entries))
                .setLeaderCommit(-1)
                .build();
        return follower.host
                .answer(leader.id().toString(), FrameKind.APPEND, request.toByteArray())
                .toCompletableFuture();
    }

    private static AppendEntriesReplyProto reply(CompletableFuture<byte[]> answer) throws Exception {
        return AppendEntriesReplyProto.parseFrom(answer.get(1, TimeUnit.MINUTES));
    }
}
