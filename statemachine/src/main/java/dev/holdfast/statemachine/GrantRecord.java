package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a grant added. Kept until the client acknowledges the grant, so that a cancel can take back exactly that much.
 *
 * @param added permits, or hold counts; 0 if the acquire of a mutex was not reentrant
 * @param earlier the grant before it to the same acquire, if that asked for several lockables
 */
record GrantRecord(
        LockableKey lockable,
        Owner owner,
        long token,
        int added,
        @Nullable GrantRecord earlier) {

    GrantRecord(LockableKey lockable, Owner owner, long token, int added) {
        this(lockable, owner, token, added, null);
    }

    /** The same, after another. */
    GrantRecord after(GrantRecord earlier) {
        return new GrantRecord(lockable, owner, token, added, earlier);
    }

    /** All grants to the same acquire up to this one, in the order in which they were made. */
    Collection<GrantRecord> inOrder() {
        Deque<GrantRecord> inOrder = new ArrayDeque<>();
        for (GrantRecord grant = this; grant != null; grant = grant.earlier) {
            inOrder.addFirst(grant);
        }
        return inOrder;
    }
}
