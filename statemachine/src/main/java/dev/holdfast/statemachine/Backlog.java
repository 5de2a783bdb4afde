package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.SessionId;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one log entry has begun and later ones are to finish: ended sessions that still have holds or waiters, and lockables
 * that are not settled. It is done in the order of ids and keys, so that it does not depend on what led to it.
 *
 * <p>See {@code docs/adr/012-one-entry-does-a-bounded-part.md}.
 */
final class Backlog {
    private final NavigableMap<SessionId, Session> sessions = new TreeMap<>();
    private final NavigableMap<LockableKey, LockableEntry> lockables = new TreeMap<>();

    boolean isEmpty() {
        return sessions.isEmpty() && lockables.isEmpty();
    }

    /** An ended session. */
    void add(Session session) {
        sessions.put(session.id, session);
    }

    void remove(Session session) {
        sessions.remove(session.id);
    }

    @Nullable
    Session firstSession() {
        Map.Entry<SessionId, Session> first = sessions.firstEntry();
        return first == null ? null : first.getValue();
    }

    /** A lockable whose queue is to be served further, or of whose holds more are to be ended. */
    void add(LockableEntry entry) {
        if (!entry.isUnsettled()) {
            entry.setUnsettled(true);
            lockables.put(entry.lockable, entry);
        }
    }

    void remove(LockableEntry entry) {
        if (entry.isUnsettled()) {
            entry.setUnsettled(false);
            lockables.remove(entry.lockable);
        }
    }

    @Nullable
    LockableEntry firstLockable() {
        Map.Entry<LockableKey, LockableEntry> first = lockables.firstEntry();
        return first == null ? null : first.getValue();
    }
}
