package dev.holdfast.statemachine;

import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Event.LossReason;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes, prolongs and ends holds, and keeps the entries, the deadlines, the counters and the sessions' grants in step.
 * It does not ask whether a grant is due, and serves no queue.
 */
final class Holds {
    private final MachineState state;

    Holds(MachineState state) {
        this.state = state;
    }

    /** Grants an acquire: its owner's hold is made, or joined if there is one. */
    Hold grant(
            LockableEntry entry,
            Session session,
            long sequence,
            Owner owner,
            int permits,
            boolean reentrant,
            Lease lease) {
        int added = entry.addedBy(permits, reentrant);
        Hold hold = entry.holdOf(owner);
        if (hold == null) {
            hold = new Hold(entry, state.owners.shared(owner), ++state.lastToken, state.logTimeMs, permits);
            add(hold);
        } else {
            hold.add(added);
        }
        hold.join(session, permits, added, lease.kind(), ++state.lastLink);
        if (lease.kind() == LeaseKind.TTL) {
            prolong(hold, lease.ttlMs());
        }
        session.remember(sequence, new GrantRecord(entry.lockable, hold.owner, hold.token, added));
        return hold;
    }

    /**
     * Grants an acquire of several mutexes: of each, its owner's hold is made or joined.
     *
     * @param waitedMs for the record: how long it has waited
     */
    List<Outcome.Granted> grantAll(
            List<LockableEntry> entries,
            Session session,
            long sequence,
            Owner owner,
            boolean reentrant,
            Lease lease,
            long waitedMs,
            Effects effects) {
        List<Outcome.Granted> grants = new ArrayList<>(entries.size());
        for (LockableEntry entry : entries) {
            boolean reacquired = entry.holdOf(owner) != null;
            Hold hold = grant(entry, session, sequence, owner, 1, reentrant, lease);
            effects.granted(hold, reacquired, waitedMs, session);
            grants.add(new Outcome.Granted(hold.token, hold.deadlineFor(session), hold.count(), reacquired));
        }
        return grants;
    }

    /** Puts a hold with its count into its entry; also used to restore a snapshot. */
    void add(Hold hold) {
        hold.entry.add(hold);
        state.holdCount++;
        state.footprint.add(Footprint.of(hold));
    }

    /** Lets the hold live at least {@code ttlMs} from now; never shortens its lease. */
    void prolong(Hold hold, long ttlMs) {
        long deadline = LogTime.plus(state.logTimeMs, ttlMs);
        if (hold.deadlineMs() == LogTime.NEVER || deadline > hold.deadlineMs()) {
            state.deadlines.schedule(hold, deadline);
        }
    }

    /** Lets the hold live {@code ttlMs} from now and no longer, whatever its lease was. */
    void limit(Hold hold, long ttlMs) {
        hold.keepByTimeAlone();
        state.deadlines.schedule(hold, LogTime.plus(state.logTimeMs, ttlMs));
    }

    /**
     * Tells the hold's sessions that somebody would like to have it. Requests do not pile up: a session is told once until it
     * acknowledges that, and one that has too many events to acknowledge is not told.
     *
     * @return whether anybody is told, or was and has not acknowledged it
     */
    boolean requestRelease(Hold hold, Effects effects) {
        boolean anybody = false;
        effects.spend(1 + hold.linkCount());
        for (HoldLink link : hold.sortedLinks()) {
            boolean told = link.session.isAskedFor(hold.token);
            if (!told && link.session.eventCount() < Limits.UNACKNOWLEDGED_EVENTS_MAX) {
                effects.tell(link.session, new Event.ReleaseRequested(hold.entry.lockable, hold.owner, hold.token));
                told = true;
            }
            anybody |= told;
        }
        return anybody;
    }

    /**
     * Ends the hold and tells its sessions.
     *
     * @param except the session that ended it, and so knows; {@code null} to tell all
     */
    void end(Hold hold, LossReason reason, @Nullable Session except, Effects effects) {
        end(hold, reason, except, kindOf(reason), except, effects);
    }

    private static ChangeKind kindOf(LossReason reason) {
        return switch (reason) {
            case EXPIRED -> ChangeKind.EXPIRED;
            case FORCE_RELEASED -> ChangeKind.FORCE_RELEASED;
            case RELEASED_ELSEWHERE -> ChangeKind.RELEASED;
        };
    }

    /** Ends a hold of which nothing is left after that session took back what it had acquired, and tells all its sessions. */
    void endGivenBack(Hold hold, Session session, Effects effects) {
        end(hold, LossReason.RELEASED_ELSEWHERE, null, ChangeKind.RELEASED, session, effects);
    }

    /** Ends a hold that only that session kept, which has ended. */
    void endWithSession(Hold hold, Session session, Effects effects) {
        end(hold, LossReason.EXPIRED, null, ChangeKind.ENDED_WITH_SESSION, session, effects);
    }

    /**
     * Ends the hold and tells its sessions, except that one.
     *
     * @param kind what is noted as having happened
     * @param by whose doing that is; {@code null} for the first of the hold's sessions
     */
    private void end(
            Hold hold,
            LossReason reason,
            @Nullable Session except,
            ChangeKind kind,
            @Nullable Session by,
            Effects effects) {
        LockableEntry entry = hold.entry;
        effects.spend(1 + hold.linkCount());
        state.deadlines.remove(hold);
        entry.remove(hold);
        state.holdCount--;
        state.footprint.add(-Footprint.of(hold));
        if (reason == LossReason.EXPIRED) {
            effects.expiredHolds++;
        }
        List<HoldLink> links = hold.sortedLinks();
        Session known = by == null && !links.isEmpty() ? links.get(0).session : by;
        effects.changed(kind, hold, 0, state.logTimeMs - hold.sinceMs, known);
        for (HoldLink link : links) {
            hold.unlink(link);
            if (link.session != except) {
                effects.tell(
                        link.session,
                        new Event.HoldLost(entry.lockable, hold.owner, hold.token, reason, state.logTimeMs));
            }
        }
    }
}
