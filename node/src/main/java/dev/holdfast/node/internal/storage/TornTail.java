package dev.holdfast.node.internal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the last entry of a log that a kill or a power failure cut short.
 *
 * <p>Ratis fills its open segment with zeros in advance, takes an entry cut short for corruption, and under the safe
 * policy will not start. But an entry cut short was never flushed as a whole, so this peer never acknowledged it, and may
 * forget it. What tells it from a damaged entry, which may have been acknowledged: a write is cut at a multiple of the
 * sector size, and from there on the file has nothing but zeros. Anything else is left for {@link StoredLog} to refuse.
 */
final class TornTail {
    private static final Logger LOG = LoggerFactory.getLogger(TornTail.class);

    /** @return whether the segment ended in an entry cut short, which is now gone */
    static boolean repair(Path segment) throws IOException {
        LogBytes bytes = new LogBytes(Files.readAllBytes(segment));
        int position = LogBytes.HEADER.length;
        while (position < bytes.contentEnd) {
            int next = bytes.endOfWholeEntry(position);
            if (next < 0) {
                break;
            }
            position = next;
        }
        if (position >= bytes.contentEnd || !bytes.isCutShort(position)) {
            return false;
        }
        LOG.warn(
                "{} ends in an entry that was cut short at byte {}; it was never acknowledged, and is removed from byte {}",
                segment,
                bytes.contentEnd,
                position);
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(bytes.contentEnd - position);
            while (zeros.hasRemaining()) {
                channel.write(zeros, position + zeros.position());
            }
            channel.force(true);
        }
        return true;
    }

    private TornTail() {}
}
