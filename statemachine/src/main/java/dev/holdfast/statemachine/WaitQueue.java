package dev.holdfast.statemachine;

import dev.holdfast.protocol.Owner;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The waiters of one lockable in order of arrival. Every operation costs O(1). The map by owner is never iterated.
 */
final class WaitQueue {
    private @Nullable Waiter head;
    private @Nullable Waiter tail;
    private int size;
    private final Map<Owner, OwnerChain> chains = new HashMap<>();

    /** The waiters of one owner, oldest first. */
    private static final class OwnerChain {
        Waiter first;
        Waiter last;

        OwnerChain(Waiter only) {
            first = only;
            last = only;
        }
    }

    int size() {
        return size;
    }

    @Nullable
    Waiter head() {
        return head;
    }

    @Nullable
    Waiter firstOf(Owner owner) {
        OwnerChain chain = chains.get(owner);
        return chain == null ? null : chain.first;
    }

    void add(Waiter waiter) {
        waiter.previous = tail;
        if (tail == null) {
            head = waiter;
        } else {
            tail.next = waiter;
        }
        tail = waiter;
        size++;
        OwnerChain chain = chains.get(waiter.owner);
        if (chain == null) {
            chains.put(waiter.owner, new OwnerChain(waiter));
        } else {
            waiter.previousOfOwner = chain.last;
            chain.last.nextOfOwner = waiter;
            chain.last = waiter;
        }
    }

    void remove(Waiter waiter) {
        if (waiter.previous == null) {
            head = waiter.next;
        } else {
            waiter.previous.next = waiter.next;
        }
        if (waiter.next == null) {
            tail = waiter.previous;
        } else {
            waiter.next.previous = waiter.previous;
        }
        waiter.previous = null;
        waiter.next = null;
        size--;
        removeFromChain(waiter);
    }

    private void removeFromChain(Waiter waiter) {
        Waiter before = waiter.previousOfOwner;
        Waiter after = waiter.nextOfOwner;
        waiter.previousOfOwner = null;
        waiter.nextOfOwner = null;
        if (before == null && after == null) {
            chains.remove(waiter.owner);
            return;
        }
        OwnerChain chain = Objects.requireNonNull(chains.get(waiter.owner));
        if (before == null) {
            chain.first = Objects.requireNonNull(after);
        } else {
            before.nextOfOwner = after;
        }
        if (after == null) {
            chain.last = Objects.requireNonNull(before);
        } else {
            after.previousOfOwner = before;
        }
    }
}
