package dev.holdfast.node.internal.snapshot;

import dev.holdfast.node.leader.Replica;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.SnapshotImage;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The state of a replica at one moment, in a file that is gone when this is closed, or with the process. So whoever reads it slowly
 * keeps neither memory nor the next snapshot. Not thread-safe.
 */
public final class BackupCapture implements AutoCloseable {
    /** As for snapshots. */
    private static final int PARTS_PER_TURN = 512;

    private final long appliedIndex;
    private final long lastToken;
    private final FileChannel channel;
    private final DataInputStream in;

    private record Begun(SnapshotCapture capture, long lastToken) {}

    private BackupCapture(long appliedIndex, long lastToken, FileChannel channel) throws IOException {
        this.appliedIndex = appliedIndex;
        this.lastToken = lastToken;
        this.channel = channel.position(0);
        this.in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), 1 << 16));
    }

    /**
     * Takes the state in short turns under the replica's lock, so that entries are applied meanwhile. Blocks for as long as it takes to
     * write it.
     *
     * @param temporary the file; nobody else may use it
     * @return {@code null} if a snapshot is being taken at this moment
     */
    public static @Nullable BackupCapture take(Replica replica, Path temporary) throws IOException {
        Begun begun = replica.read(
                machine -> machine.isCaptured() ? null : new Begun(machine.capture(), machine.lastToken()));
        if (begun == null) {
            return null;
        }
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
            write(replica, begun.capture, channel);
            BackupCapture written = new BackupCapture(begun.capture.appliedIndex(), begun.lastToken, channel);
            taken = true;
            return written;
        } finally {
            close(replica, begun.capture);
            if (channel != null && !taken) {
                channel.close();
            }
        }
    }

    private static void write(Replica replica, SnapshotCapture capture, FileChannel channel) throws IOException {
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
        while (!capture.isComplete()) {
            SnapshotImage image = replica.read(machine -> capture.take(PARTS_PER_TURN));
            image.writeTo(piece -> Pieces.write(out, piece));
        }
        out.flush();
    }

    private static void close(Replica replica, SnapshotCapture capture) {
        LockMachine unused = replica.read(machine -> {
            capture.close();
            return machine;
        });
    }

    /** The log index up to which the state has applied the log. */
    public long appliedIndex() {
        return appliedIndex;
    }

    /** The highest token that was granted by then; 0 if none was. */
    public long lastToken() {
        return lastToken;
    }

    /** The next piece of the snapshot; {@code null} behind the last. */
    public byte @Nullable [] next() throws IOException {
        return Pieces.read(in);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
