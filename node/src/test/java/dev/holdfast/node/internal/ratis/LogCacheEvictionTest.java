package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.time.SystemTimers;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.node.internal.membership.AddressBook;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.storage.NewGroup;
import dev.holdfast.node.internal.transport.Identity;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.node.internal.transport.Members;
import dev.holdfast.node.leader.Replica;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
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
        try (SystemTimers timers = new SystemTimers()) {
            List<Integer> ports = FreePorts.find(2);
            Member self = new Member("a", "127.0.0.1", ports.get(0), ports.get(1));
            CountDownLatch leads = new CountDownLatch(1);
            UUID cluster = UUID.randomUUID();
            PeerId id = PeerId.random("a");
            NewGroup.make(folder.resolve("raft"), cluster);
            RaftHost host = new RaftHost(id, (other, formed) -> {});
            AddressBook addresses = new AddressBook(folder, List.of(self));
            Members transport =
                    new Members(new Identity(cluster, id, MemberSecret.random(), null), addresses::raftAddresses, host);
            RatisPeer peer = new RatisPeer(
                    cluster,
                    new RatisPeer.Place(
                            id,
                            new InetSocketAddress(self.host(), self.raftPort()),
                            transport,
                            host,
                            addresses,
                            folder.resolve("raft")),
                    List.of(Peer.of(id, self)),
                    RaftSettings.DEFAULT,
                    List.of(new RatisPeer.GroupParts(new Replica(), onLeading(leads::countDown))),
                    timers);
            peer.start();
            assertThat(leads.await(1, TimeUnit.MINUTES)).isTrue();
            beAboutToDrop((RaftLogBase) peer.group(0).log());

            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
                try {
                    peer.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });

            await().atMost(1, TimeUnit.MINUTES).until(closed::isDone);
            assertThat(closed).isCompleted();
            transport.close();
        }
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

    private static GroupListener onLeading(Runnable action) {
        return new GroupListener() {
            @Override
            public void leaderReady(long term) {
                action.run();
            }

            @Override
            public void notLeader() {}

            @Override
            public void configured(MemberSet members) {}

            @Override
            public void snapshotInstalled(long index) {}

            @Override
            public void ended(Throwable cause) {}

            @Override
            public void failed(Throwable cause) {}
        };
    }
}
