package dev.holdfast.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer to a {@link Query}. */
public sealed interface Answer {

    /**
     * One hold.
     *
     * @param heldForMs how long it has been held, in milliseconds of log time
     * @param lease the longest-lived kind of lease that keeps it
     * @param leaseLeftMs what is left of a TTL lease, in milliseconds; {@link LogTime#NEVER} for the other kinds
     * @param sessions the sessions that acquired it, in the order of their ids; empty if all have ended
     */
    record HoldView(
            Owner owner,
            long token,
            int count,
            LeaseKind lease,
            long heldForMs,
            long leaseLeftMs,
            List<SessionView> sessions) {
        public HoldView {
            sessions = List.copyOf(sessions);
        }
    }

    /**
     * One waiter.
     *
     * @param waitedMs how long it has waited, in milliseconds of log time
     * @param waitLeftMs how long it will wait at most from now, in milliseconds; {@link LogTime#NEVER} if forever
     */
    record WaiterView(Owner owner, int permits, int limit, long waitedMs, long waitLeftMs, SessionView session) {}

    /**
     * One session.
     *
     * @param id its short form
     * @param principal whose it is; empty if that is not known
     * @param address where it was opened from; empty if that is not known
     */
    record SessionView(String id, String host, String name, String principal, String address) {}

    /**
     * One lockable. One that nobody holds or waits for is answered too, without holds and waiters.
     *
     * @param held how many permits are taken; of a mutex, 1 if it is held
     * @param holds the oldest holds, at most {@link Limits#PAGE_SIZE_MAX}
     * @param waiterCount how many waiters there are in total
     * @param waiters the first of them, in queue order
     */
    record LockableView(LockableKey lockable, int held, List<HoldView> holds, int waiterCount, List<WaiterView> waiters)
            implements Answer {
        public LockableView {
            holds = List.copyOf(holds);
            waiters = List.copyOf(waiters);
        }
    }

    /** A page of lockables; {@code more} tells whether others follow. */
    record LockablePage(List<LockableView> lockables, boolean more) implements Answer {
        public LockablePage {
            lockables = List.copyOf(lockables);
        }
    }

    /** A session with the numbers of its holds and waiters; {@code principal} and {@code address} as in {@link SessionView}. */
    record SessionSummary(
            SessionId id,
            String host,
            String name,
            String principal,
            String address,
            long leaseMs,
            long openForMs,
            int holds,
            int waiters) {}

    /** A page of sessions; {@code more} tells whether others follow. */
    record SessionPage(List<SessionSummary> sessions, boolean more) implements Answer {
        public SessionPage {
            sessions = List.copyOf(sessions);
        }
    }

    /** The whole machine. */
    record StateSummary(
            long appliedIndex,
            long logTimeMs,
            int semantics,
            long lastToken,
            long lockables,
            long holds,
            long waiters,
            long sessions,
            long bytes,
            long bytesMax)
            implements Answer {}

    /** The rules. */
    record RuleList(List<Rule> rules) implements Answer {
        public RuleList {
            rules = List.copyOf(rules);
        }
    }

    /** A page of the audit; {@code more} tells whether others follow. */
    record AuditPage(List<AuditRecord> records, boolean more) implements Answer {
        public AuditPage {
            records = List.copyOf(records);
        }
    }

    /**
     * Something that happened to a lockable.
     *
     * @param number rises from each change to the next; every peer gives a change the same one
     * @param owner who was granted it, waited for it, or held it
     * @param token of the hold; 0 if the owner got none
     * @param count how much the owner held after that: permits, or the hold count of a mutex, 0 if no more; of a wait, how many
     *     permits it was for
     * @param lastedMs how long what ended with it had lasted, in milliseconds of log time: the wait before a grant, the wait that
     *     was given up, or the hold; {@link #NOTHING_ENDED} if nothing did
     * @param agoMs how long ago it was, in milliseconds of log time
     * @param session the one that acquired, waited or released; {@code null} if none is known, as for a hold whose sessions had
     *     ended before
     */
    record ChangeView(
            long number,
            ChangeKind kind,
            Owner owner,
            long token,
            int count,
            long lastedMs,
            long agoMs,
            @Nullable SessionView session) {
        public static final long NOTHING_ENDED = -1;
    }

    /**
     * A page of what happened to a lockable, newest first; {@code more} tells whether older ones are known.
     *
     * @param knownForMs since when all is known that happened to it, in milliseconds of log time from now; {@link LogTime#NEVER} if
     *     since the cluster began. Some of what happened before may be known, too
     */
    record HistoryPage(List<ChangeView> changes, boolean more, long knownForMs) implements Answer {
        public HistoryPage {
            changes = List.copyOf(changes);
        }
    }

    /** The query could not be answered as asked. */
    record QueryRejected(RejectionCode code, String detail) implements Answer {}
}
