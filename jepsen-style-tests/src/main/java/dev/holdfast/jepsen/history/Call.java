package dev.holdfast.jepsen.history;

/** What a client asked. Keys are not part of it: a history is partitioned by key before anything looks into it. */
public sealed interface Call {
    /** How a hold's lease ends. */
    enum Lease {
        SESSION,
        TTL,
        UNTIL_RELEASED
    }

    /**
     * Asks for a hold, queueing or not; a wait that ended without a grant is a refusal.
     *
     * @param permits 1 for a mutex
     * @param limit the semaphore's size by which the request is judged; 1 for a mutex
     * @param leaseMs for how long it lasts at least, from the invocation on: the time to live for TTL; for SESSION what is
     *     known of the session's end, 0 if that may be near; 0 for UNTIL_RELEASED
     */
    record Acquire(String owner, int permits, int limit, boolean reentrant, Lease lease, long leaseMs)
            implements Call {}

    /**
     * Gives back permits, or hold counts of a reentrant mutex.
     *
     * @param permits 0 for all
     */
    record Release(String owner, long token, int permits) implements Call {}

    /** Lets a TTL hold live at least that long from now. */
    record Extend(String owner, long token, long ttlMs) implements Call {}

    /** Takes the lockable from whoever holds it. */
    record ForceRelease() implements Call {}

    /** Asks the cluster who holds the lockable. */
    record Inspect() implements Call {}

    /** Asks the client's own belief, which must never outlive the cluster's hold. */
    record Believe(String owner, long token) implements Call {}

    /** Writes to the fenced resource that the lock guards. */
    record Write(long token, long value) implements Call {}

    /**
     * Reads the fenced resource.
     *
     * @param token has earlier ones refused from then on; 0 if the fence is not asked
     */
    record Read(long token) implements Call {
        public Read() {
            this(0);
        }
    }

    /** The end of a hold that nobody asked for. Never recorded: a checker adds what may have happened unseen. */
    record Expire(String owner, long token) implements Call {}

    /**
     * An acquire of unknown outcome that had added to a hold is undone: its client cancelled it. Never recorded: a checker
     * adds what may have happened unseen.
     *
     * @param permits what the acquire had added
     */
    record Cancel(String owner, int permits) implements Call {}
}
