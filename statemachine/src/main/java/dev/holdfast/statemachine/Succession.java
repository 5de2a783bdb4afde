package dev.holdfast.statemachine;

import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Event.LossReason;
import dev.holdfast.protocol.LogTime;
import java.util.ArrayList;

/**
 * Makes of a cluster's state the one with which another cluster begins: its tokens are far above all that the cluster before may have
 * granted, all its sessions have ended, nobody waits, and of the holds those are left that nobody's life keeps. Rules and audit stay,
 * join tokens do not, and no number of a session is given twice.
 */
public final class Succession {
    /**
     * How much higher tokens go on, unless something else is asked for. The cluster before may go on granting after what is known of it,
     * but not that often.
     */
    public static final long TOKENS_AHEAD = 1L << 40;

    /** Which holds are left. */
    public enum Keep {
        /** Those that are held until they are released. */
        UNTIL_RELEASED,
        NOTHING
    }

    /**
     * What became of the state.
     *
     * @param sessionsEnded how many sessions were open
     * @param waitersDropped how many places in queues were taken
     * @param holdsKept how many holds are left
     * @param holdsDropped how many others there were
     * @param tokenBefore the highest token that was granted
     * @param tokenAfter what the next one is higher than
     */
    public record Summary(
            long sessionsEnded,
            long waitersDropped,
            long holdsKept,
            long holdsDropped,
            long tokenBefore,
            long tokenAfter) {}

    private final MachineState state;
    private final Holds holds;
    private final Waiters waiters;
    private final Endings endings;
    private final Effects effects = Effects.withoutChanges();

    private Succession(MachineState state) {
        this.state = state;
        this.holds = new Holds(state);
        this.waiters = new Waiters(state, holds);
        this.endings = new Endings(state, holds, waiters);
    }

    /**
     * Changes the machine, which no log may drive at that time, and of which no capture may be in progress. It takes time in proportion
     * to the state. Equal machines give equal ones.
     *
     * @param tokensAhead how far above the highest token the next ones are to be, 0 or more
     * @param index the place in the new log at which this state is the first, 0 or more
     * @throws IllegalArgumentException if there are no tokens so high, or a number is negative; nothing was changed then
     */
    public static Summary apply(LockMachine machine, Keep keep, long tokensAhead, long index) {
        MachineState state = machine.state;
        if (tokensAhead < 0 || index < 0) {
            throw new IllegalArgumentException("negative: " + Math.min(tokensAhead, index));
        }
        if (tokensAhead > Long.MAX_VALUE - state.lastToken) {
            throw new IllegalArgumentException(
                    "the highest token is " + state.lastToken + ", and there is none " + tokensAhead + " above it");
        }
        long tokenBefore = state.lastToken;
        long sessions = state.sessionsInOrder.size();
        long waitersBefore = state.waiterCount;
        long holdsBefore = state.holdCount;
        new Succession(state).endWhatEnds(keep);
        state.lastToken = tokenBefore + tokensAhead;
        state.joins.clear();
        state.appliedIndex = index;
        return new Summary(
                sessions, waitersBefore, state.holdCount, holdsBefore - state.holdCount, tokenBefore, state.lastToken);
    }

    private void endWhatEnds(Keep keep) {
        // First: nobody may be granted what others leave.
        for (Session session : state.sessions.inOrder()) {
            while (!session.waiters.isEmpty()) {
                waiters.remove(session.waiters.firstEntry().getValue(), ChangeKind.WAIT_ENDED_WITH_SESSION, effects);
            }
        }
        while (state.isBehind()) {
            endings.catchUp(effects);
        }
        effects.allow(Integer.MAX_VALUE);
        for (Session session : new ArrayList<>(state.sessionsInOrder.values())) {
            endings.endSession(session, effects);
        }
        for (LockableEntry entry : new ArrayList<>(state.lockablesInOrder.values())) {
            for (Hold hold : entry.firstHolds(Integer.MAX_VALUE)) {
                keepOrEnd(hold, keep);
            }
            waiters.settle(entry, effects);
        }
    }

    private void keepOrEnd(Hold hold, Keep keep) {
        if (keep == Keep.UNTIL_RELEASED && hold.untilReleased()) {
            state.deadlines.schedule(hold, LogTime.NEVER);
        } else {
            holds.end(hold, LossReason.EXPIRED, null, effects);
        }
    }
}
