package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.node.internal.membership.PeerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.raftlog.RaftLogBase;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.util.AwaitToRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LogCacheEvictionTest {
    @Test
    void a_peer_closes_though_its_log_is_about_to_drop_segments_from_memory(@TempDir Path folder) throws Exception {
        CountDownLatch leads = new CountDownLatch(1);
        LonePeer lone = new LonePeer(folder, PeerId.random("a"), 1, leads::countDown);
        lone.peer.start();
        assertThat(leads.await(1, TimeUnit.MINUTES)).isTrue();
        beAboutToDrop((RaftLogBase) lone.peer.group(0).log());

        CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
            try {
                lone.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        await().atMost(1, TimeUnit.MINUTES).until(closed::isDone);
        assertThat(closed).isCompleted();
    }

    /** Its thread wants the log's write lock as soon as somebody wants it to end, and not before. */
    private static void beAboutToDrop(RaftLogBase log) throws ReflectiveOperationException {
        CountDownLatch dropping = new CountDownLatch(1);
        AwaitToRun eviction = new AwaitToRun("test", () -> {
                    dropping.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        log.writeLock().close();
                        Thread.currentThread().interrupt();
                    }
                })
                .start();
        Field field = SegmentedRaftLog.class.getDeclaredField("cacheEviction");
        field.setAccessible(true);
        ((AwaitToRun) field.get(log)).close();
        field.set(log, eviction);
        // A signal is lost on a thread that does not wait for it yet.
        await().atMost(1, TimeUnit.MINUTES).until(() -> {
            eviction.signal();
            return dropping.getCount() == 0;
        });
    }
}
