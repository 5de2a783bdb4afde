package dev.holdfast.client.internal.election;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.election.Leader;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.LockInfo;
import java.util.UUID;

/**
 * How a candidate's name and priority travel: in its owner, which everybody who looks at the lock sees. Each candidacy has an owner
 * of its own, that nobody else ever is: so no candidate shares the hold of another, nor that of its own former candidacy.
 */
final class Candidates {
    private static final String TYPE = "candidate";
    private static final String SCOPE = "priority";
    private static final char BEFORE_ID = '/';

    /** Of an owner that is no candidate. */
    private static final int NONE = -1;

    static LockOwner owner(String name, int priority) {
        return new LockOwner(
                TYPE, name + BEFORE_ID + UUID.randomUUID(), new LockOwner.Scope(SCOPE, Integer.toString(priority)));
    }

    private static int priority(LockOwner owner) {
        LockOwner.Scope scope = owner.within();
        if (!owner.type().equals(TYPE) || scope == null || !scope.type().equals(SCOPE)) {
            return NONE;
        }
        try {
            return Integer.parseInt(scope.id());
        } catch (NumberFormatException somebodyElse) {
            return NONE;
        }
    }

    static Leader leader(LockInfo lock) {
        HoldInfo hold = lock.hold();
        LockOwner owner = hold.owner();
        int priority = priority(owner);
        int nameEnd = owner.id().lastIndexOf(BEFORE_ID);
        return new Leader(
                priority == NONE || nameEnd < 0 ? owner.id() : owner.id().substring(0, nameEnd),
                Math.max(0, priority),
                hold.token(),
                hold.since(),
                hold.sessions().stream().findFirst().orElse(null),
                owner);
    }

    static boolean isHigherWaiting(LockInfo lock, int priority) {
        return lock.waiters().stream().anyMatch(waiter -> priority(waiter.owner()) > priority);
    }

    static boolean isWaiting(LockInfo lock, LockOwner owner) {
        return lock.waiters().stream().anyMatch(waiter -> waiter.owner().equals(owner));
    }

    /** Whether more wait than are told. */
    static boolean isCutShort(LockInfo lock) {
        return lock.waiterCount() > lock.waiters().size();
    }

    static boolean isHeldByLower(LockInfo lock, int priority) {
        int holder = priority(lock.owner());
        return holder != NONE && holder < priority;
    }

    private Candidates() {}
}
