package dev.holdfast.node.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.node.leader.Replica;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.server.storage.RaftStorageMetadataFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotWriterTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong();
    private final List<Long> took = new CopyOnWriteArrayList<>();
    private final SnapshotStore store = new SnapshotStore();
    private final Replica replica = new Replica();
    private final SnapshotWriter writer =
            new SnapshotWriter(replica, store, new SnapshotPolicy(10, 1 << 20, 0), nanos::get, took::add);
    private long index = -1;

    @BeforeEach
    void open() throws IOException {
        store.init(new Folder(folder));
    }

    @AfterEach
    void close() {
        writer.close();
    }

    private Path snapshots() {
        return folder.resolve("sm");
    }

    private long apply() {
        index++;
        writer.applied(index, 10);
        return writer.takeSnapshot(TermIndex.valueOf(1, index));
    }

    /** Applies entries until one more snapshot is durable, and says up to where the log may be purged then. */
    private long applyUntilDurable(long at) {
        while (index < at) {
            assertThat(apply()).isEqualTo(RaftLog.INVALID_LOG_INDEX);
        }
        await().atMost(PATIENCE)
                .until(() -> store.getLatestSnapshot() != null
                        && store.getLatestSnapshot().getIndex() == at);
        return apply();
    }

    @Test
    void the_log_is_purged_no_further_than_to_the_snapshot_before_the_latest() throws IOException {
        Files.createDirectories(snapshots());
        assertThat(applyUntilDurable(9)).isEqualTo(RaftLog.INVALID_LOG_INDEX);
        assertThat(applyUntilDurable(19)).isEqualTo(9);
        assertThat(applyUntilDurable(29)).isEqualTo(19);
        assertThat(apply()).isEqualTo(RaftLog.INVALID_LOG_INDEX);
        await().atMost(PATIENCE).until(() -> took.size() == 3);
    }

    @Test
    void after_a_restart_too() throws IOException {
        Files.createDirectories(snapshots());
        writer.restartFrom(100, 5);
        index = 100;
        assertThat(applyUntilDurable(110)).isEqualTo(RaftLog.INVALID_LOG_INDEX);
        assertThat(applyUntilDurable(120)).isEqualTo(110);
    }

    @Test
    void a_failed_attempt_is_repeated_later_and_not_at_every_entry() throws IOException {
        // There is no folder to write to.
        index = 1_000_000;
        writer.restartFrom(index, 5);
        while (index < 1_000_010) {
            apply();
        }
        await().atMost(PATIENCE).until(() -> !isWriting());
        Files.createDirectories(snapshots());
        while (index < 1_000_100) {
            apply();
            assertThat(isWriting()).isFalse();
        }
        assertThat(snapshots()).isEmptyDirectory();

        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        apply();
        await().atMost(PATIENCE).until(() -> store.getLatestSnapshot() != null);
    }

    @Test
    void one_that_is_due_while_a_backup_is_taken_is_begun_after_it() throws IOException {
        Files.createDirectories(snapshots());
        SnapshotCapture backup = replica.read(LockMachine::capture);
        while (index < 15) {
            assertThat(apply()).isEqualTo(RaftLog.INVALID_LOG_INDEX);
        }
        assertThat(snapshots()).isEmptyDirectory();

        backup.close();

        apply();
        await().atMost(PATIENCE).until(() -> store.getLatestSnapshot() != null);
        assertThat(store.getLatestSnapshot().getIndex()).isEqualTo(16);
    }

    private static boolean isWriting() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("holdfast-snapshot-10000"));
    }

    private record Folder(Path root) implements RaftStorage {
        @Override
        public void initialize() {}

        @Override
        public RaftStorageDirectory getStorageDir() {
            return new RaftStorageDirectory() {
                @Override
                public File getRoot() {
                    return root.toFile();
                }

                @Override
                public boolean isHealthy() {
                    return true;
                }
            };
        }

        @Override
        public RaftStorageMetadataFile getMetadataFile() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CorruptionPolicy getLogCorruptionPolicy() {
            return CorruptionPolicy.EXCEPTION;
        }

        @Override
        public void close() {}
    }
}
