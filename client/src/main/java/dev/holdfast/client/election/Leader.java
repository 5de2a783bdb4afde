package dev.holdfast.client.election;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.info.HoldInfo;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who leads, as the cluster's leader answered. It may not have heard of its election yet, or may have lost it since.
 *
 * @param name what the candidate calls itself: {@link ElectionOptions#name}
 * @param priority {@link ElectionOptions#priority}
 * @param token {@link Term#token}
 * @param since when it was elected, by this client's wall clock; for people to read
 * @param sessionOrNull its client, with the host where it runs; {@code null} if that is gone
 * @param owner who holds the lock. If that is no candidate, but somebody who just locked it, the name is that of the owner, and
 *     the priority is 0
 */
public record Leader(
        String name,
        int priority,
        long token,
        Instant since,
        HoldInfo.@Nullable SessionInfo sessionOrNull,
        LockOwner owner) {

    /** Its client, with the host where it runs; empty if that is gone. */
    public Optional<HoldInfo.SessionInfo> session() {
        return Optional.ofNullable(sessionOrNull);
    }
}
