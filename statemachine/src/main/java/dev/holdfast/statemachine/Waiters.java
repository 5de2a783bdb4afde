package dev.holdfast.statemachine;

import dev.holdfast.protocol.Event;

/**
 * Adds, removes, times out and grants waiters. The rule of the queue: the head waiter is granted as soon as its request
 * fits, and nobody overtakes it, except that an owner who holds a mutex never queues for it. {@link #settle} restores
 * the rule after each change.
 *
 * <p>That the head waiter asked under a smaller limit than those behind it makes no difference. If they went ahead, as many
 * permits could be out at all times as their limit allows, and it would never be served. So a semaphore grows in the order of
 * its queue.
 */
final class Waiters {
    private final MachineState state;
    private final Holds holds;

    Waiters(MachineState state, Holds holds) {
        this.state = state;
        this.holds = holds;
    }

    /** Queues a waiter, whose wait ends at that log time; also used to restore a snapshot. */
    void add(Waiter waiter, long deadlineMs) {
        waiter.entry.enqueue(waiter);
        waiter.session.waiters.put(waiter.acquireSequence, waiter);
        state.waiterCount++;
        state.deadlines.schedule(waiter, deadlineMs);
    }

    void remove(Waiter waiter) {
        waiter.entry.dequeue(waiter);
        waiter.session.waiters.remove(waiter.acquireSequence);
        state.deadlines.remove(waiter);
        state.waiterCount--;
    }

    void timeOut(Waiter waiter, Effects effects) {
        remove(waiter);
        effects.tell(waiter.session, new Event.WaitEnded(waiter.acquireSequence, Event.WaitEnd.TIMED_OUT));
    }

    /** Grants what the rule of the queue allows, and forgets the entry if nothing is left of it. */
    void settle(LockableEntry entry, Effects effects) {
        for (Waiter head = entry.headWaiter(); head != null; head = entry.headWaiter()) {
            // Every waiter is checked again at the moment of its grant, however it came to be at the head.
            if (isOver(head)) {
                timeOut(head, effects);
            } else if (head.session.ended) {
                remove(head);
            } else if (entry.hasRoomFor(head.permits, head.limit)) {
                grant(head, effects);
                grantOthersOf(head, effects);
            } else {
                break;
            }
        }
        if (entry.isIdle()) {
            state.lockables.remove(entry.lockable);
        }
    }

    private void grantOthersOf(Waiter granted, Effects effects) {
        LockableEntry entry = granted.entry;
        for (Waiter other = entry.firstAdmittedWith(granted.owner);
                other != null;
                other = entry.firstAdmittedWith(granted.owner)) {
            if (isOver(other)) {
                timeOut(other, effects);
            } else {
                grant(other, effects);
            }
        }
    }

    private void grant(Waiter waiter, Effects effects) {
        remove(waiter);
        boolean reacquired = waiter.entry.holdOf(waiter.owner) != null;
        Hold hold = holds.grant(
                waiter.entry,
                waiter.session,
                waiter.acquireSequence,
                waiter.owner,
                waiter.permits,
                waiter.reentrant,
                waiter.lease);
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
