package dev.holdfast.client.info;

import dev.holdfast.client.LockOwner;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One queued acquire.
 *
 * @param limit the size of the semaphore by which it is judged, the one that it asked under; 1 for a lock
 * @param waited for how long it had been queued
 * @param waitLeftOrNull until its wait ends, {@code null} if it waits without a limit
 */
public record WaiterInfo(
        LockOwner owner,
        int permits,
        int limit,
        Duration waited,
        @Nullable Duration waitLeftOrNull,
        HoldInfo.SessionInfo session) {

    /** Until its wait ends; empty if it waits without a limit. */
    public Optional<Duration> waitLeft() {
        return Optional.ofNullable(waitLeftOrNull);
    }
}
