package dev.holdfast.node.internal.storage;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;

/** Makes files as Ratis's log has them. */
final class LogFileBuilder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final long term;
    private long next;

    LogFileBuilder() {
        this(1, 0);
    }

    LogFileBuilder(long term, long first) {
        this.term = term;
        this.next = first;
        out.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
    }

    /** Adds an entry of about that size. */
    LogFileBuilder entry(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        write(entry, coded -> {
            if (term != 0) {
                coded.writeUInt64(1, term);
            }
            if (next != 0) {
                coded.writeUInt64(2, next);
            }
            coded.writeByteArray(3, content);
        });
        next++;
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        write(framed, coded -> {
            coded.writeUInt32NoTag(entry.size());
            coded.writeRawBytes(entry.toByteArray());
        });
        CRC32C crc = new CRC32C();
        crc.update(framed.toByteArray());
        out.writeBytes(framed.toByteArray());
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        return this;
    }

    private interface Fields {
        void write(CodedOutputStream coded) throws IOException;
    }

    private static void write(ByteArrayOutputStream to, Fields fields) {
        try {
            CodedOutputStream coded = CodedOutputStream.newInstance(to);
            fields.write(coded);
            coded.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int size() {
        return out.size();
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    /** With zeros behind the last entry. */
    byte[] filledUpTo(int size) {
        return Arrays.copyOf(out.toByteArray(), size);
    }
}
