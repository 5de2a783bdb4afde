package dev.holdfast.statemachine;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Event.LossReason;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.RejectionCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who holds what and who waits: grants, releases, expiry.
 *
 * <p>The rule of the queue: the head waiter is granted as soon as what it asks for fits, and nobody overtakes it; but an
 * owner that holds a mutex is never in its own way, queued or not. {@link #settle} restores the rule after each change.
 */
final class LockTable {
    private final MachineState state;
    private Effects effects = new Effects();

    LockTable(MachineState state) {
        this.state = state;
    }

    void report(Effects to) {
        effects = to;
    }

    Outcome acquire(Session session, long sequence, Command.Acquire acquire) {
        if (acquire.permits() > acquire.limit()) {
            int held = heldOf(acquire.lockable());
            return new Outcome.CapacityExceeded(
                    acquire.permits(), Math.max(0, acquire.limit() - held), acquire.limit());
        }
        Outcome full = checkRoomIn(session);
        if (full != null) {
            return full;
        }
        LockableEntry entry = state.lockables.get(acquire.lockable());
        if (entry == null) {
            entry = new LockableEntry(acquire.lockable());
            state.lockables.add(entry);
        } else {
            state.lockables.touch(acquire.lockable());
        }
        Hold own = entry.holdOf(acquire.owner());
        boolean free = entry.isMutex()
                ? own != null || entry.isIdle()
                : entry.waiterCount() == 0 && acquire.permits() <= acquire.limit() - entry.held;
        if (free) {
            return grantNow(entry, own, session, sequence, acquire);
        }
        if (acquire.waitMs() == 0) {
            Hold oldest = entry.oldestHold();
            return new Outcome.Refused(
                    oldest == null ? null : oldest.owner,
                    oldest == null ? 0 : oldest.token,
                    Math.max(0, acquire.limit() - entry.held));
        }
        return enqueue(entry, session, sequence, acquire);
    }

    private @Nullable Outcome checkRoomIn(Session session) {
        if (session.holdCount() + session.waiters.size() >= Limits.HOLDS_PER_SESSION_MAX) {
            return limit("a session has at most " + Limits.HOLDS_PER_SESSION_MAX + " holds and waiters");
        }
        if (session.events.size() >= Limits.UNACKNOWLEDGED_EVENTS_MAX) {
            return limit("the session has " + session.events.size() + " events that it has not acknowledged");
        }
        return null;
    }

    private Outcome grantNow(
            LockableEntry entry, @Nullable Hold own, Session session, long sequence, Command.Acquire acquire) {
        if (own == null && entry.holdCount() >= Limits.HOLDERS_PER_LOCKABLE_MAX) {
            return limit("a semaphore has at most " + Limits.HOLDERS_PER_LOCKABLE_MAX + " holders");
        }
        if (own != null && own.count > Limits.PERMITS_MAX - acquire.permits()) {
            return limit("a hold counts at most " + Limits.PERMITS_MAX);
        }
        Hold hold = grant(
                entry, session, sequence, acquire.owner(), acquire.permits(), acquire.reentrant(), acquire.lease());
        return new Outcome.Granted(hold.token, hold.deadlineFor(session), hold.count, own != null);
    }

    private Outcome enqueue(LockableEntry entry, Session session, long sequence, Command.Acquire acquire) {
        if (entry.waiterCount() >= Limits.WAITERS_PER_LOCKABLE_MAX) {
            return limit("a lockable has at most " + Limits.WAITERS_PER_LOCKABLE_MAX + " waiters");
        }
        if (session.waiters.size() >= Limits.WAITERS_PER_SESSION_MAX) {
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
        addWaiter(waiter, LogTime.plus(state.logTimeMs, acquire.waitMs()));
        return new Outcome.Queued(ahead);
    }

    /** Also used to restore a snapshot. */
    void addWaiter(Waiter waiter, long deadlineMs) {
        waiter.entry.enqueue(waiter);
        waiter.session.waiters.put(waiter.acquireSequence, waiter);
        state.waiterCount++;
        state.deadlines.schedule(waiter, deadlineMs);
    }

    Outcome release(Session session, Command.Release release) {
        LockableEntry entry = state.lockables.get(release.lockable());
        Hold hold = entry == null ? null : entry.holdOf(release.owner());
        if (entry == null || hold == null || hold.token != release.token() || release.permits() > hold.count) {
            return notHeld(entry);
        }
        if (release.endsWithSession() && hold.linkOf(release.acquiredIn()) == null) {
            // It ended with its session; what is left is others'.
            return notHeld(entry);
        }
        state.lockables.touch(release.lockable());
        int released = release.permits() == Command.Release.ALL ? hold.count : release.permits();
        takeBack(hold, released);
        if (hold.count > 0) {
            if (release.acquiredIn() == Command.Release.ANYWHERE) {
                hold.takeKept(session, released);
            } else {
                hold.givenBack(release.acquiredIn(), released, release.endsWithSession());
            }
            if (hold.isAlive(state.logTimeMs)) {
                settle(entry);
                return new Outcome.Released(hold.count);
            }
        }
        free(hold, LossReason.RELEASED_ELSEWHERE, session);
        settle(entry);
        return new Outcome.Released(0);
    }

    Outcome extend(Command.Extend extend) {
        LockableEntry entry = state.lockables.get(extend.lockable());
        Hold hold = entry == null ? null : entry.holdOf(extend.owner());
        if (hold == null || hold.token != extend.token()) {
            return notHeld(entry);
        }
        state.lockables.touch(extend.lockable());
        prolong(hold, extend.ttlMs());
        return new Outcome.Extended(hold.deadlineMs);
    }

    Outcome forceRelease(Command.ForceRelease force) {
        return new Outcome.ForceReleased(endHolds(force.lockable(), force.token(), LossReason.FORCE_RELEASED));
    }

    void expireHold(Command.ExpireHold expire) {
        endHolds(expire.lockable(), expire.token(), LossReason.EXPIRED);
    }

    private int endHolds(LockableKey lockable, long token, LossReason reason) {
        LockableEntry entry = state.lockables.get(lockable);
        if (entry == null) {
            return 0;
        }
        state.lockables.touch(lockable);
        int ended = 0;
        for (Hold hold : entry.holds()) {
            if (token == Command.ForceRelease.ANY_TOKEN || hold.token == token) {
                free(hold, reason, null);
                ended++;
            }
        }
        settle(entry);
        return ended;
    }

    /** Undoes whatever became of an acquire; {@code false} if nothing of it is left. */
    boolean cancel(Session session, long acquireSequence) {
        Waiter waiter = session.waiters.get(acquireSequence);
        if (waiter != null) {
            removeWaiter(waiter);
            settle(waiter.entry);
            return true;
        }
        GrantRecord grant = session.grants.remove(acquireSequence);
        if (grant == null) {
            return false;
        }
        LockableEntry entry = state.lockables.get(grant.lockable());
        Hold hold = entry == null ? null : entry.holdOf(grant.owner());
        if (entry == null || hold == null || hold.token != grant.token()) {
            return false;
        }
        state.lockables.touch(grant.lockable());
        hold.joins--;
        int added = Math.min(grant.added(), hold.count);
        takeBack(hold, added);
        hold.takeKept(session, added);
        HoldLink link = hold.linkOf(session);
        if (link != null) {
            link.joins -= entry.isMutex() ? 1 : grant.added();
            if (link.joins <= 0) {
                hold.unlink(link);
            }
        }
        if (hold.count == 0 || (entry.isMutex() && hold.joins <= 0) || !hold.isAlive(state.logTimeMs)) {
            // Its own session too, if other acquires of it were granted the same hold and believe in it.
            free(hold, LossReason.RELEASED_ELSEWHERE, null);
        }
        settle(entry);
        return true;
    }

    /** Lets go of all that the session waits for and of what only its life kept. */
    void endSession(Session session) {
        session.ended = true;
        // All of them leave before anything is granted: settling must not meet those that are still to be removed.
        List<Waiter> waiters = session.sortedWaiters();
        waiters.forEach(this::removeWaiter);
        for (Waiter waiter : waiters) {
            settle(waiter.entry);
        }
        for (HoldLink link : session.sortedLinks()) {
            Hold hold = link.hold;
            state.lockables.touch(hold.entry.lockable);
            hold.unlink(link);
            // Whoever acquired a mutex in vain, as its owner held it, believes in it nonetheless.
            int others = Math.max(hold.count - link.kept, hold.entry.isMutex() ? 1 : 0);
            if (hold.isAlive(state.logTimeMs) && others > 0) {
                takeBack(hold, hold.count - others);
            } else {
                free(hold, LossReason.EXPIRED, null);
            }
            settle(hold.entry);
        }
    }

    /** Ends what is due at the present log time. */
    void expireDue() {
        for (Timed due = state.deadlines.pollDue(state.logTimeMs);
                due != null;
                due = state.deadlines.pollDue(state.logTimeMs)) {
            if (due instanceof Waiter waiter) {
                timeOut(waiter);
                settle(waiter.entry);
            } else if (due instanceof Hold hold) {
                state.lockables.touch(hold.entry.lockable);
                hold.deadlineMs = LogTime.NEVER;
                if (!hold.isAlive(state.logTimeMs)) {
                    free(hold, LossReason.EXPIRED, null);
                    settle(hold.entry);
                }
            }
        }
    }

    /** Grants what the rule of the queue allows, and forgets the entry if nothing is left of it. */
    private void settle(LockableEntry entry) {
        for (Waiter head = entry.headWaiter(); head != null; head = entry.headWaiter()) {
            // A waiter is checked again at the very moment of its grant, however it came to be at the head.
            if (head.deadlineMs <= state.logTimeMs) {
                timeOut(head);
            } else if (head.session.ended) {
                removeWaiter(head);
            } else if (head.permits <= head.limit - entry.held) {
                grantWaiter(head);
            } else {
                break;
            }
        }
        if (entry.isIdle()) {
            state.lockables.remove(entry.lockable);
        }
    }

    private void grantWaiter(Waiter waiter) {
        LockableEntry entry = waiter.entry;
        removeWaiter(waiter);
        tellGranted(waiter);
        if (entry.isMutex()) {
            // Its owner's other acquires would succeed if they came now, so they do not stay behind.
            for (Waiter other = entry.firstWaiterOf(waiter.owner);
                    other != null;
                    other = entry.firstWaiterOf(waiter.owner)) {
                if (other.deadlineMs <= state.logTimeMs) {
                    timeOut(other);
                } else {
                    removeWaiter(other);
                    tellGranted(other);
                }
            }
        }
    }

    private void tellGranted(Waiter waiter) {
        boolean reacquired = waiter.entry.holdOf(waiter.owner) != null;
        Hold hold = grant(
                waiter.entry,
                waiter.session,
                waiter.acquireSequence,
                waiter.owner,
                waiter.permits,
                waiter.reentrant,
                waiter.lease);
        tell(
                waiter.session,
                new Event.WaitGranted(
                        waiter.acquireSequence, hold.token, hold.deadlineFor(waiter.session), hold.count, reacquired));
    }

    private Hold grant(
            LockableEntry entry,
            Session session,
            long sequence,
            Owner owner,
            int permits,
            boolean reentrant,
            Lease lease) {
        state.sessions.touch(session.id);
        Hold hold = entry.holdOf(owner);
        int added = permits;
        if (hold == null) {
            hold = new Hold(entry, state.owners.shared(owner), ++state.lastToken, state.logTimeMs);
            hold.count = permits;
            addHold(hold);
            added = entry.isMutex() && !reentrant ? 0 : permits;
        } else if (!entry.isMutex()) {
            hold.count += permits;
            entry.held += permits;
        } else if (reentrant) {
            hold.count++;
        } else {
            added = 0;
        }
        hold.joins++;
        HoldLink link = hold.link(session);
        link.joins += entry.isMutex() ? 1 : permits;
        switch (lease.kind()) {
            case SESSION -> {
                link.keepsAlive = true;
                link.kept += added;
            }
            case TTL -> prolong(hold, lease.ttlMs());
            case UNTIL_RELEASED -> hold.untilReleased = true;
        }
        session.grants.put(sequence, new GrantRecord(entry.lockable, hold.owner, hold.token, added));
        return hold;
    }

    /** Puts a hold with its count into its entry; also used to restore a snapshot. */
    void addHold(Hold hold) {
        hold.entry.add(hold);
        hold.entry.held += hold.entry.isMutex() ? 1 : hold.count;
        state.holdCount++;
    }

    /** A lease is only ever prolonged. */
    private void prolong(Hold hold, long ttlMs) {
        long deadline = LogTime.plus(state.logTimeMs, ttlMs);
        if (hold.deadlineMs == LogTime.NEVER || deadline > hold.deadlineMs) {
            state.deadlines.schedule(hold, deadline);
        }
    }

    private static void takeBack(Hold hold, int count) {
        hold.count -= count;
        if (!hold.entry.isMutex()) {
            hold.entry.held -= count;
        }
    }

    /**
     * Ends the hold and tells its sessions.
     *
     * @param except the session whose doing it is, which knows
     */
    private void free(Hold hold, LossReason reason, @Nullable Session except) {
        LockableEntry entry = hold.entry;
        state.deadlines.remove(hold);
        entry.held -= entry.isMutex() ? 1 : hold.count;
        entry.remove(hold);
        state.holdCount--;
        if (reason == LossReason.EXPIRED) {
            effects.expiredHolds++;
        }
        for (HoldLink link : hold.sortedLinks()) {
            hold.unlink(link);
            if (link.session != except) {
                tell(link.session, new Event.HoldLost(entry.lockable, hold.owner, hold.token, reason, state.logTimeMs));
            }
        }
    }

    private void timeOut(Waiter waiter) {
        removeWaiter(waiter);
        tell(waiter.session, new Event.WaitEnded(waiter.acquireSequence, Event.WaitEnd.TIMED_OUT));
    }

    private void removeWaiter(Waiter waiter) {
        state.lockables.touch(waiter.entry.lockable);
        waiter.entry.dequeue(waiter);
        waiter.session.waiters.remove(waiter.acquireSequence);
        state.deadlines.remove(waiter);
        state.waiterCount--;
    }

    private void tell(Session session, Event event) {
        if (!session.ended) {
            state.sessions.touch(session.id);
            effects.event(session.id, session.addEvent(event));
        }
    }

    private int heldOf(LockableKey lockable) {
        LockableEntry entry = state.lockables.get(lockable);
        return entry == null ? 0 : entry.held;
    }

    private static Outcome notHeld(@Nullable LockableEntry entry) {
        Hold oldest = entry == null ? null : entry.oldestHold();
        return new Outcome.NotHeld(oldest == null ? null : oldest.owner);
    }

    private static Outcome limit(String detail) {
        return new Outcome.Rejected(RejectionCode.LIMIT_REACHED, detail);
    }
}
