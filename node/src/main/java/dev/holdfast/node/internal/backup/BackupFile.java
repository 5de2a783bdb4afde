package dev.holdfast.node.internal.backup;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.holdfast.client.v1.BackupHeadProto;
import dev.holdfast.node.internal.snapshot.Pieces;
import dev.holdfast.statemachine.CorruptSnapshotException;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.NewerSnapshotException;
import dev.holdfast.statemachine.SnapshotRestore;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A backup on disk: 8 bytes of magic, which name the format, and {@link Pieces}. The first byte of each says what it is: the head of a
 * group, a piece of that group's snapshot, or, last, the SHA-256 of all that comes before it. The groups come in the order of their
 * numbers, and none is missing.
 */
public final class BackupFile {
    private static final byte[] MAGIC = {'H', 'O', 'L', 'D', 'B', 'A', 'K', '1'};

    /** What the magic of all formats begins with. */
    private static final int MAGIC_OF_ALL = 7;

    private static final byte HEAD = 1;
    private static final byte PIECE = 2;
    private static final byte DIGEST = 3;

    /** Length and checksum. */
    private static final int FRAME_BYTES = 8;

    /** Takes the groups in the order of their numbers. */
    public interface Sink {
        /** What the group's machine was at the time of the backup. */
        void group(BackupHeadProto head, LockMachine machine) throws IOException;
    }

    /**
     * Reads all of it. What was read is known to be whole only once this returns.
     *
     * @throws IOException if it cannot be read, is damaged, is not whole, or is of another release's format; the message says so in words
     *     that stand alone
     */
    public static void read(Path file, Sink sink) throws IOException {
        MessageDigest digest = sha256();
        try (DataInputStream in = new DataInputStream(
                new DigestInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16), digest))) {
            checkMagic(file, in.readNBytes(MAGIC.length));
            new Reader(file, in, digest, sink).run();
        }
    }

    private static void checkMagic(Path file, byte[] magic) throws IOException {
        if (Arrays.equals(magic, MAGIC)) {
            return;
        }
        throw new IOException(
                magic.length == MAGIC.length && Arrays.equals(magic, 0, MAGIC_OF_ALL, MAGIC, 0, MAGIC_OF_ALL)
                        ? "the backup " + file + " has a format that this release does not read: use a newer release"
                        : file + " is not a backup of Holdfast");
    }

    private static final class Reader {
        private final Path file;
        private final DataInputStream in;
        private final MessageDigest digest;
        private final Sink sink;
        private long position = MAGIC.length;
        private @Nullable BackupHeadProto head;
        private SnapshotRestore state = new SnapshotRestore();
        private int groups;

        Reader(Path file, DataInputStream in, MessageDigest digest, Sink sink) {
            this.file = file;
            this.in = in;
            this.digest = digest;
            this.sink = sink;
        }

        void run() throws IOException {
            while (true) {
                byte[] expected = copy(digest).digest();
                byte[] piece;
                try {
                    piece = Pieces.read(in);
                } catch (Pieces.DamagedException e) {
                    throw damaged(String.valueOf(e.getMessage()));
                }
                if (piece == null) {
                    throw damaged("it ends here, and is not whole");
                }
                if (piece[0] == DIGEST) {
                    end(Arrays.copyOfRange(piece, 1, piece.length), expected);
                    return;
                }
                try {
                    accept(piece[0], Arrays.copyOfRange(piece, 1, piece.length));
                } catch (NewerSnapshotException e) {
                    throw new IOException("the backup " + file + " is of a newer release: " + e.getMessage(), e);
                } catch (CorruptSnapshotException | InvalidProtocolBufferException e) {
                    throw damaged(String.valueOf(e.getMessage()));
                }
                position += FRAME_BYTES + piece.length;
            }
        }

        private void accept(byte kind, byte[] content) throws IOException, CorruptSnapshotException {
            if (kind == HEAD) {
                endGroup();
                begin(BackupHeadProto.parseFrom(content));
            } else if (kind == PIECE && head != null) {
                state.accept(content);
            } else {
                throw damaged("there is something here that does not belong here");
            }
        }

        private void begin(BackupHeadProto next) throws IOException {
            if (!next.getUnknownFields().asMap().isEmpty()) {
                throw new IOException("the backup " + file + " was made by release " + next.getVersion()
                        + ", and says more than this release understands: use a newer one");
            }
            BackupHeadProto before = head;
            boolean fits = next.getGroup() == groups
                    && next.getGroups() > next.getGroup()
                    && (before == null
                            || (before.getGroups() == next.getGroups()
                                    && before.getClusterId().equals(next.getClusterId())));
            if (!fits) {
                throw damaged("its groups do not fit together");
            }
            head = next;
            groups++;
            state = new SnapshotRestore();
        }

        private void endGroup() throws IOException, CorruptSnapshotException {
            BackupHeadProto ended = head;
            if (ended == null) {
                return;
            }
            LockMachine machine = state.finish();
            if (machine.appliedIndex() != ended.getAppliedIndex() || machine.lastToken() != ended.getLastToken()) {
                throw damaged("the state of group " + ended.getGroup() + " is not the one that it should be");
            }
            sink.group(ended, machine);
        }

        private void end(byte[] stored, byte[] expected) throws IOException {
            try {
                endGroup();
            } catch (CorruptSnapshotException e) {
                throw damaged(String.valueOf(e.getMessage()));
            }
            BackupHeadProto last = head;
            if (last == null || groups != last.getGroups()) {
                throw damaged("a group is missing");
            }
            if (!MessageDigest.isEqual(stored, expected)) {
                throw damaged("its digest is another one");
            }
            if (in.read() >= 0) {
                throw damaged("something follows after its end");
            }
        }

        private IOException damaged(String what) {
            return new IOException("the backup " + file + " is damaged at byte " + position + ": " + what
                    + ". Use another one; nothing was changed");
        }
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("Java's own can be copied", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has it", e);
        }
    }

    /** An end of what was written. */
    public static final class Mark {
        private final long position;
        private final MessageDigest digest;

        private Mark(long position, MessageDigest digest) {
            this.position = position;
            this.digest = digest;
        }
    }

    /** Writes a backup; it is one only once it is {@linkplain #finish finished}. Not thread-safe. */
    public static final class Writer implements AutoCloseable {
        private final FileChannel channel;
        private final DigestOutputStream digested;
        private final DataOutputStream out;

        /** Writes to that file, from its beginning. */
        public Writer(Path file) throws IOException {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            digested = new DigestOutputStream(
                    new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16), sha256());
            out = new DataOutputStream(digested);
            out.write(MAGIC);
        }

        /** Begins the next group. */
        public void head(BackupHeadProto head) throws IOException {
            write(HEAD, head.toByteArray());
        }

        /** The next piece of the snapshot of the group that was begun. */
        public void piece(byte[] piece) throws IOException {
            write(PIECE, piece);
        }

        /** The present end, to which {@link #rewind} goes back. */
        public Mark mark() throws IOException {
            out.flush();
            return new Mark(channel.position(), copy(digested.getMessageDigest()));
        }

        /** Takes back what was written since then. */
        public void rewind(Mark mark) throws IOException {
            out.flush();
            channel.truncate(mark.position);
            digested.setMessageDigest(copy(mark.digest));
        }

        /** Writes the end. Then the file's content is durable; its name may not be. */
        public void finish() throws IOException {
            write(DIGEST, copy(digested.getMessageDigest()).digest());
            out.flush();
            channel.force(true);
        }

        private void write(byte kind, byte[] content) throws IOException {
            byte[] piece = new byte[1 + content.length];
            piece[0] = kind;
            System.arraycopy(content, 0, piece, 1, content.length);
            Pieces.write(out, piece);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private BackupFile() {}
}
