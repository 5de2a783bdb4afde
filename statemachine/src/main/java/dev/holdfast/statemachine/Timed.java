package dev.holdfast.statemachine;

import dev.holdfast.protocol.LogTime;

/**
 * Something that ends at a log time. It stores its own index in the {@link DeadlineHeap}, so moving or removing it
 * needs no search.
 */
abstract sealed class Timed permits Hold, Waiter {
    static final int NOT_IN_HEAP = -1;

    final LockableEntry entry;

    int heapIndex = NOT_IN_HEAP;

    private long deadlineMs = LogTime.NEVER;

    Timed(LockableEntry entry) {
        this.entry = entry;
    }

    /** When it ends, in log time. */
    final long deadlineMs() {
        return deadlineMs;
    }

    /** Only for what is not in the heap, and for the heap itself. */
    final void setDeadlineMs(long deadlineMs) {
        entry.beforeChange();
        this.deadlineMs = deadlineMs;
    }

    /** The order among equal deadlines. Unique, so the order of expiry is total. */
    abstract long tieBreak();

    final boolean endsBefore(Timed other) {
        return deadlineMs != other.deadlineMs ? deadlineMs < other.deadlineMs : tieBreak() < other.tieBreak();
    }
}
