package dev.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/** A question to the leader. The answer is linearizable and changes nothing. */
public sealed interface Query {

    /**
     * Who holds a lockable and who waits for it.
     *
     * @param waitersMax how many waiters to return at most, 0 to {@link Limits#PAGE_SIZE_MAX}
     */
    record Inspect(LockableKey lockable, int waitersMax) implements Query {}

    /**
     * The lockables that somebody holds or waits for, by key, then kind.
     *
     * @param keyPrefix only keys that start with this; empty for all
     * @param after only lockables after this one; {@code null} to begin at the first
     * @param max how many lockables to return at most, 1 to {@link Limits#PAGE_SIZE_MAX}
     * @param waitedFor to leave out those that nobody waits for. The last of a page may be one all the same, if many were left out: it
     *     tells where the next page begins. An older release leaves out none
     */
    record ListLockables(String keyPrefix, @Nullable LockableKey after, int max, boolean waitedFor) implements Query {
        /** Whether they are waited for or not. */
        public ListLockables(String keyPrefix, @Nullable LockableKey after, int max) {
            this(keyPrefix, after, max, false);
        }
    }

    /**
     * Open sessions, in the order of their ids.
     *
     * @param after only sessions after this one; {@link SessionId#NONE} to begin at the first
     * @param max how many sessions to return at most, 1 to {@link Limits#PAGE_SIZE_MAX}
     */
    record ListSessions(SessionId after, int max) implements Query {}

    /** The rules of the group that is asked, in the order of their subjects and prefixes. The first group has those that count. */
    record Rules() implements Query {}

    /**
     * The audit of the group that is asked, oldest first.
     *
     * @param afterNumber only records with a higher number; of these, those that the group still keeps
     * @param max how many records to return at most, 1 to {@link Limits#PAGE_SIZE_MAX}
     */
    record Audit(long afterNumber, int max) implements Query {}

    /**
     * What happened to a lockable of late, newest first, as far as the leader remembers it.
     *
     * @param beforeNumber only changes with a lower number; {@link #NEWEST} to begin with the newest
     * @param max how many changes to return at most, 1 to {@link Limits#PAGE_SIZE_MAX}
     */
    record History(LockableKey lockable, long beforeNumber, int max) implements Query {
        public static final long NEWEST = Long.MAX_VALUE;
    }

    /** Sizes and log position. */
    record Summary() implements Query {}
}
