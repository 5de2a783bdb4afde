package dev.holdfast.client.info;

import java.time.Duration;
import java.time.Instant;

/**
 * An open session, as listed: one client process.
 *
 * @param id the short form of its id
 * @param principal whose it is; empty if that client has not proved who it is
 * @param address where it was opened from, without a port; empty if from within a peer's own process
 * @param lease how long it outlives its last renewal
 * @param since when it was opened, by this client's wall clock; for people to read
 */
public record ClientSessionInfo(
        String id,
        String host,
        String name,
        String principal,
        String address,
        Duration lease,
        Instant since,
        int holds,
        int waiters) {}
