package dev.holdfast.statemachine;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.RejectionCode;
import org.jspecify.annotations.Nullable;

/**
 * Rejects what would add to a state that is full. What takes away from it is always executed. New sessions are rejected
 * earlier than acquires, so that clients that have one can go on; and one session gets half of the room at most, as do all sessions
 * of one account together.
 */
final class Room {
    private final MachineState state;

    Room(MachineState state) {
        this.state = state;
    }

    /** For a session of that caller. */
    @Nullable
    Outcome forSession(Caller caller) {
        long most = state.bytesMax - state.bytesMax / 5;
        if (state.bytesMax > 0 && state.footprint.bytes() >= most) {
            return full("the state takes " + kib(state.footprint.bytes()) + "; from " + kib(most)
                    + " on there are no new sessions");
        }
        if (state.sessionsInOrder.size() >= Limits.SESSIONS_MAX) {
            return LockTable.limit("there are " + Limits.SESSIONS_MAX + " open sessions");
        }
        Account account = state.accounts.find(caller.principal(), caller.address());
        return account != null && account.open().size() >= Limits.SESSIONS_PER_ACCOUNT_MAX
                ? LockTable.limit(account.name() + " has " + Limits.SESSIONS_PER_ACCOUNT_MAX
                        + " open sessions, as many as one may have")
                : forAccount(account);
    }

    @Nullable
    Outcome forCommand(Session session, ClientCommand command) {
        if (state.bytesMax == 0 || !adds(command)) {
            return null;
        }
        if (state.footprint.bytes() >= state.bytesMax) {
            return full("the state takes " + kib(state.footprint.bytes()) + " of " + kib(state.bytesMax)
                    + "; locks and permits must be released first");
        }
        return session.bytes() >= state.bytesMax / 2
                ? full("this session takes " + kib(session.bytes()) + " of the state, and may take "
                        + kib(state.bytesMax / 2))
                : forAccount(session.account);
    }

    private @Nullable Outcome forAccount(@Nullable Account account) {
        return account != null && state.bytesMax > 0 && account.bytes() >= state.bytesMax / 2
                ? full(account.name() + " takes " + kib(account.bytes()) + " of the state, and may take "
                        + kib(state.bytesMax / 2))
                : null;
    }

    private static boolean adds(ClientCommand command) {
        return command instanceof Command.Acquire
                || command instanceof Command.AcquireAll
                || command instanceof Command.Drain
                || command instanceof Command.Attach;
    }

    private static String kib(long bytes) {
        return bytes / 1024 + " KiB";
    }

    private static Outcome full(String detail) {
        return new Outcome.Rejected(RejectionCode.STATE_FULL, detail);
    }
}
