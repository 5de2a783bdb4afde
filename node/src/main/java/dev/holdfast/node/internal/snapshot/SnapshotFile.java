package dev.holdfast.node.internal.snapshot;

import dev.holdfast.statemachine.CorruptSnapshotException;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.SnapshotRestore;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.util.MD5FileUtil;

/**
 * A snapshot on disk: 8 bytes of magic, then each piece as its length (4 bytes), its CRC-32C (4 bytes) and its bytes.
 * The last piece itself tells whether pieces are missing at the end.
 */
public final class SnapshotFile {
    private static final byte[] MAGIC = {'H', 'O', 'L', 'D', 'S', 'N', 'P', '1'};

    private static final int PARTS_PER_TURN = 4096;

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
     * Writes the state of a machine that no log drives, so that it can be read and is durable when this returns: also its digest, as
     * Ratis wants it beside the file, and the names of both. The snapshot appears last, and whole.
     *
     * @throws IOException if it cannot be written, or read back
     */
    public static void write(Path file, LockMachine machine) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (Writer writer = new Writer(temporary);
                SnapshotCapture capture = machine.capture()) {
            while (!capture.isComplete()) {
                capture.take(PARTS_PER_TURN).writeTo(writer::write);
            }
            writer.finish();
        }
        try {
            MD5FileUtil.saveMD5File(file.toFile(), verify(temporary));
        } catch (CorruptSnapshotException e) {
            throw new IOException(temporary + " cannot be read back: " + e.getMessage(), e);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        Fsync.folder(Objects.requireNonNull(file.getParent()));
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
        DataInputStream in = new DataInputStream(new BufferedInputStream(from, 1 << 16));
        byte[] magic = in.readNBytes(MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new CorruptSnapshotException("not a snapshot of Holdfast");
        }
        try {
            for (byte[] piece = Pieces.read(in); piece != null; piece = Pieces.read(in)) {
                sink.accept(piece);
            }
        } catch (Pieces.DamagedException e) {
            throw new CorruptSnapshotException(String.valueOf(e.getMessage()), e);
        }
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
            Pieces.write(out, piece);
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
