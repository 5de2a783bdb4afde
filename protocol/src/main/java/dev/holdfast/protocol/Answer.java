package dev.holdfast.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer to a {@link Query}. */
public sealed interface Answer {

    /**
     * One hold.
     *
     * @param heldForMs for how long, in log time
     * @param lease the longest-lived kind of lease that keeps it
     * @param leaseLeftMs what is left of a TTL lease, {@link LogTime#NEVER} for the other kinds
     * @param sessions who acquired it, oldest first; empty when they are gone
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
     * @param waitLeftMs until its wait ends, {@link LogTime#NEVER} if it waits for ever
     */
    record WaiterView(Owner owner, int permits, int limit, long waitedMs, long waitLeftMs, SessionView session) {}

    /** One session; {@code id} is its short form. */
    record SessionView(String id, String host, String name) {}

    /**
     * One lockable. A lockable that nobody holds or waits for has no holds and no waiters.
     *
     * @param waiterCount how many wait in all
     * @param waiters the first of them
     */
    record LockableView(LockableKey lockable, int held, List<HoldView> holds, int waiterCount, List<WaiterView> waiters)
            implements Answer {
        public LockableView {
            holds = List.copyOf(holds);
            waiters = List.copyOf(waiters);
        }
    }

    /** A page of lockables; {@code more} if there are others after it. */
    record LockablePage(List<LockableView> lockables, boolean more) implements Answer {
        public LockablePage {
            lockables = List.copyOf(lockables);
        }
    }

    /** A session with its sizes. */
    record SessionSummary(
            SessionId id, String host, String name, long leaseMs, long openForMs, int holds, int waiters) {}

    /** A page of sessions; {@code more} if there are others after it. */
    record SessionPage(List<SessionSummary> sessions, boolean more) implements Answer {
        public SessionPage {
            sessions = List.copyOf(sessions);
        }
    }

    /**
     * The whole machine.
     *
     * @param stateHash SHA-256 of the canonical encoding of the state in hexadecimal, {@code null} unless asked for
     */
    record StateSummary(
            long appliedIndex,
            long logTimeMs,
            int semantics,
            long lastToken,
            long lockables,
            long holds,
            long waiters,
            long sessions,
            @Nullable String stateHash)
            implements Answer {}

    /** The query could not be answered as asked. */
    record QueryRejected(RejectionCode code, String detail) implements Answer {}
}
