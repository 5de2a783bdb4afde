package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.SessionId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything that the machine remembers. Derived parts are marked so; they are not in snapshots. */
final class MachineState {
    static final int LOCKABLE_SEGMENTS = 1 << 20;
    static final int SESSION_SEGMENTS = 1 << 10;

    final SegmentedTable<LockableKey, LockableEntry> lockables = new SegmentedTable<>(LOCKABLE_SEGMENTS);
    final SegmentedTable<SessionId, Session> sessions = new SegmentedTable<>(SESSION_SEGMENTS);

    /** Open sessions by the nonce that they were opened with. Derived. */
    private final Map<Long, Session> byNonce = new HashMap<>();

    /** Holds with a TTL and waiters with a deadline. Derived. */
    final DeadlineHeap deadlines = new DeadlineHeap();

    long appliedIndex;
    long logTimeMs;
    int semantics = 1;
    long lastToken;
    long lastArrival;
    long lastSession;

    /** Lets equal owners share one object. Has no effect on behavior and is not in snapshots. */
    final RecentOwners owners = new RecentOwners();

    /** Derived. */
    long holdCount;

    /** Derived. */
    long waiterCount;

    void addSession(Session session) {
        sessions.add(session);
        byNonce.put(session.id.high(), session);
    }

    void removeSession(Session session) {
        sessions.remove(session.id);
        byNonce.remove(session.id.high());
    }

    @Nullable
    Session sessionOfNonce(long nonce) {
        return byNonce.get(nonce);
    }
}
