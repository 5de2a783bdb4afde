package dev.holdfast.statemachine;

import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.List;

/**
 * What one log entry did.
 *
 * @param index the entry's log index
 * @param logTimeMs the log time at which it was applied
 * @param replies the outcomes: one reply for each session batch of the entry, in the entry's order
 * @param events what sessions are to be told, in order within each session
 * @param opened the sessions that it opened, with their leases
 * @param ended the sessions that it ended
 * @param expiredHolds how many holds ended because their lease ran out
 * @param changes what happened to lockables, in order
 */
public record Applied(
        long index,
        long logTimeMs,
        List<SubmitReply> replies,
        List<SessionEvents> events,
        List<OpenSession> opened,
        List<SessionId> ended,
        int expiredHolds,
        List<Change> changes) {

    /**
     * An open session.
     *
     * @param leaseMs its lease in milliseconds
     * @param principal whose it is; empty if that is not known
     */
    public record OpenSession(SessionId session, long leaseMs, String principal) {}
}
