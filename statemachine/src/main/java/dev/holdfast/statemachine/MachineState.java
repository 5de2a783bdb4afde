package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.SessionId;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Everything that the machine remembers. Derived parts are marked so; they are not in snapshots. */
final class MachineState {
    static final int LOCKABLE_SEGMENTS = 1 << 20;
    static final int SESSION_SEGMENTS = 1 << 16;

    /** A few milliseconds. Part of the semantics. */
    static final int STEPS_PER_ENTRY = 2000;

    final SegmentedTable<LockableKey, LockableEntry> lockables = new SegmentedTable<>(LOCKABLE_SEGMENTS);
    final SegmentedTable<SessionId, Session> sessions = new SegmentedTable<>(SESSION_SEGMENTS);

    /** Derived. */
    final Footprint footprint = new Footprint();

    final RuleTable rules = new RuleTable(footprint);
    final AuditTrail audit = new AuditTrail(footprint);
    final JoinTokens joins = new JoinTokens(footprint);

    /** Derived. */
    final Accounts accounts = new Accounts();

    /** What was begun and is still to be done. */
    final Backlog backlog = new Backlog();

    /** How many steps of work of each kind one entry does. */
    final int stepsPerEntry;

    /** For listings, which cost in proportion to what they show. Derived. */
    final NavigableMap<LockableKey, LockableEntry> lockablesInOrder = new TreeMap<>();

    /** Those that are open. Derived. */
    final NavigableMap<SessionId, Session> sessionsInOrder = new TreeMap<>();

    /** Open sessions by the nonce that they were opened with. Derived. */
    private final Map<Long, Session> byNonce = new HashMap<>();

    /** Holds with a TTL and waiters with a deadline. Derived. */
    final DeadlineHeap deadlines = new DeadlineHeap();

    MachineState() {
        this(STEPS_PER_ENTRY);
    }

    MachineState(int stepsPerEntry) {
        this.stepsPerEntry = stepsPerEntry;
    }

    long appliedIndex;
    long logTimeMs;
    int semantics = 1;
    long lastToken;
    long lastArrival;
    long lastSession;
    long lastLink;

    /** How large the footprint may grow; 0 if nobody has said. */
    long bytesMax;

    /** Lets equal owners share one object. Has no effect on behavior and is not in snapshots. */
    final RecentOwners owners = new RecentOwners();

    /** Derived. */
    long holdCount;

    /** Derived. */
    long waiterCount;

    /** The entry of that lockable, made if there is none. */
    LockableEntry lockable(LockableKey key) {
        LockableEntry entry = lockables.get(key);
        if (entry == null) {
            entry = LockableEntry.of(key);
            footprint.add(Footprint.of(key));
            lockables.add(entry);
            lockablesInOrder.put(key, entry);
        }
        return entry;
    }

    void removeLockable(LockableEntry entry) {
        footprint.add(-Footprint.of(entry.lockable));
        lockables.remove(entry.lockable);
        lockablesInOrder.remove(entry.lockable);
        backlog.remove(entry);
    }

    void addSession(Session session) {
        footprint.add(Footprint.of(session));
        sessions.add(session);
        sessionsInOrder.put(session.id, session);
        byNonce.put(session.id.high(), session);
        if (session.account != null) {
            session.account.add(session);
        }
    }

    /** Nobody meets the session any more. What it holds and waits for is still to be ended. */
    void endSession(Session session) {
        session.end();
        sessionsInOrder.remove(session.id);
        byNonce.remove(session.id.high());
        backlog.add(session);
        if (session.account != null) {
            session.account.ended(session);
        }
    }

    /** Once it holds nothing and waits for nothing. */
    void removeEnded(Session session) {
        footprint.add(-Footprint.of(session));
        backlog.remove(session);
        sessions.remove(session.id);
        Account account = session.account;
        if (account != null) {
            account.remove(session);
            accounts.removeIfEmpty(account);
        }
    }

    /** Whether something is over that still looks as if it were not. */
    boolean isBehind() {
        return !backlog.isEmpty() || deadlines.earliest() <= logTimeMs;
    }

    @Nullable
    Session sessionOfNonce(long nonce) {
        return byNonce.get(nonce);
    }
}
