package dev.holdfast.statemachine;

import static dev.holdfast.protocol.Answer.ChangeView.NOTHING_ENDED;

import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event.LossReason;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.RejectionCode;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of valid commands on lockables. {@link LockableEntry} knows how each kind of lockable counts,
 * {@link Holds} makes and ends holds, {@link Waiters} serves the queues, and {@link Endings} takes off what is over.
 */
final class LockTable {
    /** Looking at a hold costs little, beside ending one. */
    private static final int LOOKS_PER_STEP = 32;

    private final MachineState state;
    private final Holds holds;
    private final Waiters waiters;
    private final Endings endings;
    private final JointAcquires joint;

    LockTable(MachineState state, Holds holds, Waiters waiters, Endings endings) {
        this.state = state;
        this.holds = holds;
        this.waiters = waiters;
        this.endings = endings;
        this.joint = new JointAcquires(state, holds, waiters);
    }

    /**
     * The cases, in this order:
     *
     * <ul>
     *   <li>more permits than the limit: capacity exceeded;
     *   <li>the session keeps too much already: rejected;
     *   <li>the entry {@linkplain LockableEntry#admits admits} it: granted, or rejected if the hold or the semaphore is
     *       full;
     *   <li>it does not wait: refused;
     *   <li>the queue or the session has too many waiters: rejected;
     *   <li>else queued.
     * </ul>
     */
    Outcome acquire(Session session, long sequence, Command.Acquire acquire, Effects effects) {
        LockableEntry entry = endings.upToDate(acquire.lockable(), acquire.owner(), effects);
        if (acquire.permits() > acquire.limit()) {
            int available = entry == null ? acquire.limit() : entry.available(acquire.limit());
            return new Outcome.CapacityExceeded(acquire.permits(), available, acquire.limit());
        }
        Outcome full = checkRoomIn(session, 1);
        if (full != null) {
            return full;
        }
        if (entry == null) {
            entry = state.lockable(acquire.lockable());
        }
        Hold own = entry.holdOf(acquire.owner());
        if (entry.admits(own, acquire)) {
            return grant(entry, own, session, sequence, acquire, effects);
        }
        return acquire.waitMs() == 0 ? refuse(entry, acquire) : enqueue(entry, session, sequence, acquire, effects);
    }

    /** An acquire, without a wait, of so many permits as are free at this moment, or of one if none is. */
    Outcome drain(Session session, long sequence, Command.Drain drain, Effects effects) {
        LockableEntry entry = endings.upToDate(drain.lockable(), drain.owner(), effects);
        int available = entry == null ? drain.limit() : entry.available(drain.limit());
        int permits = Math.max(1, available);
        Outcome outcome = acquire(
                session,
                sequence,
                new Command.Acquire(drain.lockable(), drain.owner(), permits, drain.limit(), false, drain.lease(), 0),
                effects);
        return outcome instanceof Outcome.Granted granted ? new Outcome.Drained(granted, permits) : outcome;
    }

    /** All or nothing, of several mutexes; see {@link JointAcquires#acquire}. */
    Outcome acquireAll(Session session, long sequence, Command.AcquireAll acquire, Effects effects) {
        for (LockableKey lockable : acquire.lockables()) {
            var unused = endings.upToDate(lockable, acquire.owner(), effects);
        }
        return joint.acquire(session, sequence, acquire, effects);
    }

    /** Rejects what would give the session so many more holds or waiters than it may have. */
    static @Nullable Outcome checkRoomIn(Session session, int more) {
        if (session.holdCount() + session.waiterCount() > Limits.HOLDS_PER_SESSION_MAX - more) {
            return limit("a session has at most " + Limits.HOLDS_PER_SESSION_MAX + " holds and waiters");
        }
        if (session.eventCount() >= Limits.UNACKNOWLEDGED_EVENTS_MAX) {
            return limit("the session has " + session.eventCount() + " events that it has not acknowledged");
        }
        return null;
    }

    private Outcome grant(
            LockableEntry entry,
            @Nullable Hold own,
            Session session,
            long sequence,
            Command.Acquire acquire,
            Effects effects) {
        String full = entry.whyFull(own, session);
        if (full != null) {
            return limit(full);
        }
        if (own != null && own.count() > Limits.PERMITS_MAX - acquire.permits()) {
            return limit("a hold counts at most " + Limits.PERMITS_MAX);
        }
        Hold hold = holds.grant(
                entry, session, sequence, acquire.owner(), acquire.permits(), acquire.reentrant(), acquire.lease());
        effects.granted(hold, own != null, NOTHING_ENDED, session);
        return new Outcome.Granted(hold.token, hold.deadlineFor(session), hold.count(), own != null);
    }

    private static Outcome refuse(LockableEntry entry, Command.Acquire acquire) {
        Hold oldest = entry.oldestHold();
        return new Outcome.Refused(
                oldest == null ? null : oldest.owner,
                oldest == null ? 0 : oldest.token,
                entry.available(acquire.limit()),
                entry.hasRoomFor(acquire.permits(), acquire.limit()) ? entry.waiterCount() : 0);
    }

    private Outcome enqueue(
            LockableEntry entry, Session session, long sequence, Command.Acquire acquire, Effects effects) {
        if (entry.waiterCount() >= Limits.WAITERS_PER_LOCKABLE_MAX) {
            return limit("a lockable has at most " + Limits.WAITERS_PER_LOCKABLE_MAX + " waiters");
        }
        if (session.waiterCount() >= Limits.WAITERS_PER_SESSION_MAX) {
            return limit("a session has at most " + Limits.WAITERS_PER_SESSION_MAX + " waiters");
        }
        Waiter waiter = new Waiter(
                entry,
                session,
                sequence,
                state.owners.shared(acquire.owner()),
                acquire.permits(),
                acquire.limit(),
                acquire.reentrant(),
                acquire.lease(),
                state.logTimeMs,
                ++state.lastArrival);
        int ahead = entry.waiterCount();
        waiters.add(waiter, LogTime.plus(state.logTimeMs, acquire.waitMs()));
        effects.queued(waiter);
        return new Outcome.Queued(ahead);
    }

    Outcome release(Session session, Command.Release release, Effects effects) {
        LockableEntry entry = endings.upToDate(release.lockable(), release.owner(), effects);
        Hold hold = holdOf(entry, release.owner(), release.token());
        if (entry == null || hold == null) {
            return notHeld(entry);
        }
        if (release.permits() > hold.count()) {
            return notHeld(entry, hold.count());
        }
        if (release.endsWithSession() && hold.linkOf(release.acquiredIn()) == null) {
            // It ended with its session; what is left belongs to others.
            return notHeld(entry);
        }
        giveBack(hold, session, release);
        boolean ends = hold.count() == 0 || !hold.isAlive(state.logTimeMs);
        if (ends) {
            holds.end(hold, LossReason.RELEASED_ELSEWHERE, session, effects);
        } else {
            effects.changed(ChangeKind.RELEASED, hold, hold.count(), NOTHING_ENDED, session);
        }
        waiters.settle(entry, effects);
        // Counted after settling: a waiter of the same owner may have been granted what was released.
        return new Outcome.Released(ends ? 0 : hold.count());
    }

    private static void giveBack(Hold hold, Session session, Command.Release release) {
        int released = release.permits() == Command.Release.ALL ? hold.count() : release.permits();
        hold.takeBack(released);
        if (hold.count() == 0) {
            return;
        }
        if (release.acquiredIn() == Command.Release.ANYWHERE) {
            hold.takeKept(session, released);
        } else {
            hold.givenBack(release.acquiredIn(), released, release.endsWithSession());
        }
    }

    Outcome extend(Command.Extend extend, Effects effects) {
        LockableEntry entry = endings.upToDate(extend.lockable(), extend.owner(), effects);
        Hold hold = holdOf(entry, extend.owner(), extend.token());
        if (hold == null) {
            return notHeld(entry);
        }
        holds.prolong(hold, extend.ttlMs());
        return new Outcome.Extended(hold.deadlineMs());
    }

    /** The session has a share of no weight from now on: it is told of the hold's end, and ends nothing with its own. */
    Outcome attach(Session session, Command.Attach attach, Effects effects) {
        LockableEntry entry = endings.upToDate(attach.lockable(), attach.owner(), effects);
        Hold hold = holdOf(entry, attach.owner(), attach.token());
        if (hold == null) {
            return notHeld(entry);
        }
        if (hold.linkOf(session) == null) {
            Outcome full = checkRoomIn(session, 1);
            if (full != null) {
                return full;
            }
            String whyFull = hold.entry.whyFull(hold, session);
            if (whyFull != null) {
                return limit(whyFull);
            }
        }
        hold.attach(session, ++state.lastLink);
        return new Outcome.Attached();
    }

    Outcome leave(Session session, Command.Leave leave, Effects effects) {
        LockableEntry entry = endings.upToDate(leave.lockable(), leave.owner(), effects);
        Hold hold = holdOf(entry, leave.owner(), leave.token());
        HoldLink share = hold == null ? null : hold.linkOf(session);
        if (entry == null || hold == null || share == null || share.joins() == 0) {
            return notHeld(entry);
        }
        hold.undoJoin(session, 0);
        boolean ends = isOver(hold);
        if (ends) {
            // The session is told too, as when it cancels a grant.
            holds.endGivenBack(hold, session, effects);
        }
        waiters.settle(entry, effects);
        return new Outcome.Released(ends ? 0 : hold.count());
    }

    Outcome expireIn(Command.ExpireIn expireIn, Effects effects) {
        LockableEntry entry = endings.upToDate(expireIn.lockable(), expireIn.owner(), effects);
        Hold hold = holdOf(entry, expireIn.owner(), expireIn.token());
        if (hold == null) {
            return notHeld(entry);
        }
        if (hold.joins() > 1 || hold.isKeptByOthersThan(expireIn.acquiredIn())) {
            // Nobody knows which of them asked for what.
            return new Outcome.Shared((int) Math.min(hold.joins(), Integer.MAX_VALUE));
        }
        holds.limit(hold, expireIn.ttlMs());
        return new Outcome.Expiring(hold.deadlineMs());
    }

    private boolean isOver(Hold hold) {
        return hold.entry.isAbandoned(hold) || !hold.isAlive(state.logTimeMs);
    }

    private static @Nullable Hold holdOf(@Nullable LockableEntry entry, Owner owner, long token) {
        Hold hold = entry == null ? null : entry.holdOf(owner);
        return hold == null || hold.token != token ? null : hold;
    }

    Outcome forceRelease(Command.ForceRelease force, Effects effects) {
        LockableEntry entry = state.lockables.get(force.lockable());
        if (entry == null) {
            return new Outcome.ForceReleased(0);
        }
        if (force.token() != Command.ForceRelease.ANY_TOKEN) {
            return endHold(entry, force.token(), LossReason.FORCE_RELEASED, effects);
        }
        int ended = entry.condemnAll(state.lastToken);
        waiters.settle(entry, effects);
        return new Outcome.ForceReleased(ended);
    }

    Outcome requestRelease(Command.RequestRelease request, Effects effects) {
        LockableEntry entry = state.lockables.get(request.lockable());
        if (entry == null) {
            return new Outcome.ReleaseRequested(0);
        }
        if (effects.isExhausted()) {
            return tooMuch();
        }
        int asked = 0;
        for (Hold hold : entry.firstHolds(Limits.RELEASES_REQUESTED_MAX)) {
            asked += hold.isAlive(state.logTimeMs) && holds.requestRelease(hold, effects) ? 1 : 0;
        }
        return new Outcome.ReleaseRequested(asked);
    }

    void expireHold(Command.ExpireHold expire, Effects effects) {
        LockableEntry entry = state.lockables.get(expire.lockable());
        if (entry != null) {
            var unused = endHold(entry, expire.token(), LossReason.EXPIRED, effects);
        }
    }

    /** There is no index of tokens: it looks at all holds. */
    private Outcome endHold(LockableEntry entry, long token, LossReason reason, Effects effects) {
        if (effects.isExhausted()) {
            return tooMuch();
        }
        effects.spend(entry.holdCount() / LOOKS_PER_STEP);
        Hold hold = entry.holdWith(token);
        if (hold == null || entry.isCondemned(hold)) {
            return new Outcome.ForceReleased(0);
        }
        holds.end(hold, reason, null, effects);
        waiters.settle(entry, effects);
        return new Outcome.ForceReleased(1);
    }

    private static Outcome tooMuch() {
        return limit("the cluster has too much to do at this moment; ask again");
    }

    /** Undoes whatever became of an acquire; {@code false} if nothing of it is left. */
    boolean cancel(Session session, long acquireSequence, Effects effects) {
        Waiter waiter = session.waiters.get(acquireSequence);
        if (waiter != null) {
            waiters.remove(waiter, ChangeKind.WAIT_CANCELLED, effects);
            waiters.settle(waiter.entry, effects);
            return true;
        }
        boolean undone = false;
        for (GrantRecord grant = session.forgetGrant(acquireSequence); grant != null; grant = grant.earlier()) {
            undone |= undo(grant, session, effects);
        }
        return undone;
    }

    private boolean undo(GrantRecord grant, Session session, Effects effects) {
        LockableEntry entry = endings.upToDate(grant.lockable(), grant.owner(), effects);
        Hold hold = holdOf(entry, grant.owner(), grant.token());
        if (entry == null || hold == null) {
            return false;
        }
        int before = hold.count();
        hold.undoJoin(session, grant.added());
        if (isOver(hold)) {
            // The session is told too: other acquires of it may have been granted the same hold and rely on it.
            holds.endGivenBack(hold, session, effects);
        } else if (hold.count() < before) {
            effects.changed(ChangeKind.RELEASED, hold, hold.count(), NOTHING_ENDED, session);
        }
        waiters.settle(entry, effects);
        return true;
    }

    private static Outcome notHeld(@Nullable LockableEntry entry) {
        return notHeld(entry, 0);
    }

    private static Outcome notHeld(@Nullable LockableEntry entry, int held) {
        Hold oldest = entry == null ? null : entry.oldestHold();
        return new Outcome.NotHeld(oldest == null ? null : oldest.owner, held);
    }

    static Outcome.Rejected limit(String detail) {
        return new Outcome.Rejected(RejectionCode.LIMIT_REACHED, detail);
    }
}
