package dev.holdfast.client.info;

import dev.holdfast.client.LockOwner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One hold, as the leader saw it when it was asked.
 *
 * @param count permits of a semaphore, or the hold count of a reentrant lock
 * @param lease the longest-lived kind of lease that keeps it
 * @param since when it began, by this client's wall clock; for people to read
 * @param leaseLeftOrNull what was left of a TTL, {@code null} for the other kinds of lease
 * @param sessions the clients that acquired it, oldest first; empty when they are gone
 */
public record HoldInfo(
        LockOwner owner,
        long token,
        int count,
        LeaseKind lease,
        Instant since,
        @Nullable Duration leaseLeftOrNull,
        List<SessionInfo> sessions) {
    public HoldInfo {
        sessions = List.copyOf(sessions);
    }

    /** What was left of a TTL; empty for the other kinds of lease. */
    public Optional<Duration> leaseLeft() {
        return Optional.ofNullable(leaseLeftOrNull);
    }

    /**
     * A client that acquired it.
     *
     * @param id the short form of its session's id
     * @param host where it runs
     * @param name what it calls itself
     * @param principal who it has proved to be; empty if it has not
     * @param address where its session was opened from, without a port; empty if from within a peer's own process
     */
    public record SessionInfo(String id, String host, String name, String principal, String address) {}
}
