package dev.holdfast.client.info;

import java.time.Duration;
import java.time.Instant;

/**
 * An open session, as listed: one client process.
 *
 * @param id the short form of its id
 * @param lease how long it outlives its last renewal
 * @param since when it was opened, by this client's wall clock; for people to read
 */
public record ClientSessionInfo(
        String id, String host, String name, Duration lease, Instant since, int holds, int waiters) {}
