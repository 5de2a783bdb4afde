package dev.holdfast.statemachine;

import static dev.holdfast.protocol.Answer.ChangeView.NOTHING_ENDED;

import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Event.LossReason;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes off what is over: leases and waits whose time has come, and what ended sessions leave behind. One log entry does a
 * bounded part of it, but whatever a command touches is up to date.
 *
 * <p>See {@code docs/adr/012-one-entry-does-a-bounded-part.md}.
 */
final class Endings {
    private final MachineState state;
    private final Holds holds;
    private final Waiters waiters;

    Endings(MachineState state, Holds holds, Waiters waiters) {
        this.state = state;
        this.holds = holds;
        this.waiters = waiters;
    }

    /** Removes the session, its waiters and the holds that only its life kept; what is too much is left to the backlog. */
    void endSession(Session session, Effects effects) {
        state.endSession(session);
        finish(session, effects);
    }

    private void finish(Session session, Effects effects) {
        // Those that leave now leave before anything is granted: of an ordinary session's waiters, settling meets none.
        List<Waiter> leaving = new ArrayList<>();
        while (!session.waiters.isEmpty() && !effects.isExhausted()) {
            Waiter waiter = session.waiters.firstEntry().getValue();
            waiters.remove(waiter, ChangeKind.WAIT_ENDED_WITH_SESSION, effects);
            leaving.add(waiter);
        }
        for (Waiter waiter : leaving) {
            waiters.settle(waiter.entry, effects);
        }
        for (HoldLink link = session.firstLink(); link != null && !effects.isExhausted(); link = session.firstLink()) {
            leave(link, effects);
            waiters.settle(link.hold.entry, effects);
        }
        if (session.firstLink() == null && session.waiters.isEmpty()) {
            state.removeEnded(session);
        }
    }

    private void leave(HoldLink link, Effects effects) {
        Hold hold = link.hold;
        effects.spend(1);
        hold.unlink(link);
        int left = hold.entry.leftToOthers(hold.count() - link.kept());
        if (left > 0 && hold.isAlive(state.logTimeMs)) {
            int less = hold.count() - left;
            hold.takeBack(less);
            if (less > 0) {
                effects.changed(ChangeKind.ENDED_WITH_SESSION, hold, left, NOTHING_ENDED, link.session);
            }
        } else {
            holds.endWithSession(hold, link.session, effects);
        }
    }

    /** Goes on with what earlier entries began, and ends what is due at the present log time: so much of each. */
    void catchUp(Effects effects) {
        effects.allow(state.stepsPerEntry);
        for (LockableEntry entry = state.backlog.firstLockable();
                entry != null && !effects.isExhausted();
                entry = state.backlog.firstLockable()) {
            state.backlog.remove(entry);
            waiters.settleFurther(entry, effects);
        }
        effects.allow(state.stepsPerEntry);
        expireDue(effects);
        effects.allow(state.stepsPerEntry);
        for (Session session = state.backlog.firstSession();
                session != null && !effects.isExhausted();
                session = state.backlog.firstSession()) {
            finish(session, effects);
        }
    }

    private void expireDue(Effects effects) {
        while (!effects.isExhausted()) {
            Timed due = state.deadlines.pollDue(state.logTimeMs);
            if (due == null) {
                return;
            }
            if (due instanceof Waiter waiter) {
                waiters.timeOut(waiter, effects);
                waiters.settle(waiter.entry, effects);
            } else if (due instanceof Hold hold) {
                endTtl(hold, effects);
            }
        }
    }

    private void endTtl(Hold hold, Effects effects) {
        effects.spend(1);
        hold.setDeadlineMs(LogTime.NEVER);
        if (!hold.isAlive(state.logTimeMs)) {
            holds.end(hold, LossReason.EXPIRED, null, effects);
            waiters.settle(hold.entry, effects);
        }
    }

    /**
     * The entry of that lockable, after what is over of that owner's hold, and of a mutex's hold, was taken off: nothing is
     * added to a hold that is over, and it is in nobody's way, even if the backlog has not come to it.
     */
    @Nullable
    LockableEntry upToDate(LockableKey lockable, Owner owner, Effects effects) {
        LockableEntry entry = state.lockables.get(lockable);
        if (entry == null || !state.isBehind()) {
            return entry;
        }
        bringUpToDate(entry.holdOf(owner), effects);
        if (entry.holdCount() == 1) {
            bringUpToDate(entry.oldestHold(), effects);
        }
        return state.lockables.get(lockable);
    }

    private void bringUpToDate(@Nullable Hold hold, Effects effects) {
        if (hold == null || !hold.isOutdated(state.logTimeMs)) {
            return;
        }
        LockableEntry entry = hold.entry;
        if (entry.isCondemned(hold)) {
            holds.end(hold, LossReason.FORCE_RELEASED, null, effects);
        } else {
            endLinksOfEnded(hold, effects);
        }
        waiters.settle(entry, effects);
    }

    private void endLinksOfEnded(Hold hold, Effects effects) {
        for (HoldLink link : hold.sortedLinks()) {
            // One that is left may have been the last, and ended the hold.
            if (link.session.ended() && hold.linkOf(link.session) == link) {
                leave(link, effects);
            }
        }
        if (hold.entry.holdOf(hold.owner) == hold && hold.deadlineMs() <= state.logTimeMs) {
            state.deadlines.schedule(hold, LogTime.NEVER);
            if (!hold.isAlive(state.logTimeMs)) {
                holds.end(hold, LossReason.EXPIRED, null, effects);
            }
        }
    }
}
