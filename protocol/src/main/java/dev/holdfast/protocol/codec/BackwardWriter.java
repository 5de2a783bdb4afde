package dev.holdfast.protocol.codec;

import java.nio.charset.StandardCharsets;

/**
 * Writes the Protocol Buffers wire format from back to front. A nested message is preceded by its length; written
 * backwards, the message is complete when its length is due, so nothing need be measured in advance. Callers write
 * fields and elements in reverse order. Default values are omitted, as generated code does.
 *
 * <p>Format: <a href="https://protobuf.dev/programming-guides/encoding/">Protocol Buffers, Encoding</a>.
 */
final class BackwardWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int VARINT_BYTES_MAX = 10;

    private byte[] buffer;
    private int start;

    BackwardWriter(int expectedBytes) {
        buffer = new byte[Math.max(64, expectedBytes)];
        start = buffer.length;
    }

    /** How many bytes have been written. */
    int size() {
        return buffer.length - start;
    }

    /** What has been written, after {@code zerosBefore} zeros. */
    byte[] toByteArray(int zerosBefore) {
        byte[] bytes = new byte[zerosBefore + size()];
        System.arraycopy(buffer, start, bytes, zerosBefore, size());
        return bytes;
    }

    void int64(int field, long value) {
        if (value != 0) {
            int64Always(field, value);
        }
    }

    /** For a field of a oneof, which is present even with its default value. */
    void int64Always(int field, long value) {
        varint(value);
        tag(field, VARINT);
    }

    void bool(int field, boolean value) {
        if (value) {
            int64Always(field, 1);
        }
    }

    void fixed64(int field, long value) {
        if (value != 0) {
            reserve(Long.BYTES);
            for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                buffer[--start] = (byte) (value >>> shift);
            }
            tag(field, FIXED64);
        }
    }

    void string(int field, String value) {
        if (!value.isEmpty()) {
            bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Writes fields that are encoded already. */
    void append(byte[] encoded) {
        reserve(encoded.length);
        start -= encoded.length;
        System.arraycopy(encoded, 0, buffer, start, encoded.length);
    }

    /** Writes a message that is encoded already, or the value of a bytes field; also if it is empty. */
    void bytes(int field, byte[] value) {
        append(value);
        varint(value.length);
        tag(field, LENGTH_DELIMITED);
    }

    /** Turns what has been written since {@link #size} was {@code sizeBefore} into a message. */
    void message(int field, int sizeBefore) {
        varint(size() - sizeBefore);
        tag(field, LENGTH_DELIMITED);
    }

    private void tag(int field, int type) {
        varint(((long) field << 3) | type);
    }

    private void varint(long value) {
        reserve(VARINT_BYTES_MAX);
        int bytes = 1 + (Long.SIZE - 1 - Long.numberOfLeadingZeros(value | 1)) / 7;
        start -= bytes;
        long rest = value;
        for (int i = 0; i < bytes - 1; i++) {
            buffer[start + i] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        buffer[start + bytes - 1] = (byte) rest;
    }

    private void reserve(int bytes) {
        if (start < bytes) {
            int used = size();
            byte[] larger = new byte[Math.max(buffer.length * 2, used + bytes)];
            System.arraycopy(buffer, start, larger, larger.length - used, used);
            buffer = larger;
            start = larger.length - used;
        }
    }
}
