package dev.holdfast.statemachine;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    final @Nullable Hold holdOf(Owner owner) {
        if (holds != null) {
            return holds.get(owner);
        }
        return only != null && only.owner.equals(owner) ? only : null;
    }

    final @Nullable Hold oldestHold() {
        return holds != null ? holds.values().iterator().next() : only;
    }

    /** A copy, in token order. */
    final List<Hold> holds() {
        Collection<Hold> all = holds != null ? holds.values() : only == null ? List.of() : List.of(only);
        return new ArrayList<>(all);
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
    }

    final void remove(Hold hold) {
        beforeChange();
        countChanged(-hold.count());
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
