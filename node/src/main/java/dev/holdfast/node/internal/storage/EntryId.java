package dev.holdfast.node.internal.storage;

import java.util.Comparator;

/**
 * Which entry of a log. Of the last entries of two logs, the later one belongs to the log that has all that was committed, if
 * one of the two has.
 */
public record EntryId(long term, long index) implements Comparable<EntryId> {
    /** Before the first. */
    public static final EntryId NONE = new EntryId(-1, -1);

    private static final Comparator<EntryId> ORDER =
            Comparator.comparingLong(EntryId::term).thenComparingLong(EntryId::index);

    @Override
    public int compareTo(EntryId other) {
        return ORDER.compare(this, other);
    }
}
