package dev.holdfast.client.access;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What somebody did that concerns others.
 *
 * @param group the Raft group of the cluster that recorded it, from 0
 * @param number counts the records of its group, from 1 without gaps; each group keeps the last 1000
 * @param atOrNull when, by the wall clock of the peer that it was asked of; {@code null} if that is not known
 * @param principal who; empty if nobody had to prove it, and nobody did
 * @param address from where, without a port; empty if from within a peer's own process
 * @param action what: {@code force-release}, {@code end-session}, {@code put-rule}, {@code remove-rule}, {@code restore}, {@code recover},
 *     one about members that begins with {@code members-}, or one that a later release knows
 * @param target to what: the lockable, the short id of the session, the rule, the member, the cluster
 * @param detail what became of it, for people to read
 */
public record AuditEntry(
        int group,
        long number,
        @Nullable Instant atOrNull,
        String principal,
        String address,
        String action,
        String target,
        String detail) {

    /** When it was done, if that is known. */
    public Optional<Instant> at() {
        return Optional.ofNullable(atOrNull);
    }
}
