package dev.holdfast.node.internal.storage;

import java.nio.file.Path;
import java.util.Arrays;
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

    /**
     * Zeroes an entry cut short, in the content that was read.
     *
     * @param segment where that was read
     */
    static void cut(byte[] content, Path segment) {
        LogBytes bytes = new LogBytes(content);
        int position = LogBytes.HEADER.length;
        while (position < bytes.contentEnd) {
            int next = bytes.endOfWholeEntry(position);
            if (next < 0) {
                break;
            }
            position = next;
        }
        if (position >= bytes.contentEnd || !bytes.isCutShort(position)) {
            return;
        }
        LOG.warn(
                "{} ends in an entry that was cut short at byte {}; it was never acknowledged, and is removed from byte {}",
                segment,
                bytes.contentEnd,
                position);
        Arrays.fill(content, position, bytes.contentEnd, (byte) 0);
    }

    private TornTail() {}
}
