package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Each test has a folder of its own, and mostly waits for it. */
@Execution(ExecutionMode.CONCURRENT)
class SnapshotTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    private static final Lockable KEPT = new Lockable("kept", "kept");
    private static final Lockable TURNED = new Lockable("turned", "turned");

    /** A snapshot every 50 entries, and hardly any log behind it. */
    private static final RaftSettings OFTEN =
            RaftSettings.DEFAULT.snapshots(50, 5).logSegments(1 << 10);

    /** The log's first file, closed or not. */
    private static final String FIRST_OF_LOG = "log_(0-\\d+|inprogress_0)";

    @TempDir
    private Path folder;

    /** Two entries and more for each turn. */
    private static long turns(HoldfastNode node, int count) {
        HoldfastLock lock = node.client().createLock();
        long token = 0;
        for (int i = 0; i < count; i++) {
            LockHandle handle = lock.acquire(ALICE, TURNED).orThrow();
            token = handle.token();
            handle.release();
        }
        return token;
    }

    private static List<Path> find(Path under, String namePattern) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(under, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.getFileName().toString().matches(namePattern)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                // Files go while one looks.
                return FileVisitResult.CONTINUE;
            }
        });
        Collections.sort(found);
        return found;
    }

    private static List<Path> snapshots(Path under) throws IOException {
        return find(under, "snapshot\\.\\d+_\\d+");
    }

    private void awaitSnapshot(Path under) {
        await().atMost(LocalCluster.PATIENCE).until(() -> !snapshots(under).isEmpty());
    }

    private HoldfastNode alone() throws IOException {
        return HoldfastNode.builder().dataFolder(folder).ratis(OFTEN).start();
    }

    @Test
    void snapshots_appear_few_are_kept_and_the_log_is_purged() throws IOException {
        try (HoldfastNode node = alone()) {
            turns(node, 400);
            awaitSnapshot(folder);
            // Old ones go when a new one comes.
            await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
                turns(node, 60);
                assertThat(snapshots(folder)).hasSizeBetween(1, 2);
                assertThat(find(folder, ".*\\.tmp")).isEmpty();
            });
            await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
                turns(node, 60);
                assertThat(find(folder, FIRST_OF_LOG)).isEmpty();
            });
        }
    }

    @Test
    void a_peer_that_misses_a_few_entries_is_not_sent_a_snapshot_by_a_leader_that_never_reached_it() throws Exception {
        List<MetricRegistry> registries = new CopyOnWriteArrayList<>();
        UnaryOperator<HoldfastNodeBuilder> measured = builder -> {
            MetricRegistry registry = new MetricRegistry();
            registries.add(registry);
            return builder.ratis(OFTEN).metrics(registry);
        };
        try (LocalCluster cluster = LocalCluster.start(folder, 3, measured)) {
            await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
                turns(cluster.leader(), 60);
                for (HoldfastNode node : cluster.nodes()) {
                    assertThat(find(cluster.folder(node.id()), FIRST_OF_LOG)).isEmpty();
                }
            });
            cluster.awaitEqualHashes();
            String away = cluster.follower().id();
            cluster.stop(away);
            String leader = cluster.leader().id();
            cluster.stop(leader);
            cluster.start(leader);
            cluster.awaitLeader();
            turns(cluster.leader(), 2);

            cluster.start(away);
            cluster.awaitEqualHashes();
            assertThat(registries
                            .get(registries.size() - 1)
                            .counter(NodeMetrics.PREFIX + "snapshots.installed")
                            .getCount())
                    .isZero();
        }
    }

    @Test
    void a_restart_goes_on_from_a_snapshot_and_the_log_behind_it() throws Exception {
        HoldfastNode node = alone();
        HoldfastLock lock = node.client().createLock();
        long kept = lock.acquire(BOB, KEPT, untilReleased()).token();
        node.client()
                .createSemaphore(5)
                .acquire(ALICE, KEPT, 3, untilReleased())
                .orThrow();
        turns(node, 150);
        awaitSnapshot(folder);
        long last = turns(node, 10);
        node.close();

        try (HoldfastNode again = alone()) {
            await().atMost(LocalCluster.PATIENCE).until(() -> again.appliedIndex() >= node.appliedIndex());
            HoldfastLock after = again.client().createLock();
            assertThat(after.get(KEPT).orElseThrow().token()).isEqualTo(kept);
            assertThat(after.acquire(ALICE, KEPT).holder()).contains(BOB);
            HoldfastSemaphore semaphore = again.client().createSemaphore(5);
            assertThat(semaphore.available(KEPT)).isEqualTo(2);
            semaphore.release(ALICE, KEPT, 3);
            after.release(BOB, KEPT);
            assertThat(after.isLocked(KEPT)).isFalse();
            assertThat(turns(again, 1)).isGreaterThan(last);
        }
    }

    @Tag("long")
    @Test
    void a_peer_that_was_killed_while_a_sent_snapshot_took_the_place_of_its_own_goes_on_from_its_own()
            throws Exception {
        long kept;
        long applied;
        try (HoldfastNode node = alone()) {
            kept = node.client()
                    .createLock()
                    .acquire(BOB, KEPT, untilReleased())
                    .token();
            turns(node, 150);
            awaitSnapshot(folder);
            await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
                turns(node, 60);
                assertThat(find(folder, FIRST_OF_LOG)).isEmpty();
            });
            applied = node.appliedIndex();
        }
        Path snapshots = snapshots(folder).get(0).getParent();
        Files.move(snapshots, snapshots.resolveSibling(snapshots.getFileName() + ".tmp20260102-030405"));

        try (HoldfastNode again = alone()) {
            await().atMost(LocalCluster.PATIENCE).until(() -> again.appliedIndex() >= applied);
            assertThat(again.client().createLock().get(KEPT).orElseThrow().token())
                    .isEqualTo(kept);
        }
    }

    @Test
    @Tag("long")
    void a_follower_that_was_away_for_long_installs_a_snapshot() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3, OFTEN)) {
            HoldfastLock lock = cluster.leader().client().createLock();
            long kept = lock.acquire(BOB, KEPT, untilReleased()).token();
            String away = cluster.follower().id();
            cluster.awaitEqualHashes();
            cluster.stop(away);
            turns(cluster.leader(), 200);
            for (HoldfastNode node : cluster.nodes()) {
                await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
                    turns(cluster.leader(), 20);
                    assertThat(find(cluster.folder(node.id()), FIRST_OF_LOG)).isEmpty();
                });
            }
            assertThat(snapshots(cluster.folder(away))).isEmpty();

            HoldfastNode back = cluster.start(away);

            cluster.awaitEqualHashes();
            // What it missed it cannot have had from anybody's log.
            assertThat(snapshots(cluster.folder(away))).isNotEmpty();
            await().atMost(LocalCluster.PATIENCE)
                    .untilAsserted(() ->
                            assertThat(find(cluster.folder(away), FIRST_OF_LOG)).isEmpty());
            assertThat(back.client().createLock().get(KEPT).orElseThrow().token())
                    .isEqualTo(kept);
            // It is a peer like the others now: with it alone beside the leader there is a majority.
            String other = cluster.nodes().stream()
                    .filter(node -> !node.isLeader() && node != back)
                    .map(HoldfastNode::id)
                    .findFirst()
                    .orElseThrow();
            cluster.stop(other);
            assertThat(turns(cluster.leader(), 5)).isGreaterThan(kept);
            cluster.awaitEqualHashes();

            // This one has snapshots of its own, and a log behind them.
            cluster.start(other);
            cluster.awaitEqualHashes();
            assertThat(cluster.nodes()).hasSize(3);
        }
    }

    @Test
    void a_start_goes_back_to_the_snapshot_before_a_damaged_one() throws Exception {
        long kept;
        long applied;
        try (HoldfastNode node = alone()) {
            kept = node.client()
                    .createLock()
                    .acquire(BOB, KEPT, untilReleased())
                    .token();
            await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
                turns(node, 20);
                assertThat(snapshots(folder)).hasSize(2);
            });
            applied = node.appliedIndex();
        }
        List<Path> two = find(folder, "snapshot\\.\\d+_\\d+");
        two.sort(Comparator.comparingLong(SnapshotTest::index));
        byte[] bytes = Files.readAllBytes(two.get(1));
        bytes[bytes.length / 2] ^= 1;
        Files.write(two.get(1), bytes);

        try (HoldfastNode again = alone()) {
            await().atMost(LocalCluster.PATIENCE).until(() -> again.appliedIndex() >= applied);
            assertThat(again.client().createLock().get(KEPT).orElseThrow().token())
                    .isEqualTo(kept);
            await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
                turns(again, 20);
                assertThat(snapshots(folder)).hasSize(2).doesNotContain(two.get(0));
            });
        }
    }

    private static long index(Path snapshot) {
        String name = snapshot.getFileName().toString();
        return Long.parseLong(name.substring(name.indexOf('_') + 1));
    }

    @Test
    void the_folder_stays_bounded_however_long_the_entries_are() throws Exception {
        int limit = 256 << 10;
        int file = 64 << 10;
        RaftSettings settings = RaftSettings.DEFAULT.snapshotBytes(limit).logSegments(file);
        String key = "k".repeat(900);
        long largest = 0;
        long written = 0;
        try (HoldfastNode node =
                HoldfastNode.builder().dataFolder(folder).ratis(settings).start()) {
            HoldfastLock lock = node.client().createLock();
            while (written < 16L * limit) {
                List<CompletableFuture<?>> many = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    many.add(lock.acquireAsync(ALICE, new Lockable("large", key + i), AcquireOptions.defaults())
                            .thenCompose(result -> result.orThrow().releaseAsync())
                            .toCompletableFuture());
                    written += 2 * key.length();
                }
                many.forEach(CompletableFuture::join);
                largest = Math.max(largest, bytes());
                // No folder is bounded if entries keep coming faster than snapshots are written.
                await().atMost(LocalCluster.PATIENCE).until(() -> bytes() < 7L * limit);
            }
        }
        // Twice the limit, what came while a snapshot was written, some files, and the snapshots.
        assertThat(largest).isLessThan(8L * limit).isLessThan(written);
    }

    /** Of the files by their content: Ratis fills the last one of the log with zeros in advance. */
    private long bytes() throws IOException {
        long sum = 0;
        for (Path file : find(folder, ".*")) {
            try {
                byte[] content = Files.readAllBytes(file);
                int end = content.length;
                while (end > 0 && content[end - 1] == 0) {
                    end--;
                }
                sum += end;
            } catch (NoSuchFileException gone) {
                // Deleted since it was found.
            }
        }
        return sum;
    }

    @Test
    void a_damaged_snapshot_is_refused_by_name() throws IOException {
        try (HoldfastNode node = alone()) {
            turns(node, 150);
            awaitSnapshot(folder);
        }
        for (Path snapshot : snapshots(folder)) {
            byte[] bytes = Files.readAllBytes(snapshot);
            bytes[bytes.length / 2] ^= 1;
            Files.write(snapshot, bytes);
        }
        List<Path> damaged = snapshots(folder);

        assertThatThrownBy(() -> {
                    HoldfastNode node = alone();
                    node.close();
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("snapshot")
                .hasStackTraceContaining(
                        damaged.get(damaged.size() - 1).getFileName().toString());
        assertThat(snapshots(folder)).isEqualTo(damaged);
    }

    private static AcquireOptions untilReleased() {
        return AcquireOptions.defaults().untilReleased();
    }
}
