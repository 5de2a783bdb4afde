package dev.holdfast.protocol;

import java.util.List;

/**
 * What a session, or the leader itself, asks of the state machine. Whether it is valid is decided when it is applied.
 */
public sealed interface Command {

    /** A command that a client sends, under a session and a sequence number. */
    sealed interface ClientCommand extends Command {
        /** How many ordinary commands it counts for where {@linkplain Limits#COMMANDS_PER_BATCH_MAX commands are counted}. */
        default int weight() {
            return 1;
        }

        /** Whether the machine keeps who sent it, so that its batch must {@linkplain SessionBatch#caller say so}. */
        default boolean recordsCaller() {
            return false;
        }
    }

    /** A client command that names a lockable. */
    sealed interface LockableCommand extends ClientCommand {
        LockableKey lockable();
    }

    /** A command that only a leader puts into the log. */
    sealed interface SystemCommand extends Command {}

    /**
     * Opens a session. It is the only command of its {@link SessionBatch}, whose session is {@code (nonce, 0)} with a
     * random nonce. The machine answers with the session's id {@code (nonce, n)}; no other session ever gets that n. So
     * a late copy of an OpenSession at worst opens another, unused session, and late copies of the session's commands
     * find no session. While the session is open, a repeated OpenSession is answered with the same id. The sequence of
     * an OpenSession is 0; the session's commands are numbered from 1.
     *
     * @param leaseMs how long the session outlives its last confirmed keep-alive, in milliseconds
     * @param host where the client runs, for people to read
     * @param name what the client calls itself, for people to read
     */
    record OpenSession(long leaseMs, String host, String name) implements ClientCommand {
        @Override
        public boolean recordsCaller() {
            return true;
        }
    }

    /** Ends the session: its waiters leave their queues, and what only its SESSION leases kept is free at once. */
    record CloseSession() implements ClientCommand {}

    /**
     * Ends a session, of whichever client, as if its lease had lapsed. Answered alike whether it was open or not, and needs no
     * session of its own: it may be sent under a nonce and the number 0, where no more sessions can be opened. Its sequence
     * does not count.
     */
    record EndSession(SessionId session) implements ClientCommand {
        @Override
        public boolean recordsCaller() {
            return true;
        }
    }

    /**
     * Asks for a hold.
     *
     * @param permits how many permits; 1 for a mutex
     * @param limit the size of the semaphore that applies to this request; 1 for a mutex
     * @param reentrant whether a further acquire by the holder of a mutex raises its hold count
     * @param waitMs how long to queue if it cannot be granted now, in milliseconds; 0 not to queue
     */
    record Acquire(
            LockableKey lockable, Owner owner, int permits, int limit, boolean reentrant, Lease lease, long waitMs)
            implements LockableCommand {
        /** Waits until granted, cancelled, or the session's end. */
        public static final long WAIT_FOREVER = Long.MAX_VALUE;
    }

    /**
     * Gives up an acquire of the same session, whatever became of it: a waiter leaves its queues, and what a grant added
     * is released.
     */
    record CancelAcquire(long acquireSequence) implements ClientCommand {}

    /**
     * Gives back permits of the hold with that token.
     *
     * @param token the hold's fencing token; a hold with another token is left alone
     * @param permits how many permits, or hold counts of a reentrant mutex; {@link #ALL} releases the whole hold
     * @param acquiredIn the {@linkplain SessionId#low number} of the session in which they were acquired, which need
     *     not be the releasing session; {@link #ANYWHERE} if the client does not know
     * @param endsWithSession whether they were to last as long as that session. If that session has ended, there is
     *     nothing to release: the cluster has taken them back, and what is left was acquired by others
     */
    record Release(LockableKey lockable, Owner owner, long token, int permits, long acquiredIn, boolean endsWithSession)
            implements LockableCommand {
        public static final int ALL = 0;
        public static final long ANYWHERE = 0;

        /** Releases permits wherever they were acquired. */
        public Release(LockableKey lockable, Owner owner, long token, int permits) {
            this(lockable, owner, token, permits, ANYWHERE, false);
        }
    }

    /**
     * Keeps the hold with that token alive for at least {@code ttlMs} milliseconds from now; never shortens its lease.
     */
    record Extend(LockableKey lockable, Owner owner, long token, long ttlMs) implements LockableCommand {}

    /**
     * Has this session told of the end of the hold with that token, which was acquired in a session that has ended since. It
     * neither adds to the hold nor keeps it.
     */
    record Attach(LockableKey lockable, Owner owner, long token) implements LockableCommand {}

    /**
     * Takes back one acquire of this session that added nothing to the hold with that token, since its owner had the hold
     * already. The hold ends if nothing else is left of it.
     */
    record Leave(LockableKey lockable, Owner owner, long token) implements LockableCommand {}

    /**
     * Has the hold with that token end {@code ttlMs} milliseconds from now, whatever its lease was: it is no longer kept by
     * sessions, nor until it is released. Only of a hold that was acquired once, so that nobody's lease is cut short who
     * asked for a longer one. A later acquire or extension counts as always.
     *
     * @param acquiredIn the {@linkplain SessionId#low number} of the session in which it was acquired. A hold that an acquire
     *     of another session keeps is left alone: a late copy of this must not cut short what its owner acquired again
     */
    record ExpireIn(LockableKey lockable, Owner owner, long token, long ttlMs, long acquiredIn)
            implements LockableCommand {}

    /**
     * Asks for all permits of a semaphore that are free when it is applied, at least one. It does not wait, and like any
     * acquire it does not overtake those who do. A {@link CancelAcquire} undoes it too.
     *
     * @param limit the size of the semaphore that applies to this request
     */
    record Drain(LockableKey lockable, Owner owner, int limit, Lease lease) implements LockableCommand {}

    /**
     * Takes the lockable from whoever holds it.
     *
     * @param token the token of the only hold to take, or {@link #ANY_TOKEN}
     */
    record ForceRelease(LockableKey lockable, long token) implements LockableCommand {
        public static final long ANY_TOKEN = 0;

        @Override
        public boolean recordsCaller() {
            return true;
        }
    }

    /**
     * Has the sessions that hold the lockable, or follow a hold of it, told that somebody would like to have it. Changes
     * nothing else. A session that has not acknowledged the last request for a hold is not told again.
     */
    record RequestRelease(LockableKey lockable) implements LockableCommand {}

    /**
     * Asks for holds of several mutexes: all of them or none.
     *
     * <p>It is granted as soon as each of them could be granted to a single acquire of that owner: the owner holds it
     * already, or nobody holds it and nobody comes first. If it waits, it stands in the queue of each of them, entered
     * by one step. So any two of these stand in the same order wherever they meet, and cannot wait for one another.
     *
     * @param lockables 1 to {@link Limits#LOCKABLES_PER_ACQUIRE_MAX} different mutexes
     * @param reentrant whether a further acquire by a holder raises its hold count
     * @param waitMs how long to queue if they cannot be granted now, in milliseconds; 0 not to queue
     */
    record AcquireAll(List<LockableKey> lockables, Owner owner, boolean reentrant, Lease lease, long waitMs)
            implements ClientCommand {
        public AcquireAll {
            lockables = List.copyOf(lockables);
        }

        /** As much as the acquires that it stands for. */
        @Override
        public int weight() {
            return Math.max(1, lockables.size());
        }
    }

    /**
     * Has the rule hold, in place of the one for the same subject and prefix if there is one. The rules that count are those of
     * the first group.
     */
    record PutRule(Rule rule) implements ClientCommand {
        @Override
        public boolean recordsCaller() {
            return true;
        }
    }

    /** Ends the rule, if there is one like that, with the same role and binding. */
    record RemoveRule(Rule rule) implements ClientCommand {
        @Override
        public boolean recordsCaller() {
            return true;
        }
    }

    /** Does nothing; it is sent for the acknowledgements of its batch. */
    record Acknowledge() implements ClientCommand {}

    /** Expires what is due at the entry's log time. */
    record Tick() implements SystemCommand {}

    /** Ends a session whose lease has lapsed. */
    record ExpireSession(SessionId session) implements SystemCommand {}

    /** Ends the hold with that token as if its lease had run out; the test kit uses it. */
    record ExpireHold(LockableKey lockable, long token) implements SystemCommand {}

    /** Switches the machine to newer semantics. Proposed only when every member knows them. */
    record Activate(int semantics) implements SystemCommand {}

    /**
     * Sets how many bytes the state may take before the machine rejects what adds to it. A new leader proposes it, from the
     * size of its heap or its configuration.
     *
     * @param bytesMax 0 for no bound
     */
    record BoundState(long bytesMax) implements SystemCommand {}

    /**
     * Has whoever knows a token become a member, once. Does nothing under {@linkplain ProtocolVersion#JOIN_TOKENS older semantics},
     * nor if the token is known, used or not: so a copy that comes late does not make a used token good again. The tokens that count
     * are those of the first group.
     *
     * @param tokenHash the SHA-256 of the token, in 64 lower-case hexadecimal digits; the token itself is in no log
     * @param name of the only member that it is good for; empty for any
     * @param expiresAtMs when it expires, in log time; at most {@link Limits#JOIN_TOKEN_MS_MAX} from now
     * @param maker who asked for it
     */
    record OfferJoin(String tokenHash, String name, long expiresAtMs, Caller maker) implements SystemCommand {}

    /**
     * Binds a token to the peer that is to become a member by it, and to nobody else. Does nothing if the token is not known, has
     * expired, is good for another name only, or was used before.
     *
     * @param name the peer's
     * @param incarnation of the peer's data folder, in 16 lower-case hexadecimal digits
     */
    record UseJoin(String tokenHash, String name, String incarnation) implements SystemCommand {}

    /** The peer that used that token is a member, or was: the token lets nobody in any more, and that peer not again. */
    record EndJoin(String tokenHash) implements SystemCommand {}

    /**
     * Has the token let nobody in any more. Does nothing if it is not known, was withdrawn before, or is at its {@linkplain EndJoin
     * end}.
     *
     * @param caller who asked for that
     */
    record WithdrawJoin(String tokenHash, Caller caller) implements SystemCommand {}

    /**
     * Has the audit keep what somebody did, or asked for in vain, that is no command of a session: a change of the members. Does nothing under
     * {@linkplain ProtocolVersion#JOIN_TOKENS older semantics}, nor if a text is empty, malformed or too long.
     *
     * @param caller who it was
     * @param action as {@link AuditRecord#action}
     * @param target as {@link AuditRecord#target}; {@link Limits#NAME_BYTES_MAX} at most, as the action
     * @param detail as {@link AuditRecord#detail}; {@link Limits#AUDIT_DETAIL_BYTES_MAX} at most
     */
    record RecordAudit(Caller caller, String action, String target, String detail) implements SystemCommand {}
}
