package dev.holdfast.protocol;

/** What a session, or the leader itself, asks of the state machine. Validity is judged when it is applied. */
public sealed interface Command {

    /** Commands that clients send, each under a session and a sequence number. */
    sealed interface ClientCommand extends Command {}

    /** Those of them that name a lockable. */
    sealed interface LockableCommand extends ClientCommand {
        LockableKey lockable();
    }

    /** Commands that only a leader puts into the log. */
    sealed interface SystemCommand extends Command {}

    /**
     * Opens a session. It is the only command of its {@link SessionBatch}, whose session is {@code (nonce, 0)} with a
     * random nonce; the machine answers with the session's id {@code (nonce, n)}, where no other session ever gets that
     * n. So a late copy of an OpenSession opens at worst another, unused session, and late copies of its commands find
     * none. Repeated while the session is open it answers the same id. Its sequence is 0; those of the session's
     * commands rise from 1.
     *
     * @param leaseMs how long the session outlives its last confirmed keep-alive, in milliseconds
     * @param host where the client runs, for people to read
     * @param name what the client calls itself, for people to read
     */
    record OpenSession(long leaseMs, String host, String name) implements ClientCommand {}

    /** Ends the session: its waiters vanish, and its holds whose lease is SESSION are free at once. */
    record CloseSession() implements ClientCommand {}

    /**
     * Asks for a hold.
     *
     * @param permits how many permits; 1 for a mutex
     * @param limit the semaphore's size by which this request is to be judged; 1 for a mutex
     * @param reentrant whether a further acquire by the holder of a mutex raises its hold count
     * @param waitMs how long to queue when it cannot be granted now: 0 is not at all
     */
    record Acquire(
            LockableKey lockable, Owner owner, int permits, int limit, boolean reentrant, Lease lease, long waitMs)
            implements LockableCommand {
        /** Waits until granted, cancelled, or the session's end. */
        public static final long WAIT_FOREVER = Long.MAX_VALUE;
    }

    /**
     * Gives up an acquire of the same session, whatever became of it: a waiter leaves the queue, and what a grant to
     * that acquire added is released.
     */
    record CancelAcquire(long acquireSequence) implements ClientCommand {}

    /**
     * Gives back permits of the hold with that token.
     *
     * @param token the hold's fencing token; a hold with another token is left alone
     * @param permits how many permits, or hold counts of a reentrant mutex; {@link #ALL} gives the hold up
     * @param acquiredIn the {@linkplain SessionId#low number} of the session in which they were acquired, which need not be
     *     that of the release; {@link #ANYWHERE} if the client does not know
     * @param endsWithSession whether they were to last as long as that session: without it there is nothing to release, for
     *     the cluster has taken them back, and what is left was acquired by others
     */
    record Release(LockableKey lockable, Owner owner, long token, int permits, long acquiredIn, boolean endsWithSession)
            implements LockableCommand {
        public static final int ALL = 0;
        public static final long ANYWHERE = 0;

        /** Of permits that were acquired anywhere. */
        public Release(LockableKey lockable, Owner owner, long token, int permits) {
            this(lockable, owner, token, permits, ANYWHERE, false);
        }
    }

    /** Lets the hold with that token live at least {@code ttlMs} from now; never shortens it. */
    record Extend(LockableKey lockable, Owner owner, long token, long ttlMs) implements LockableCommand {}

    /**
     * Takes the lockable from whoever holds it.
     *
     * @param token only the hold with this token, or {@link #ANY_TOKEN}
     */
    record ForceRelease(LockableKey lockable, long token) implements LockableCommand {
        public static final long ANY_TOKEN = 0;
    }

    /** Does nothing but carry its batch's acknowledgements. */
    record Acknowledge() implements ClientCommand {}

    /** Lets what is due at the entry's log time expire. */
    record Tick() implements SystemCommand {}

    /** Ends a session whose lease lapsed. */
    record ExpireSession(SessionId session) implements SystemCommand {}

    /** Ends the hold with that token as if its lease had run out; the test kit uses it. */
    record ExpireHold(LockableKey lockable, long token) implements SystemCommand {}

    /** Switches the machine to newer semantics, once every member knows them. */
    record Activate(int semantics) implements SystemCommand {}
}
