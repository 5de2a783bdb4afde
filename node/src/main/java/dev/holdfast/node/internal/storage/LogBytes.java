package dev.holdfast.node.internal.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file of Ratis's log: 8 bytes of header, and entries. An entry is its length as a varint, its bytes, and the
 * CRC-32C of both in 4 bytes. After the last one come zeros, with which Ratis fills a file that it writes to in advance (Ratis
 * 3.3.0, {@code SegmentedRaftLogReader}).
 */
final class LogBytes {
    static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);

    private static final int CHECKSUM_BYTES = 4;
    private static final int SECTOR_BYTES = 512;
    private static final int VARINT_BYTES_MAX = 10;
    private static final int LENGTH_BYTES_MAX = 5;
    private static final int TERM_TAG = 1 << 3;
    private static final int INDEX_TAG = 2 << 3;

    private final byte[] bytes;

    /** Behind the last byte that is not zero. */
    final int contentEnd;

    LogBytes(byte[] bytes) {
        this.bytes = bytes;
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        this.contentEnd = end;
    }

    int size() {
        return bytes.length;
    }

    boolean hasHeader() {
        return bytes.length >= HEADER.length
                && ByteBuffer.wrap(bytes, 0, HEADER.length).equals(ByteBuffer.wrap(HEADER));
    }

    /** Whether no more than a part of the header was ever written. */
    boolean isBlank() {
        return contentEnd < HEADER.length
                && ByteBuffer.wrap(bytes, 0, contentEnd).equals(ByteBuffer.wrap(HEADER, 0, contentEnd));
    }

    /** Where the entry at that position ends, its checksum included, or -1 if it is not whole. */
    int endOfWholeEntry(int start) {
        long end = endAsItSays(start);
        if (end < 0 || end > bytes.length) {
            return -1;
        }
        int checksumAt = (int) end - CHECKSUM_BYTES;
        CRC32C crc = new CRC32C();
        crc.update(bytes, start, checksumAt - start);
        return ByteBuffer.wrap(bytes).getInt(checksumAt) == (int) crc.getValue() ? (int) end : -1;
    }

    /** Where the entry at that position would end by its length, or -1 if that is no length. */
    long endAsItSays(int start) {
        Varint length = varint(start, LENGTH_BYTES_MAX);
        return length == null || length.value <= 0 || length.value > Integer.MAX_VALUE
                ? -1
                : length.end + length.value + CHECKSUM_BYTES;
    }

    /**
     * Whether a kill or a power failure left no more than parts of the entry at that position, which is not whole: it was cut short, or
     * has a hole. What is left cannot be told from an entry that was flushed and lost sectors later; a disk that keeps what it has
     * flushed does not do that.
     */
    boolean isTorn(int start) {
        return isCutShort(start) || hasHole(start);
    }

    /** Whether the entry goes on behind the sector boundary from which on all is zero, or behind the end of the file. */
    private boolean isCutShort(int start) {
        long boundary = boundaryAtOrBehind(contentEnd);
        long end = endAsItSays(start);
        return (end < 0 ? (long) start + LENGTH_BYTES_MAX : end) > boundary;
    }

    /** Whether a sector of the entry, or its part of the first one, was never written. A disk may write later sectors before it. */
    private boolean hasHole(int start) {
        long says = endAsItSays(start);
        long end = Math.min(bytes.length, says < 0 ? (long) start + LENGTH_BYTES_MAX : says);
        int from = start;
        while (from < end) {
            int to = (int) Math.min(bytes.length, boundaryAtOrBehind(from + 1));
            if (isZero(from, to)) {
                return true;
            }
            from = to;
        }
        return false;
    }

    private boolean isZero(int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static long boundaryAtOrBehind(long position) {
        return (position + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    }

    /** The bytes of the whole entry at that position, without its length and its checksum. */
    byte[] content(int start) {
        Varint length = varint(start, LENGTH_BYTES_MAX);
        return length == null ? new byte[0] : Arrays.copyOfRange(bytes, length.end, length.end + (int) length.value);
    }

    /** The place of the whole entry at that position, or {@code null} if its bytes do not tell. */
    @Nullable
    EntryId id(int start) {
        Varint length = varint(start, LENGTH_BYTES_MAX);
        if (length == null) {
            return null;
        }
        long term = 0;
        long index = 0;
        int position = length.end;
        int end = length.end + (int) length.value;
        // Protobuf writes the fields in order, and leaves out those that are 0.
        while (position < end && (bytes[position] == TERM_TAG || bytes[position] == INDEX_TAG)) {
            Varint value = varint(position + 1, VARINT_BYTES_MAX);
            if (value == null) {
                return null;
            }
            if (bytes[position] == INDEX_TAG) {
                index = value.value;
            } else {
                term = value.value;
            }
            position = value.end;
        }
        return new EntryId(term, index);
    }

    private record Varint(long value, int end) {}

    private @Nullable Varint varint(int start, int bytesMax) {
        long value = 0;
        for (int i = 0; i < bytesMax && start + i < bytes.length; i++) {
            byte next = bytes[start + i];
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return new Varint(value, start + i + 1);
            }
        }
        return null;
    }
}
