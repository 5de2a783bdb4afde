package dev.holdfast.statemachine;

import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Event.LossReason;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Adds, removes, times out and grants waiters. The rule of the queue: the head waiter is granted as soon as its request
 * fits, and nobody overtakes it, except that an owner who holds a mutex never queues for it. A {@linkplain JointWait
 * joint} waiter is granted as soon as the rule allows it in each of its queues; until then it holds nothing, and nobody
 * overtakes it in any of them. {@link #settle} restores the rule after each change.
 *
 * <p>That the head waiter asked under a smaller limit than those behind it makes no difference. If they went ahead, as many
 * permits could be out at all times as their limit allows, and it would never be served. So a semaphore grows in the order of
 * its queue.
 */
final class Waiters {
    private final MachineState state;
    private final Holds holds;

    /** The entries whose queues a joint waiter has left since, or whose mutexes it got; empty between commands. */
    private final ArrayDeque<LockableEntry> toServe = new ArrayDeque<>();

    Waiters(MachineState state, Holds holds) {
        this.state = state;
        this.holds = holds;
    }

    /** Queues a waiter, whose wait ends at that log time; also used to restore a snapshot. */
    void add(Waiter waiter, long deadlineMs) {
        waiter.entry.enqueue(waiter);
        waiter.session.add(waiter);
        state.waiterCount++;
        state.deadlines.schedule(waiter, deadlineMs);
    }

    /**
     * Removes a waiter from its queue, or from all of them. The next {@link #settle}, of any entry, serves them.
     *
     * @param how its wait ends
     */
    void remove(Waiter waiter, ChangeKind how, Effects effects) {
        JointWait joint = waiter.joint;
        if (joint == null) {
            effects.waitEnded(how, waiter, state.logTimeMs);
        } else {
            for (int i = 0; i < joint.size(); i++) {
                effects.waitEnded(how, joint.place(i), state.logTimeMs);
            }
        }
        leaveQueues(waiter, effects);
    }

    private void leaveQueues(Waiter waiter, Effects effects) {
        JointWait joint = waiter.joint;
        if (joint == null) {
            effects.spend(1);
            removePlace(waiter);
            return;
        }
        effects.spend(joint.size());
        for (int i = 0; i < joint.size(); i++) {
            removePlace(joint.place(i));
            toServe.add(joint.place(i).entry);
        }
    }

    private void removePlace(Waiter waiter) {
        waiter.entry.dequeue(waiter);
        waiter.session.remove(waiter);
        state.deadlines.remove(waiter);
        state.waiterCount--;
    }

    void timeOut(Waiter waiter, Effects effects) {
        remove(waiter, ChangeKind.WAIT_TIMED_OUT, effects);
        effects.tell(waiter.session, new Event.WaitEnded(waiter.acquireSequence, Event.WaitEnd.TIMED_OUT));
    }

    /**
     * Ends what was released by force, grants what the rule of the queue allows, and forgets the entry if nothing is left of
     * it. What this log entry may not do any more is left to the backlog.
     */
    void settle(LockableEntry entry, Effects effects) {
        serve(entry, effects);
        serveOthers(effects);
    }

    /** Does what is left of an entry that was not settled, which may be more than to serve the head of its queue. */
    void settleFurther(LockableEntry entry, Effects effects) {
        toServe.add(entry);
        serveOthers(effects);
    }

    private void serveOthers(Effects effects) {
        // Not by recursion: a chain of joint waiters may be as long as there are waiters.
        for (LockableEntry next = toServe.poll(); next != null; next = toServe.poll()) {
            Hold hold = next.oldestHold();
            if (hold != null) {
                grantOthersOf(hold.owner, next, effects);
            }
            serve(next, effects);
        }
    }

    private void serve(LockableEntry entry, Effects effects) {
        for (Hold hold = entry.oldestHold(); hold != null && entry.isCondemned(hold); hold = entry.oldestHold()) {
            if (effects.isExhausted()) {
                state.backlog.add(entry);
                return;
            }
            holds.end(hold, LossReason.FORCE_RELEASED, null, effects);
        }
        for (Waiter head = entry.headWaiter(); head != null; head = entry.headWaiter()) {
            if (effects.isExhausted()) {
                if (isOver(head) || head.session.ended() || isNext(head)) {
                    state.backlog.add(entry);
                }
                break;
            }
            // Every waiter is checked again at the moment of its grant, however it came to be at the head.
            if (isOver(head)) {
                timeOut(head, effects);
            } else if (head.session.ended()) {
                remove(head, ChangeKind.WAIT_ENDED_WITH_SESSION, effects);
            } else if (isNext(head)) {
                grant(head, effects);
                grantOthersOf(head.owner, entry, effects);
            } else {
                break;
            }
        }
        // It may be served several times in a row.
        if (entry.isIdle() && entry.isKept()) {
            state.removeLockable(entry);
        }
    }

    private boolean isNext(Waiter head) {
        return head.joint == null
                ? head.entry.hasRoomFor(head.permits, head.limit) && mayJoin(head)
                : head.joint.isReady(state.logTimeMs);
    }

    private void grantOthersOf(Owner owner, LockableEntry entry, Effects effects) {
        Waiter other = entry.firstAdmittedWith(owner);
        while (other != null) {
            if (effects.isExhausted()) {
                state.backlog.add(entry);
                return;
            }
            Waiter next = other.nextOfOwner;
            if (isOver(other)) {
                timeOut(other, effects);
            } else if (other.session.ended()) {
                remove(other, ChangeKind.WAIT_ENDED_WITH_SESSION, effects);
            } else if (admitsOther(other)) {
                grant(other, effects);
            }
            other = next;
        }
    }

    private boolean admitsOther(Waiter other) {
        return other.joint == null ? mayJoin(other) : other.joint.isReady(state.logTimeMs);
    }

    /** Whether it may join its owner's hold, or make one. A hold that is over is nobody's, and is ended in its turn. */
    private boolean mayJoin(Waiter waiter) {
        Hold own = waiter.entry.holdOf(waiter.owner);
        return (own == null || own.isAlive(state.logTimeMs)) && waiter.entry.whyFull(own, waiter.session) == null;
    }

    private void grant(Waiter waiter, Effects effects) {
        leaveQueues(waiter, effects);
        if (waiter.joint == null) {
            grantOne(waiter, effects);
        } else {
            grantAll(waiter, waiter.joint, effects);
        }
    }

    private void grantAll(Waiter waiter, JointWait joint, Effects effects) {
        List<Outcome.Granted> grants = holds.grantAll(
                joint.entries(),
                waiter.session,
                waiter.acquireSequence,
                waiter.owner,
                waiter.reentrant,
                waiter.lease,
                state.logTimeMs - waiter.sinceMs,
                effects);
        effects.tell(waiter.session, new Event.WaitGrantedAll(waiter.acquireSequence, grants));
    }

    private void grantOne(Waiter waiter, Effects effects) {
        boolean reacquired = waiter.entry.holdOf(waiter.owner) != null;
        Hold hold = holds.grant(
                waiter.entry,
                waiter.session,
                waiter.acquireSequence,
                waiter.owner,
                waiter.permits,
                waiter.reentrant,
                waiter.lease);
        effects.granted(hold, reacquired, state.logTimeMs - waiter.sinceMs, waiter.session);
        effects.tell(
                waiter.session,
                new Event.WaitGranted(
                        waiter.acquireSequence,
                        hold.token,
                        hold.deadlineFor(waiter.session),
                        hold.count(),
                        reacquired));
    }

    private boolean isOver(Waiter waiter) {
        return waiter.deadlineMs() <= state.logTimeMs;
    }
}
