package dev.holdfast.node.internal.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the last entry of a log that a kill or a power failure cut short.
 *
 * <p>Ratis fills its open segment with zeros in advance, takes an entry cut short for corruption, and under the safe
 * policy will not start. But an entry cut short was never flushed as a whole, so this peer never acknowledged it, and may
 * forget it. What tells it from a damaged entry, which may have been acknowledged: a write is cut at a multiple of the
 * sector size, and from there on the file has nothing but zeros. Anything else is left for Ratis to refuse.
 *
 * <p>An entry in the segment is its length as a varint, its bytes, and the CRC-32C of both in 4 bytes; after the last one
 * come zeros (Ratis 3.3.0, {@code SegmentedRaftLogReader}).
 */
final class TornTail {
    private static final Logger LOG = LoggerFactory.getLogger(TornTail.class);
    private static final int HEADER_BYTES = 8;
    private static final int CHECKSUM_BYTES = 4;
    private static final int SECTOR_BYTES = 512;

    /** Looks at the open segments in that folder of Ratis's. */
    static void repairIn(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(folder, "log_inprogress_*")) {
            for (Path segment : segments) {
                repair(segment);
            }
        }
    }

    /** @return whether the segment ended in an entry cut short, which is now gone */
    static boolean repair(Path segment) throws IOException {
        byte[] bytes = Files.readAllBytes(segment);
        int contentEnd = contentEnd(bytes);
        int position = HEADER_BYTES;
        while (position < contentEnd) {
            int next = endOfWholeEntry(bytes, position);
            if (next < 0) {
                break;
            }
            position = next;
        }
        if (position >= contentEnd || !isCutShort(bytes, position, contentEnd)) {
            return false;
        }
        LOG.warn(
                "{} ends in an entry that was cut short at byte {}; it was never acknowledged, and is removed from byte {}",
                segment,
                contentEnd,
                position);
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(contentEnd - position);
            while (zeros.hasRemaining()) {
                channel.write(zeros, position + zeros.position());
            }
            channel.force(true);
        }
        return true;
    }

    /** Behind the last byte that is not zero. */
    private static int contentEnd(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }

    /** Where the entry ends, its checksum included, or -1 if it is not whole. */
    private static int endOfWholeEntry(byte[] bytes, int start) {
        Length length = Length.read(bytes, start);
        if (length == null) {
            return -1;
        }
        long checksumAt = (long) start + length.varintBytes + length.value;
        if (checksumAt + CHECKSUM_BYTES > bytes.length) {
            return -1;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, start, (int) checksumAt - start);
        int stored = ByteBuffer.wrap(bytes).getInt((int) checksumAt);
        return stored == (int) crc.getValue() ? (int) checksumAt + CHECKSUM_BYTES : -1;
    }

    /** Whether the entry at that position goes on behind the sector boundary from which on all is zero. */
    private static boolean isCutShort(byte[] bytes, int start, int contentEnd) {
        int boundary = (contentEnd + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
        Length length = Length.read(bytes, start);
        if (length == null) {
            return start + Length.VARINT_BYTES_MAX > boundary;
        }
        return (long) start + length.varintBytes + length.value + CHECKSUM_BYTES > boundary;
    }

    private record Length(int value, int varintBytes) {
        private static final int VARINT_BYTES_MAX = 5;

        static @Nullable Length read(byte[] bytes, int start) {
            int value = 0;
            for (int i = 0; i < VARINT_BYTES_MAX; i++) {
                if (start + i >= bytes.length) {
                    return null;
                }
                byte next = bytes[start + i];
                value |= (next & 0x7f) << (7 * i);
                if (next >= 0) {
                    return value <= 0 ? null : new Length(value, i + 1);
                }
            }
            return null;
        }
    }

    private TornTail() {}
}
