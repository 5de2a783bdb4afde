package dev.holdfast.client.info;

import java.util.List;

/**
 * A lockable that somebody holds or waits for, as listed.
 *
 * @param held 1 for a lock that is held, else permits
 * @param waiterCount how many wait for it in all
 * @param waiters the first of them
 */
public record LockableInfo(
        LockableKind kind, String key, int held, List<HoldInfo> holds, int waiterCount, List<WaiterInfo> waiters) {
    public LockableInfo {
        holds = List.copyOf(holds);
        waiters = List.copyOf(waiters);
    }
}
