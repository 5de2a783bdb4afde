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
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.util.MD5FileUtil;

/**
 * A snapshot on disk: 8 bytes of magic, then each piece as its length (4 bytes), its CRC-32C (4 bytes) and its bytes.
 * The last piece itself tells whether pieces are missing at the end.
 */
public final class SnapshotFile {
    private static final byte[] MAGIC = {'H', 'O', 'L', 'D', 'S', 'N', 'P', '1'};

    /** What is written is always well under what can be read. */
    static final int WRITTEN_PIECE_BYTES_MAX = 64 << 20;

    private static final int PIECE_BYTES_MAX = 1 << 30;

    private interface Sink {
        void accept(byte[] piece) throws CorruptSnapshotException;
    }

    /** Builds the machine that was written. */
    public static LockMachine read(Path file) throws IOException, CorruptSnapshotException {
        SnapshotRestore restore = new SnapshotRestore();
        try (InputStream in = Files.newInputStream(file)) {
            readPieces(in, restore::accept);
        }
        return restore.finish();
    }

    /**
     * Reads the file without building anything of it: all its pieces are there, and match their checksums.
     *
     * @return the digest of the whole file, as Ratis wants it
     */
    static MD5Hash verify(Path file) throws IOException, CorruptSnapshotException {
        MessageDigest digest = MD5FileUtil.newMD5();
        byte[][] last = {{}};
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            readPieces(in, piece -> last[0] = piece);
        }
        if (!SnapshotRestore.isLast(last[0])) {
            throw new CorruptSnapshotException("the snapshot is incomplete");
        }
        return MD5Hash.newInstance(digest.digest());
    }

    private static void readPieces(InputStream from, Sink sink) throws IOException, CorruptSnapshotException {
        try {
            DataInputStream in = new DataInputStream(new BufferedInputStream(from, 1 << 16));
            byte[] magic = in.readNBytes(MAGIC.length);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new CorruptSnapshotException("not a snapshot of Holdfast");
            }
            while (true) {
                int first = in.read();
                if (first < 0) {
                    return;
                }
                int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int checksum = in.readInt();
                // An empty piece would match the checksum in a file of zeros.
                if (length <= 0 || length > PIECE_BYTES_MAX) {
                    throw new CorruptSnapshotException("a piece of " + length + " bytes");
                }
                byte[] piece = in.readNBytes(length);
                if (piece.length < length || checksum(piece) != checksum) {
                    throw new CorruptSnapshotException("a piece does not match its checksum");
                }
                sink.accept(piece);
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

        /** @throws IOException also if nobody could read such a piece */
        void write(byte[] piece) throws IOException {
            if (piece.length == 0 || piece.length > WRITTEN_PIECE_BYTES_MAX) {
                throw new IOException("a piece of " + piece.length + " bytes; a piece has 1 to "
                        + WRITTEN_PIECE_BYTES_MAX + " bytes");
            }
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
