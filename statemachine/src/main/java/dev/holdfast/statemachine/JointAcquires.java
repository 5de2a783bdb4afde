package dev.holdfast.statemachine;

import static dev.holdfast.protocol.Answer.ChangeView.NOTHING_ENDED;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of valid acquires of several mutexes: all or nothing, in one step. See
 * {@code docs/adr/011-several-locks-at-once.md}.
 */
final class JointAcquires {
    private final MachineState state;
    private final Holds holds;
    private final Waiters waiters;

    JointAcquires(MachineState state, Holds holds, Waiters waiters) {
        this.state = state;
        this.holds = holds;
        this.waiters = waiters;
    }

    /**
     * The cases, in this order:
     *
     * <ul>
     *   <li>the session keeps too much already: rejected;
     *   <li>each mutex would be granted to its owner by itself: all granted, or rejected if a hold is full;
     *   <li>it does not wait: refused, naming the first mutex that is in the way;
     *   <li>a queue or the session has too many waiters: rejected;
     *   <li>else it takes a place in each queue.
     * </ul>
     */
    Outcome acquire(Session session, long sequence, Command.AcquireAll acquire, Effects effects) {
        List<LockableKey> lockables = acquire.lockables();
        Outcome full = LockTable.checkRoomIn(session, lockables.size());
        if (full != null) {
            return full;
        }
        LockableEntry inTheWay = firstInTheWay(lockables, acquire.owner());
        if (inTheWay == null) {
            return grant(session, sequence, acquire, effects);
        }
        return acquire.waitMs() == 0 ? refuse(inTheWay) : enqueue(session, sequence, acquire, effects);
    }

    private @Nullable LockableEntry firstInTheWay(List<LockableKey> lockables, Owner owner) {
        for (LockableKey lockable : lockables) {
            LockableEntry entry = state.lockables.get(lockable);
            if (entry != null && entry.holdOf(owner) == null) {
                return entry;
            }
        }
        return null;
    }

    private Outcome grant(Session session, long sequence, Command.AcquireAll acquire, Effects effects) {
        for (LockableKey lockable : acquire.lockables()) {
            LockableEntry entry = state.lockables.get(lockable);
            Hold own = entry == null ? null : entry.holdOf(acquire.owner());
            if (own != null && own.count() >= Limits.PERMITS_MAX) {
                return LockTable.limit("a hold counts at most " + Limits.PERMITS_MAX);
            }
            String full = entry == null ? null : entry.whyFull(own, session);
            if (full != null) {
                return LockTable.limit(full);
            }
        }
        return new Outcome.GrantedAll(holds.grantAll(
                entries(acquire.lockables()),
                session,
                sequence,
                acquire.owner(),
                acquire.reentrant(),
                acquire.lease(),
                NOTHING_ENDED,
                effects));
    }

    private static Outcome refuse(LockableEntry inTheWay) {
        Hold hold = inTheWay.oldestHold();
        int waitersAhead = hold == null ? inTheWay.waiterCount() : 0;
        return new Outcome.RefusedAll(
                inTheWay.lockable, hold == null ? null : hold.owner, hold == null ? 0 : hold.token, waitersAhead);
    }

    private Outcome enqueue(Session session, long sequence, Command.AcquireAll acquire, Effects effects) {
        int ahead = 0;
        for (LockableKey lockable : acquire.lockables()) {
            LockableEntry entry = state.lockables.get(lockable);
            ahead = Math.max(ahead, entry == null ? 0 : entry.waiterCount());
        }
        if (ahead >= Limits.WAITERS_PER_LOCKABLE_MAX) {
            return LockTable.limit("a lockable has at most " + Limits.WAITERS_PER_LOCKABLE_MAX + " waiters");
        }
        int size = acquire.lockables().size();
        if (session.waiterCount() > Limits.WAITERS_PER_SESSION_MAX - size) {
            return LockTable.limit("a session has at most " + Limits.WAITERS_PER_SESSION_MAX + " waiters");
        }
        JointWait joint = new JointWait(size);
        Owner owner = state.owners.shared(acquire.owner());
        long deadlineMs = LogTime.plus(state.logTimeMs, acquire.waitMs());
        List<LockableEntry> entries = entries(acquire.lockables());
        for (int i = 0; i < size; i++) {
            Waiter place = new Waiter(
                    entries.get(i),
                    session,
                    sequence,
                    owner,
                    1,
                    1,
                    acquire.reentrant(),
                    acquire.lease(),
                    state.logTimeMs,
                    ++state.lastArrival,
                    joint,
                    i);
            waiters.add(place, deadlineMs);
            effects.queued(place);
        }
        return new Outcome.Queued(ahead);
    }

    /** The entries of these lockables, made where there are none. */
    private List<LockableEntry> entries(List<LockableKey> lockables) {
        List<LockableEntry> entries = new ArrayList<>(lockables.size());
        for (LockableKey lockable : lockables) {
            entries.add(state.lockable(lockable));
        }
        return entries;
    }
}
