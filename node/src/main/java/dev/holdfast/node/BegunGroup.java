package dev.holdfast.node;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.Succession;
import java.io.IOException;

/**
 * With what a group of a cluster begins that has the state of another one.
 *
 * @param number of the group
 * @param sessionsEnded how many sessions were open
 * @param waitersDropped how many places in queues were taken
 * @param holdsKept how many holds are left
 * @param holdsDropped how many others there were
 * @param tokenBefore the highest token in that state
 * @param tokenAfter what the next token is higher than
 */
public record BegunGroup(
        int number,
        long sessionsEnded,
        long waitersDropped,
        long holdsKept,
        long holdsDropped,
        long tokenBefore,
        long tokenAfter) {
    /** How much higher tokens go on, unless something else is asked for: 2^40. */
    public static final long TOKENS_AHEAD = Succession.TOKENS_AHEAD;

    /** Changes the machine accordingly. */
    static BegunGroup begin(int number, LockMachine machine, KeptHolds keep, long tokensAhead, long index)
            throws IOException {
        Succession.Keep kept = switch (keep) {
            case UNTIL_RELEASED -> Succession.Keep.UNTIL_RELEASED;
            case NONE -> Succession.Keep.NOTHING;
        };
        try {
            Succession.Summary summary = Succession.apply(machine, kept, tokensAhead, index);
            return new BegunGroup(
                    number,
                    summary.sessionsEnded(),
                    summary.waitersDropped(),
                    summary.holdsKept(),
                    summary.holdsDropped(),
                    summary.tokenBefore(),
                    summary.tokenAfter());
        } catch (IllegalArgumentException e) {
            throw new IOException("group " + number + " cannot begin: " + e.getMessage(), e);
        }
    }

    /**
     * Puts into the audit of the first group how its cluster came to be: before it is written, so all members begin with it.
     *
     * @param action {@link AuditRecord#RESTORE} or {@link AuditRecord#RECOVER}
     * @param from of what it was made
     */
    void record(LockMachine machine, String action, String clusterName, String from, KeptHolds keep) {
        // Nobody has proved who it is: whoever may write the folder may do anything with it.
        Caller caller = new Caller("", "", System.currentTimeMillis());
        String detail = from + "; holds until released were " + (keep == KeptHolds.NONE ? "dropped" : "kept")
                + ", tokens go on above " + tokenAfter;
        String target = clusterName.isEmpty() ? "cluster" : clusterName;
        machine.record(new Command.RecordAudit(
                caller,
                action,
                MemberAudit.printable(target, Limits.NAME_BYTES_MAX),
                MemberAudit.printable(detail, Limits.AUDIT_DETAIL_BYTES_MAX)));
    }
}
