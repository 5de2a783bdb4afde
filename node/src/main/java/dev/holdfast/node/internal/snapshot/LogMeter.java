package dev.holdfast.node.internal.snapshot;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Measures what is applied of the log, in entries and in bytes, and says from it when the next snapshot is due and how much
 * of the log has to stay. Both keep the log bounded by bytes, however long its entries are. Not thread-safe but for {@link #entryBytes}.
 *
 * <p>See {@code docs/adr/004-snapshots-by-saved-pre-images.md}.
 */
final class LogMeter {
    private static final int MARKS_PER_LIMIT = 16;

    private final SnapshotPolicy policy;

    /** Places in the log, in order: the last ones, at distances of a sixteenth of the limit or one entry. */
    private final Deque<Mark> marks = new ArrayDeque<>();

    private long bytes;
    private long begunIndex;
    private long bytesAtBegin;

    /** Of one entry, on average since the first mark. */
    private volatile long entryBytes;

    /** @param bytes what was applied up to that index, since the start */
    private record Mark(long index, long bytes) {}

    LogMeter(SnapshotPolicy policy) {
        this.policy = policy;
        restartFrom(-1);
    }

    /** Nothing is applied but what a snapshot at that index contains. */
    void restartFrom(long index) {
        marks.clear();
        bytes = 0;
        begun(index);
    }

    void applied(long index, int entryBytes) {
        bytes += entryBytes;
        Mark first = marks.peekFirst();
        this.entryBytes = first == null ? entryBytes : (bytes - first.bytes) / (index - first.index);
        Mark last = marks.peekLast();
        if (last == null || bytes - last.bytes >= policy.bytes() / MARKS_PER_LIMIT) {
            marks.addLast(new Mark(index, bytes));
            // One that lies further back than the limit is enough.
            while (marks.size() > MARKS_PER_LIMIT + 2) {
                marks.removeFirst();
            }
        }
    }

    /** How large the entries are that were applied last, on average; 0 if there were none. Any thread may ask. */
    long entryBytes() {
        return entryBytes;
    }

    /**
     * Whether a snapshot at that index is due.
     *
     * @param latestBytes the size of the one before. The log may grow as large as that, for otherwise more would be written of
     *     snapshots than of the log
     */
    boolean isDue(long index, long latestBytes) {
        return index - begunIndex >= policy.entries() || bytes - bytesAtBegin >= Math.max(policy.bytes(), latestBytes);
    }

    /** A snapshot at that index, the last that was applied, has begun. */
    void begun(long index) {
        begunIndex = index;
        bytesAtBegin = bytes;
    }

    /**
     * Up to which index the log may be deleted.
     *
     * @param latest the index of the latest snapshot
     * @param previous that of the one before. The log behind it stays in any case, so that the peer can go back to it
     */
    long disposableUpTo(long latest, long previous) {
        long byEntries = latest - policy.kept();
        long byBytes = -1;
        for (Mark mark : marks) {
            if (bytes - mark.bytes <= policy.bytes()) {
                break;
            }
            byBytes = mark.index;
        }
        return Math.min(previous, Math.max(byEntries, byBytes));
    }
}
