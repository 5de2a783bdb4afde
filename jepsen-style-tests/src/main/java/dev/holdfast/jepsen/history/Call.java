package dev.holdfast.jepsen.history;

/** What a client asked for. The key is not part of it: a history is partitioned by key before it is examined. */
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
     * @param leaseMs the least time that it lasts, from the invocation on: the time to live for TTL; for SESSION what
     *     is known of the session's end, 0 if that may be near; 0 for UNTIL_RELEASED
     */
    record Acquire(String owner, int permits, int limit, boolean reentrant, Lease lease, long leaseMs)
            implements Call {}

    /**
     * Gives back permits, or hold counts of a reentrant mutex.
     *
     * @param permits 0 for all
     */
    record Release(String owner, long token, int permits) implements Call {}

    /** Extends a TTL hold to at least that long from now. */
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
     * @param token lower ones are refused from then on; 0 if the fence is not consulted
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
