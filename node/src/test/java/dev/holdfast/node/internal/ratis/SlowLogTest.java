package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.internal.membership.PeerId;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.util.CodeInjectionForTesting;
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

    @Test
    void entries_that_are_sent_again_are_not_acknowledged_before_they_are_written(@TempDir Path folder)
            throws Exception {
        PeerId id = PeerId.random("a");
        hangDiskOf(id);
        try (LonePeer follower = new LonePeer(folder, id, 3, () -> {})) {
            follower.peer.start();
            try {
                CompletableFuture<byte[]> first =
                        follower.sendAsLeader(TERM, LonePeer.firstEntry(TERM, follower.members));
                CompletableFuture<byte[]> again =
                        follower.sendAsLeader(TERM, LonePeer.firstEntry(TERM, follower.members));
                // It is only the disk that hangs.
                assertThat(LonePeer.reply(follower.sendAsLeader(TERM)).getResult())
                        .isEqualTo(AppendResult.SUCCESS);
                assertThat(first).isNotDone();
                assertThat(again).isNotDone();

                disk.countDown();
                assertThat(LonePeer.reply(first).getMatchIndex()).isZero();
                assertThat(LonePeer.reply(again).getMatchIndex()).isZero();
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
}
