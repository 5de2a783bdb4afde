package dev.holdfast.statemachine;

import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Owner;
import org.jspecify.annotations.Nullable;

/**
 * A queued acquire, or the place of a {@linkplain JointWait joint} one in one of its queues. Its
 * {@linkplain #deadlineMs deadline} is when its wait ends.
 */
final class Waiter extends Timed {
    final Session session;
    final long acquireSequence;
    final Owner owner;
    final int permits;
    final int limit;
    final boolean reentrant;
    final Lease lease;
    final long sinceMs;

    /** Rises with every waiter of the machine; the order of the queue. */
    final long arrival;

    /** {@code null} for an acquire of one lockable. */
    final @Nullable JointWait joint;

    /** Which of the joint acquire's places it is, from 0. */
    final int place;

    @Nullable
    Waiter previous;

    @Nullable
    Waiter next;

    @Nullable
    Waiter previousOfOwner;

    @Nullable
    Waiter nextOfOwner;

    Waiter(
            LockableEntry entry,
            Session session,
            long acquireSequence,
            Owner owner,
            int permits,
            int limit,
            boolean reentrant,
            Lease lease,
            long sinceMs,
            long arrival) {
        this(entry, session, acquireSequence, owner, permits, limit, reentrant, lease, sinceMs, arrival, null, 0);
    }

    Waiter(
            LockableEntry entry,
            Session session,
            long acquireSequence,
            Owner owner,
            int permits,
            int limit,
            boolean reentrant,
            Lease lease,
            long sinceMs,
            long arrival,
            @Nullable JointWait joint,
            int place) {
        super(entry);
        this.session = session;
        this.acquireSequence = acquireSequence;
        this.owner = owner;
        this.permits = permits;
        this.limit = limit;
        this.reentrant = reentrant;
        this.lease = lease;
        this.sinceMs = sinceMs;
        this.arrival = arrival;
        this.joint = joint;
        this.place = place;
        if (joint != null) {
            joint.set(place, this);
        }
    }

    /**
     * Negative, so that of equal deadlines waits end before leases: nobody is granted what they stop waiting for then.
     */
    @Override
    long tieBreak() {
        return arrival - Long.MAX_VALUE;
    }
}
