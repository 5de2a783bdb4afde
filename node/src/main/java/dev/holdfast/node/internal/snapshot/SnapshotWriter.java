package dev.holdfast.node.internal.snapshot;

import dev.holdfast.node.leader.Replica;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.SnapshotImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes snapshots while entries are applied. Ratis calls {@link #takeSnapshot} on its applying thread, so that only begins a
 * capture. A thread of its own takes the pieces, in short turns under the replica's lock, and writes them. Ratis is told of
 * the snapshot at a later call, when it is durable, and only then purges the log.
 *
 * <p>See {@code docs/adr/004-snapshots-by-saved-pre-images.md}.
 */
public final class SnapshotWriter {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);

    /** Taken in one turn: well under a millisecond. */
    private static final int PARTS_PER_TURN = 512;

    private final Replica replica;
    private final SnapshotStore store;
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable Thread thread;
    private boolean aborted;
    private boolean closed;
    private long durableIndex = RaftLog.INVALID_LOG_INDEX;
    private long reportedIndex = RaftLog.INVALID_LOG_INDEX;

    public SnapshotWriter(Replica replica, SnapshotStore store) {
        this.replica = replica;
        this.store = store;
    }

    /** The state is now that of the snapshot at this index. */
    public void restartFrom(long index) {
        lock.lock();
        try {
            durableIndex = index;
            reportedIndex = index;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins a snapshot at that position unless one is under way.
     *
     * @return the index of a snapshot that became durable since the last call, else {@link RaftLog#INVALID_LOG_INDEX}
     */
    public long takeSnapshot(TermIndex at) {
        lock.lock();
        try {
            if (durableIndex > reportedIndex) {
                reportedIndex = durableIndex;
                return durableIndex;
            }
            if (thread == null && !closed && at.getIndex() > durableIndex) {
                aborted = false;
                SnapshotCapture capture = replica.read(LockMachine::capture);
                Thread started = new Thread(() -> run(at, capture), "holdfast-snapshot-" + at.getIndex());
                started.setDaemon(true);
                // Not before it runs: there may be no memory for another thread now.
                started.start();
                thread = started;
            }
            return RaftLog.INVALID_LOG_INDEX;
        } finally {
            lock.unlock();
        }
    }

    /** Gives up a snapshot under way, and waits for its thread to end. */
    public void abort() {
        Thread running;
        lock.lock();
        try {
            aborted = true;
            running = thread;
        } finally {
            lock.unlock();
        }
        if (running != null) {
            try {
                running.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        abort();
    }

    private void run(TermIndex at, SnapshotCapture capture) {
        Path file = store.fileFor(at);
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            if (write(temporary, capture)) {
                publish(at, temporary, file);
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.error(
                    "Could not write snapshot {}. The log stays as it is; the next snapshot will be tried in its turn",
                    file,
                    e);
        } finally {
            replica.read(machine -> {
                capture.close();
                return machine;
            });
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                LOG.warn("Could not delete {}", temporary, e);
            }
            lock.lock();
            try {
                thread = null;
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean write(Path temporary, SnapshotCapture capture) throws IOException {
        try (SnapshotFile.Writer writer = new SnapshotFile.Writer(temporary)) {
            while (!capture.isComplete()) {
                if (isAborted()) {
                    return false;
                }
                SnapshotImage image = replica.read(machine -> capture.take(PARTS_PER_TURN));
                image.writeTo(writer::write);
            }
            writer.finish();
            return true;
        }
    }

    /** The digest first, the snapshot's name last: a snapshot that can be seen is whole. */
    private void publish(TermIndex at, Path temporary, Path file) throws IOException {
        MD5Hash digest = MD5FileUtil.computeMd5ForFile(temporary.toFile());
        MD5FileUtil.saveMD5File(file.toFile(), digest);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        Fsync.folder(Objects.requireNonNull(file.getParent()));
        lock.lock();
        try {
            if (!aborted) {
                store.updateLatestSnapshot(
                        new SingleFileSnapshotInfo(new FileInfo(file, digest), at.getTerm(), at.getIndex()));
                store.added();
                durableIndex = at.getIndex();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isAborted() {
        lock.lock();
        try {
            return aborted;
        } finally {
            lock.unlock();
        }
    }
}
