package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of one lockable that somebody holds or waits for; others have none. Most entries have one hold and no queue,
 * so that is what they pay for.
 */
final class LockableEntry extends SegmentedTable.Entry<LockableKey, LockableEntry> {
    final LockableKey lockable;

    /** What is taken: 1 per hold of a mutex, the permits of a semaphore. */
    int held;

    private @Nullable Hold only;

    /** In the order of tokens; used from the second hold on. */
    private @Nullable Map<Owner, Hold> holds;

    private @Nullable WaitQueue queue;

    LockableEntry(LockableKey lockable) {
        this.lockable = lockable;
    }

    @Override
    LockableKey key() {
        return lockable;
    }

    boolean isMutex() {
        return lockable.kind() == LockableKind.MUTEX;
    }

    boolean isIdle() {
        return only == null && holds == null && queue == null;
    }

    int holdCount() {
        return holds != null ? holds.size() : only == null ? 0 : 1;
    }

    @Nullable
    Hold holdOf(Owner owner) {
        if (holds != null) {
            return holds.get(owner);
        }
        return only != null && only.owner.equals(owner) ? only : null;
    }

    @Nullable
    Hold oldestHold() {
        return holds != null ? holds.values().iterator().next() : only;
    }

    /** In the order of their tokens. */
    List<Hold> holds() {
        Collection<Hold> all = holds != null ? holds.values() : only == null ? List.of() : List.of(only);
        return new ArrayList<>(all);
    }

    /** Tokens must rise from one call to the next. */
    void add(Hold hold) {
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
    }

    void remove(Hold hold) {
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

    int waiterCount() {
        return queue == null ? 0 : queue.size();
    }

    @Nullable
    Waiter headWaiter() {
        return queue == null ? null : queue.head();
    }

    @Nullable
    Waiter firstWaiterOf(Owner owner) {
        return queue == null ? null : queue.firstOf(owner);
    }

    void enqueue(Waiter waiter) {
        if (queue == null) {
            queue = new WaitQueue();
        }
        queue.add(waiter);
    }

    void dequeue(Waiter waiter) {
        if (queue == null) {
            throw new IllegalStateException("no queue for " + lockable);
        }
        queue.remove(waiter);
        if (queue.size() == 0) {
            queue = null;
        }
    }
}
