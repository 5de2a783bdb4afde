package dev.holdfast.node.internal.storage;

import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the end of a log from the first entry on that a kill or a power failure left in parts.
 *
 * <p>Ratis fills its open segment with zeros in advance, takes such an entry for corruption, and under the safe policy will
 * not start. But it was never flushed as a whole, and nothing behind it was, so this peer never acknowledged any of it, and may
 * forget it. What tells it from a damaged entry, which may have been acknowledged: a disk writes whole sectors, in any order, so
 * some sector of the entry has nothing but zeros ({@link LogBytes#isTorn}). Anything else is left for {@link StoredLog} to refuse, and
 * so is an entry that is known to have been acknowledged.
 */
final class TornTail {
    private static final Logger LOG = LoggerFactory.getLogger(TornTail.class);

    /**
     * Zeroes what is to be removed, in the content that was read.
     *
     * @param segment where that was read
     * @param first the index of the segment's first entry
     * @param acknowledged up to which index this peer is known to have acknowledged entries, or -1
     */
    static void cut(byte[] content, Path segment, long first, long acknowledged) {
        LogBytes bytes = new LogBytes(content);
        int position = LogBytes.HEADER.length;
        long index = first;
        while (position < bytes.contentEnd) {
            int next = bytes.endOfWholeEntry(position);
            if (next < 0) {
                break;
            }
            position = next;
            index++;
        }
        if (position >= bytes.contentEnd || !bytes.isTorn(position) || index <= acknowledged) {
            return;
        }
        LOG.warn(
                "{} was not written to its end: of entry {} only parts are there. It was never acknowledged, nor was what may"
                        + " follow, so bytes {} to {} are removed",
                segment,
                index,
                position,
                bytes.contentEnd);
        Arrays.fill(content, position, bytes.contentEnd, (byte) 0);
    }

    private TornTail() {}
}
