package dev.holdfast.jepsen.simulation;

import dev.holdfast.protocol.LockableKey;

/** What callers contend for. */
enum SimulatedLockable {
    MUTEX(1),
    REENTRANT_MUTEX(1),
    SEMAPHORE(3);

    private final int limit;

    SimulatedLockable(int limit) {
        this.limit = limit;
    }

    /** How many permits there are. */
    int limit() {
        return limit;
    }

    /** Its key as people give it. */
    String key() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    LockableKey lockableKey() {
        return this == SEMAPHORE ? LockableKey.semaphore(key()) : LockableKey.mutex(key());
    }
}
