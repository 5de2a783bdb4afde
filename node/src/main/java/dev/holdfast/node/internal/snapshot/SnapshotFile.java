package dev.holdfast.node.internal.snapshot;

import dev.holdfast.statemachine.CorruptSnapshotException;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotRestore;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A snapshot on disk: 8 bytes of magic, then each piece as its length (4 bytes), its CRC-32C (4 bytes) and its bytes.
 * The last piece itself tells whether pieces are missing at the end.
 */
public final class SnapshotFile {
    private static final byte[] MAGIC = {'H', 'O', 'L', 'D', 'S', 'N', 'P', '1'};
    private static final int PIECE_BYTES_MAX = 1 << 30;

    public static LockMachine read(Path file) throws IOException, CorruptSnapshotException {
        SnapshotRestore restore = new SnapshotRestore();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            byte[] magic = in.readNBytes(MAGIC.length);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new CorruptSnapshotException("not a snapshot of Holdfast");
            }
            while (true) {
                int first = in.read();
                if (first < 0) {
                    return restore.finish();
                }
                int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int checksum = in.readInt();
                if (length < 0 || length > PIECE_BYTES_MAX) {
                    throw new CorruptSnapshotException("a piece of " + length + " bytes");
                }
                byte[] piece = in.readNBytes(length);
                if (piece.length < length || checksum(piece) != checksum) {
                    throw new CorruptSnapshotException("a piece does not match its checksum");
                }
                restore.accept(piece);
            }
        } catch (EOFException e) {
            throw new CorruptSnapshotException("the snapshot ends within a piece", e);
        }
    }

    private static int checksum(byte[] piece) {
        CRC32C crc = new CRC32C();
        crc.update(piece);
        return (int) crc.getValue();
    }

    /** Writes pieces; {@link #finish} makes them durable. */
    static final class Writer implements AutoCloseable {
        private final FileChannel channel;
        private final DataOutputStream out;

        Writer(Path file) throws IOException {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            OutputStream stream = Channels.newOutputStream(channel);
            out = new DataOutputStream(new BufferedOutputStream(stream, 1 << 16));
            out.write(MAGIC);
        }

        void write(byte[] piece) throws IOException {
            out.writeInt(piece.length);
            out.writeInt(checksum(piece));
            out.write(piece);
        }

        void finish() throws IOException {
            out.flush();
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private SnapshotFile() {}
}
