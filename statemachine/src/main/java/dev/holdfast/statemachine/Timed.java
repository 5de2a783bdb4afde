package dev.holdfast.statemachine;

import dev.holdfast.protocol.LogTime;

/**
 * Something that ends at a log time. Its place in the {@link DeadlineHeap} is kept here, so that moving or removing it
 * needs no search.
 */
abstract sealed class Timed permits Hold, Waiter {
    static final int NOT_IN_HEAP = -1;

    long deadlineMs = LogTime.NEVER;
    int heapIndex = NOT_IN_HEAP;

    /** Where this stands among others of the same deadline. Unique, so the order of expiry is total. */
    abstract long tieBreak();

    final boolean endsBefore(Timed other) {
        return deadlineMs != other.deadlineMs ? deadlineMs < other.deadlineMs : tieBreak() < other.tieBreak();
    }
}
