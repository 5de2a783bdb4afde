package dev.holdfast.client.info;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.time.Instant;
import java.util.List;

/**
 * A lock that is held, as the leader saw it when it was asked.
 *
 * @param waiterCount how many wait for it in all
 * @param waiters the first of them, in the order in which they will be granted it
 */
public record LockInfo(Lockable lockable, HoldInfo hold, int waiterCount, List<WaiterInfo> waiters) {
    public LockInfo {
        waiters = List.copyOf(waiters);
    }

    public LockOwner owner() {
        return hold.owner();
    }

    public long token() {
        return hold.token();
    }

    public Instant since() {
        return hold.since();
    }
}
