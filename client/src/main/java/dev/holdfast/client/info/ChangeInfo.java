package dev.holdfast.client.info;

import dev.holdfast.client.LockOwner;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a lock or a semaphore.
 *
 * @param number rises from each change to the next
 * @param owner who got it, waited for it, or held it
 * @param token the fencing token of the hold; 0 if the owner got none
 * @param count how much the owner held after that: permits, or the hold count of a reentrant lock, 0 if no more; of a wait, how many
 *     permits it was for
 * @param at when, by this client's wall clock; for people to read
 * @param lastedOrNull how long what ended with it had lasted: the wait before a grant, the wait that was given up, or the hold;
 *     {@code null} if nothing ended
 * @param sessionOrNull the client that acquired, waited or released, {@code null} if that is not known
 */
public record ChangeInfo(
        long number,
        ChangeKind kind,
        LockOwner owner,
        long token,
        int count,
        Instant at,
        @Nullable Duration lastedOrNull,
        HoldInfo.@Nullable SessionInfo sessionOrNull) {

    /** How long what ended with it had lasted; empty if nothing ended. */
    public Optional<Duration> lasted() {
        return Optional.ofNullable(lastedOrNull);
    }

    /** The client that acquired, waited or released; empty if that is not known. */
    public Optional<HoldInfo.SessionInfo> session() {
        return Optional.ofNullable(sessionOrNull);
    }
}
