package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.leader.LogEntry;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The latest entries that were decoded when they came, so that they need not be decoded again when they are applied. An entry is
 * found by its bytes themselves, as the same object: whatever else came under its index does not count.
 *
 * <p>See {@code docs/adr/013-a-transport-of-our-own.md}.
 */
final class DecodedEntries {
    private static final int SIZE = 64;

    /** Larger ones are decoded again: what is kept here has to be bounded. */
    private static final int BYTES_MAX = 64 << 10;

    private record Decoded(ByteString data, LogEntry entry) {}

    private final AtomicReferenceArray<@Nullable Decoded> latest = new AtomicReferenceArray<>(SIZE);

    void put(long index, ByteString data, LogEntry entry) {
        if (data.size() <= BYTES_MAX) {
            latest.set(slot(index), new Decoded(data, entry));
        }
    }

    /** {@code null} if it is not there any more, or never was. */
    @SuppressWarnings("ReferenceEquality")
    @Nullable
    LogEntry take(long index, ByteString data) {
        Decoded found = latest.get(slot(index));
        if (found == null || found.data != data) {
            return null;
        }
        latest.compareAndSet(slot(index), found, null);
        return found.entry;
    }

    private static int slot(long index) {
        return (int) (index % SIZE);
    }
}
