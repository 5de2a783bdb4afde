package dev.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/** A question to the leader. The answer is linearizable and changes nothing. */
public sealed interface Query {

    /**
     * Who holds a lockable and who waits for it.
     *
     * @param waitersMax how many waiters to name at most, 0 to {@link Limits#PAGE_SIZE_MAX}
     */
    record Inspect(LockableKey lockable, int waitersMax) implements Query {}

    /**
     * Lockables in the order of their keys, then kinds.
     *
     * @param keyPrefix only keys that start so; empty for all
     * @param after only lockables after this one; {@code null} from the start
     * @param max how many lockables at most, 1 to {@link Limits#PAGE_SIZE_MAX}
     */
    record ListLockables(String keyPrefix, @Nullable LockableKey after, int max) implements Query {}

    /** Open sessions after that one, in the order of their ids. */
    record ListSessions(SessionId after, int max) implements Query {}

    /** Sizes, log position and, if asked for, a hash of the whole state. */
    record Summary(boolean withHash) implements Query {}
}
