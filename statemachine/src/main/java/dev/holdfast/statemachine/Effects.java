package dev.holdfast.statemachine;

import static dev.holdfast.protocol.Answer.ChangeView.NOTHING_ENDED;

import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects what one log entry did besides its outcomes, and counts what it may still do: each waiter that is granted or
 * removed, and each hold that is ended, is one step of work. What is left over is done by the entries that follow.
 *
 * <p>See {@code docs/adr/012-one-entry-does-a-bounded-part.md}.
 */
final class Effects {
    private int stepsLeft;

    private final Map<SessionId, List<NumberedEvent>> events = new LinkedHashMap<>();
    final List<Applied.OpenSession> opened = new ArrayList<>();
    final List<SessionId> ended = new ArrayList<>();
    final List<Change> changes = new ArrayList<>();
    private final boolean notesChanges;
    int expiredHolds;

    Effects() {
        this(true);
    }

    private Effects(boolean notesChanges) {
        this.notesChanges = notesChanges;
    }

    /** Of what ends a whole state at once, which nobody asks for change by change. */
    static Effects withoutChanges() {
        return new Effects(false);
    }

    /** From now on it may do so much, whatever it has done. */
    void allow(int steps) {
        stepsLeft = steps;
    }

    /** Whether no more may be done now. */
    boolean isExhausted() {
        return stepsLeft <= 0;
    }

    void spend(int steps) {
        stepsLeft -= steps;
    }

    /** Tells the session of the event, unless it has ended. */
    void tell(Session session, Event event) {
        if (!session.ended()) {
            events.computeIfAbsent(session.id, id -> new ArrayList<>()).add(session.addEvent(event));
        }
    }

    /** Notes a grant of what the owner has now, or has more of. */
    void granted(Hold hold, boolean again, long waitedMs, Session session) {
        changed(again ? ChangeKind.GRANTED_AGAIN : ChangeKind.GRANTED, hold, hold.count(), waitedMs, session);
    }

    /** Notes a wait that begins. */
    void queued(Waiter waiter) {
        note(new Change(
                ChangeKind.QUEUED,
                waiter.entry.lockable,
                waiter.owner,
                0,
                waiter.permits,
                NOTHING_ENDED,
                waiter.session.asClient()));
    }

    /**
     * Notes what happened to a hold.
     *
     * @param count what is left of it
     * @param session whose doing it is; {@code null} if that is not known
     */
    void changed(ChangeKind kind, Hold hold, int count, long lastedMs, @Nullable Session session) {
        note(new Change(
                kind,
                hold.entry.lockable,
                hold.owner,
                hold.token,
                count,
                lastedMs,
                session == null ? null : session.asClient()));
    }

    /** Notes that a wait ended without a grant. */
    void waitEnded(ChangeKind kind, Waiter waiter, long nowMs) {
        note(new Change(
                kind,
                waiter.entry.lockable,
                waiter.owner,
                0,
                waiter.permits,
                nowMs - waiter.sinceMs,
                waiter.session.asClient()));
    }

    private void note(Change change) {
        if (notesChanges) {
            changes.add(change);
        }
    }

    List<SessionEvents> events() {
        if (events.isEmpty()) {
            return List.of();
        }
        List<SessionEvents> all = new ArrayList<>(events.size());
        events.forEach((session, list) -> all.add(new SessionEvents(session, list)));
        return all;
    }
}
