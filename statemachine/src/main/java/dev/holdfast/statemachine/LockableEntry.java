package dev.holdfast.statemachine;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of one lockable that somebody holds or waits for; other lockables have none. Most entries have one hold and
 * no queue, and pay for no more than that.
 *
 * <p>The abstract methods are all that tells the kinds of lockables apart: what a hold takes, what an acquire adds to
 * it, and what is left of it when something is taken back.
 */
abstract sealed class LockableEntry extends SegmentedTable.Entry<LockableKey, LockableEntry>
        permits MutexEntry, SemaphoreEntry {
    final LockableKey lockable;

    private @Nullable Hold only;

    /** In token order; used from the second hold on. */
    private @Nullable Map<Owner, Hold> holds;

    private @Nullable WaitQueue queue;

    /** Of all its holds. Derived. */
    private int linkCount;

    /** Whether it waits in the {@link Backlog} to be served. */
    private boolean unsettled;

    /** All holds up to this token were released by force. */
    private long condemnedUpTo;

    /** How many of those have not been ended yet. Derived. */
    private int condemned;

    LockableEntry(LockableKey lockable) {
        this.lockable = lockable;
    }

    static LockableEntry of(LockableKey lockable) {
        return switch (lockable.kind()) {
            case MUTEX -> new MutexEntry(lockable);
            case SEMAPHORE -> new SemaphoreEntry(lockable);
        };
    }

    @Override
    final LockableKey key() {
        return lockable;
    }

    /** How many permits are taken. */
    abstract int held();

    /** Whether an acquire that arrives now is granted at once; {@code own} is what its owner holds already. */
    abstract boolean admits(@Nullable Hold own, Command.Acquire acquire);

    /**
     * The first waiter that may be granted because {@code owner} holds it, wherever in the queue it stands; then its
     * owner's next ones may be too. {@code null} if there is none.
     */
    abstract @Nullable Waiter firstAdmittedWith(Owner owner);

    /** What an acquire adds to the count of its owner's hold, beyond having the hold; a cancel takes off as much. */
    abstract int addedBy(int permits, boolean reentrant);

    /** What an acquire adds to its session's share in the hold; see {@link HoldLink#joins}. */
    abstract int weightOf(int permits);

    /** How many of the hold's acquires are undone when a session gives back so much of its share. */
    abstract int joinsIn(int weightGivenBack);

    /** Whether a hold of which something was taken back is no longer wanted by anyone. */
    abstract boolean isAbandoned(Hold hold);

    /** How much of a hold is left to others when one of its sessions has ended and the rest counts so much. */
    abstract int leftToOthers(int rest);

    /** A hold of this entry counts so much more, or less. */
    abstract void countChanged(int by);

    final boolean isIdle() {
        return only == null && holds == null && queue == null;
    }

    final boolean isUnsettled() {
        return unsettled;
    }

    final void setUnsettled(boolean unsettled) {
        beforeChange();
        this.unsettled = unsettled;
    }

    /** From now on all its holds are over, though they are still to be ended. Returns how many were not over before. */
    final int condemnAll(long lastToken) {
        beforeChange();
        int more = holdCount() - condemned;
        condemnedUpTo = lastToken;
        condemned = holdCount();
        return more;
    }

    final long condemnedUpTo() {
        return condemnedUpTo;
    }

    /** Sets what a snapshot recorded, before there are holds. */
    final void restoreCondemnedUpTo(long token) {
        beforeChange();
        condemnedUpTo = token;
    }

    final boolean isCondemned(Hold hold) {
        return hold.token <= condemnedUpTo;
    }

    /** How many links of sessions its holds have. */
    final int linkCount() {
        return linkCount;
    }

    final void linked(int more) {
        linkCount += more;
    }

    final int holdCount() {
        return holds != null ? holds.size() : only == null ? 0 : 1;
    }

    /** How many permits of that many are free; 0 if more are taken. */
    final int available(int limit) {
        return Math.max(0, limit - held());
    }

    final boolean hasRoomFor(int permits, int limit) {
        return permits <= limit - held();
    }

    /** What keeps that owner from another grant in that session, however many permits are free; {@code null} if nothing. */
    final @Nullable String whyFull(@Nullable Hold own, Session session) {
        if (own == null && holdCount() >= Limits.HOLDERS_PER_LOCKABLE_MAX) {
            return "a semaphore has at most " + Limits.HOLDERS_PER_LOCKABLE_MAX + " holders";
        }
        if (own != null && own.linkOf(session) != null) {
            return null;
        }
        if (own != null && own.linkCount() >= Limits.SESSIONS_PER_HOLD_MAX) {
            return "a hold has at most " + Limits.SESSIONS_PER_HOLD_MAX + " sessions";
        }
        if (linkCount >= Limits.SESSIONS_PER_LOCKABLE_MAX) {
            return "the holds of a lockable have at most " + Limits.SESSIONS_PER_LOCKABLE_MAX + " sessions";
        }
        return null;
    }

    final @Nullable Hold holdOf(Owner owner) {
        if (holds != null) {
            return holds.get(owner);
        }
        return only != null && only.owner.equals(owner) ? only : null;
    }

    final @Nullable Hold oldestHold() {
        return holds != null ? holds.values().iterator().next() : only;
    }

    /** Its holds in token order, without a copy. */
    final Stream<Hold> streamOfHolds() {
        return holds != null ? holds.values().stream() : Stream.ofNullable(only);
    }

    /** A copy of the first ones in token order. */
    final List<Hold> firstHolds(int most) {
        return streamOfHolds().limit(most).toList();
    }

    final @Nullable Hold holdWith(long token) {
        return streamOfHolds().filter(hold -> hold.token == token).findFirst().orElse(null);
    }

    /** Tokens must rise from one call to the next. */
    final void add(Hold hold) {
        beforeChange();
        if (holds != null) {
            holds.put(hold.owner, hold);
        } else if (only == null) {
            only = hold;
        } else {
            holds = new LinkedHashMap<>();
            holds.put(only.owner, only);
            holds.put(hold.owner, hold);
            only = null;
        }
        countChanged(hold.count());
        condemned += isCondemned(hold) ? 1 : 0;
    }

    final void remove(Hold hold) {
        beforeChange();
        countChanged(-hold.count());
        condemned -= isCondemned(hold) ? 1 : 0;
        if (holds == null) {
            only = null;
            return;
        }
        holds.remove(hold.owner);
        if (holds.size() == 1) {
            only = holds.values().iterator().next();
            holds = null;
        }
    }

    final int waiterCount() {
        return queue == null ? 0 : queue.size();
    }

    final @Nullable Waiter headWaiter() {
        return queue == null ? null : queue.head();
    }

    final @Nullable Waiter firstWaiterOf(Owner owner) {
        return queue == null ? null : queue.firstOf(owner);
    }

    final void enqueue(Waiter waiter) {
        beforeChange();
        if (queue == null) {
            queue = new WaitQueue();
        }
        queue.add(waiter);
    }

    final void dequeue(Waiter waiter) {
        if (queue == null) {
            throw new IllegalStateException("no queue for " + lockable);
        }
        beforeChange();
        queue.remove(waiter);
        if (queue.size() == 0) {
            queue = null;
        }
    }
}
