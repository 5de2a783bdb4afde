package dev.holdfast.client.info;

import dev.holdfast.client.Lockable;
import java.util.List;

/**
 * A semaphore, as the leader saw it when it was asked.
 *
 * @param max its size, according to the semaphore object that was asked
 * @param held permits that are held in all; above {@code max} if others use a larger size
 * @param waiterCount how many wait for permits in all
 * @param waiters the first of them, in the order in which they will get theirs
 */
public record SemaphoreInfo(
        Lockable lockable, int max, int held, List<HoldInfo> holds, int waiterCount, List<WaiterInfo> waiters) {
    public SemaphoreInfo {
        holds = List.copyOf(holds);
        waiters = List.copyOf(waiters);
    }

    /** Permits that are not held. */
    public int available() {
        return Math.max(0, max - held);
    }
}
