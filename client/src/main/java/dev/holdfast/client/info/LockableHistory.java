package dev.holdfast.client.info;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happened of late to a lock or a semaphore, as far as the leader remembers it. Every peer remembers what it has seen, so a new
 * leader knows the past too; but memory is bounded, and a peer that began with a snapshot does not know what was before.
 *
 * @param changes newest first
 * @param more whether older ones are known as well
 * @param knownSinceOrNull since when all is known that happened to it, by this client's wall clock; {@code null} if since the cluster
 *     began
 */
public record LockableHistory(
        List<ChangeInfo> changes, boolean more, @Nullable Instant knownSinceOrNull) {
    public LockableHistory {
        changes = List.copyOf(changes);
    }

    /** Since when all is known that happened to it; empty if since the cluster began. Some of what was before may be known, too. */
    public Optional<Instant> knownSince() {
        return Optional.ofNullable(knownSinceOrNull);
    }
}
