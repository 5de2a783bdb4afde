package dev.holdfast.node.internal.snapshot;

import dev.holdfast.node.leader.Replica;
import dev.holdfast.statemachine.CorruptSnapshotException;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.SnapshotImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
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
 * Writes snapshots while entries are applied. Ratis calls {@link #takeSnapshot} on its applying thread, after each entry, so
 * that only begins a capture when one is due. A thread of its own takes the pieces, in short turns under the replica's lock,
 * writes them, and reads them back. Only when a snapshot is durable and can be read, Ratis is told, at a later call, how much
 * of the log it may purge: never what lies behind the snapshot before, so that a peer can go back to that one.
 *
 * <p>See {@code docs/adr/004-snapshots-by-saved-pre-images.md}.
 */
public final class SnapshotWriter {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);

    /** Taken in one turn: well under a millisecond. */
    private static final int PARTS_PER_TURN = 512;

    private final Replica replica;
    private final SnapshotStore store;
    private final LongSupplier nanoTime;
    private final LongConsumer written;
    private final Backoff backoff;

    /** Belongs to the applying thread, but for what it says of entries' sizes. */
    private final LogMeter meter;

    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable Thread thread;
    private boolean aborted;
    private boolean closed;
    private long durableIndex = RaftLog.INVALID_LOG_INDEX;
    private long durableBytes;
    private long previousIndex = RaftLog.INVALID_LOG_INDEX;
    private boolean unreported;
    private long reportedIndex = RaftLog.INVALID_LOG_INDEX;

    /**
     * One that has written nothing.
     *
     * @param nanoTime a monotonic clock, in nanoseconds
     * @param written told of each snapshot how many nanoseconds it took
     */
    public SnapshotWriter(
            Replica replica, SnapshotStore store, SnapshotPolicy policy, LongSupplier nanoTime, LongConsumer written) {
        this.replica = replica;
        this.store = store;
        this.nanoTime = nanoTime;
        this.written = written;
        this.meter = new LogMeter(policy);
        this.backoff = new Backoff(nanoTime);
    }

    /** The state is now that of the snapshot at this index, which has that size. Called while nothing is applied. */
    public void restartFrom(long index, long bytes) {
        meter.restartFrom(index);
        lock.lock();
        try {
            durableIndex = index;
            durableBytes = bytes;
            previousIndex = index;
            unreported = false;
            reportedIndex = index;
        } finally {
            lock.unlock();
        }
    }

    /** An entry of that size was applied. Called on the applying thread. */
    public void applied(long index, int entryBytes) {
        meter.applied(index, entryBytes);
    }

    /** How large the entries are that were applied last, on average; 0 if there were none. Any thread may ask. */
    public long entryBytes() {
        return meter.entryBytes();
    }

    /**
     * Begins a snapshot at that position, the last that was applied, if one is due and none is under way. Called on the
     * applying thread.
     *
     * @return up to which index the log may be purged, if that has changed since the last call because a snapshot became
     *     durable, else {@link RaftLog#INVALID_LOG_INDEX}
     */
    public long takeSnapshot(TermIndex at) {
        lock.lock();
        try {
            if (unreported) {
                unreported = false;
                long disposable = meter.disposableUpTo(durableIndex, previousIndex);
                if (disposable > reportedIndex) {
                    reportedIndex = disposable;
                    return disposable;
                }
            }
            if (thread == null && !closed && at.getIndex() > durableIndex && isDue(at.getIndex())) {
                begin(at);
            }
            return RaftLog.INVALID_LOG_INDEX;
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue(long index) {
        return backoff.hasFailed() ? backoff.isOver() : meter.isDue(index, durableBytes);
    }

    private void begin(TermIndex at) {
        SnapshotCapture capture = replica.read(SnapshotWriter::captureUnlessCaptured);
        if (capture == null) {
            // A backup is being taken. It does not take long, and the next entry asks again.
            return;
        }
        aborted = false;
        Thread started = new Thread(() -> run(at, capture), "holdfast-snapshot-" + at.getIndex());
        started.setDaemon(true);
        // Not before it runs: there may be no memory for another thread now.
        started.start();
        thread = started;
        meter.begun(at.getIndex());
    }

    private static @Nullable SnapshotCapture captureUnlessCaptured(LockMachine machine) {
        return machine.isCaptured() ? null : machine.capture();
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
        long begun = nanoTime.getAsLong();
        try {
            if (write(temporary, capture)) {
                publish(at, temporary, file);
                written.accept(nanoTime.getAsLong() - begun);
            }
        } catch (IOException | CorruptSnapshotException | RuntimeException | Error e) {
            LOG.error(
                    "Could not write snapshot {}. The log stays as it is; the next attempt is in {} s",
                    file,
                    failed(),
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

    private long failed() {
        lock.lock();
        try {
            backoff.failed();
            return backoff.pauseSeconds();
        } finally {
            lock.unlock();
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

    /**
     * Once it has been read back: the log before it will go, on every peer alike. The digest first, the snapshot's name last,
     * so that a snapshot that can be seen is whole.
     */
    private void publish(TermIndex at, Path temporary, Path file) throws IOException, CorruptSnapshotException {
        MD5Hash digest = SnapshotFile.verify(temporary);
        MD5FileUtil.saveMD5File(file.toFile(), digest);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        Fsync.folder(Objects.requireNonNull(file.getParent()));
        long bytes = Files.size(file);
        lock.lock();
        try {
            if (!aborted) {
                store.updateLatestSnapshot(
                        new SingleFileSnapshotInfo(new FileInfo(file, digest), at.getTerm(), at.getIndex()));
                store.added();
                previousIndex = durableIndex;
                durableIndex = at.getIndex();
                durableBytes = bytes;
                unreported = true;
                backoff.succeeded();
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
