package dev.holdfast.node.internal.snapshot;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Pieces in a file, one after the other: each as its length (4 bytes), its CRC-32C (4 bytes) and its bytes. */
public final class Pieces {
    /** What is written is always well under what can be read. */
    static final int WRITTEN_BYTES_MAX = 64 << 20;

    private static final int BYTES_MAX = 1 << 30;

    /** A piece is not what was written. The message says what is wrong, in words that fit after a name. */
    public static final class DamagedException extends IOException {
        private static final long serialVersionUID = 1;

        DamagedException(String message) {
            super(message);
        }
    }

    /**
     * Writes a piece.
     *
     * @throws IOException also if nobody could read such a piece
     */
    public static void write(DataOutputStream out, byte[] piece) throws IOException {
        if (piece.length == 0 || piece.length > WRITTEN_BYTES_MAX) {
            throw new IOException(
                    "a piece of " + piece.length + " bytes; a piece has 1 to " + WRITTEN_BYTES_MAX + " bytes");
        }
        out.writeInt(piece.length);
        out.writeInt(checksum(piece));
        out.write(piece);
    }

    /**
     * Reads the next piece; {@code null} at the end of the file.
     *
     * @throws DamagedException if it is not whole
     */
    public static byte @Nullable [] read(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        try {
            int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int checksum = in.readInt();
            // An empty piece would match the checksum in a file of zeros.
            if (length <= 0 || length > BYTES_MAX) {
                throw new DamagedException("a piece of " + length + " bytes");
            }
            byte[] piece = in.readNBytes(length);
            if (piece.length < length || checksum(piece) != checksum) {
                throw new DamagedException("a piece does not match its checksum");
            }
            return piece;
        } catch (EOFException e) {
            throw new DamagedException("it ends within a piece");
        }
    }

    private static int checksum(byte[] piece) {
        CRC32C crc = new CRC32C();
        crc.update(piece);
        return (int) crc.getValue();
    }

    private Pieces() {}
}
