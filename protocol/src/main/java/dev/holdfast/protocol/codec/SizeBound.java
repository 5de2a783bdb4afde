package dev.holdfast.protocol.codec;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;

/**
 * Bounds the encoded size of commands from above, in bytes, without encoding them: text counts three bytes per UTF-16
 * unit, the most that UTF-8 needs, and everything else a constant.
 */
public final class SizeBound {
    /** The tags, lengths and numbers of one command, its sequence number included. */
    private static final int COMMAND_BYTES = 104;

    /** The tags, lengths and kind of one further lockable. */
    private static final int LOCKABLE_BYTES = 12;

    /** The session's id, its acknowledgements, and the tag and length of the batch. */
    private static final int BATCH_BYTES = 48;

    /** The tags, lengths and the time of a caller. */
    private static final int CALLER_BYTES = 32;

    private static final int BYTES_PER_CHAR = 3;

    /** The bound of one command and its sequence number, as part of a batch. */
    public static int of(ClientCommand command) {
        if (command instanceof Command.Acquire acquire) {
            return bound(acquire.lockable(), acquire.owner());
        } else if (command instanceof Command.Release release) {
            return bound(release.lockable(), release.owner());
        } else if (command instanceof Command.Extend extend) {
            return bound(extend.lockable(), extend.owner());
        } else if (command instanceof Command.Attach attach) {
            return bound(attach.lockable(), attach.owner());
        } else if (command instanceof Command.Leave leave) {
            return bound(leave.lockable(), leave.owner());
        } else if (command instanceof Command.ExpireIn expireIn) {
            return bound(expireIn.lockable(), expireIn.owner());
        } else if (command instanceof Command.Drain drain) {
            return bound(drain.lockable(), drain.owner());
        } else if (command instanceof Command.ForceRelease force) {
            return bound(force.lockable().key().length());
        } else if (command instanceof Command.RequestRelease request) {
            return bound(request.lockable().key().length());
        } else if (command instanceof Command.AcquireAll acquire) {
            return bound(acquire);
        } else if (command instanceof Command.OpenSession open) {
            return bound(open.host().length() + open.name().length());
        } else if (command instanceof Command.PutRule put) {
            return bound(put.rule());
        } else if (command instanceof Command.RemoveRule remove) {
            return bound(remove.rule());
        }
        return COMMAND_BYTES;
    }

    /** The bound of one session's batch, as part of a log entry. */
    public static long of(SessionBatch batch) {
        long bytes = (long) BATCH_BYTES + bound(batch.caller());
        for (SequencedCommand command : batch.commands()) {
            bytes += of(command.command());
        }
        return bytes;
    }

    private static int bound(Caller caller) {
        return caller.equals(Caller.NOBODY)
                ? 0
                : CALLER_BYTES
                        + BYTES_PER_CHAR
                                * (caller.principal().length()
                                        + caller.address().length());
    }

    private static int bound(Rule rule) {
        return bound(rule.subject().length() + rule.keyPrefix().length());
    }

    private static int bound(Command.AcquireAll acquire) {
        int chars = chars(acquire.owner());
        for (LockableKey lockable : acquire.lockables()) {
            chars += lockable.key().length();
        }
        return bound(chars) + LOCKABLE_BYTES * acquire.lockables().size();
    }

    private static int bound(LockableKey lockable, Owner owner) {
        return bound(lockable.key().length() + chars(owner));
    }

    private static int chars(Owner owner) {
        int chars = owner.type().length() + owner.id().length();
        Owner.Scope within = owner.within();
        return within == null
                ? chars
                : chars + within.type().length() + within.id().length();
    }

    private static int bound(int chars) {
        return COMMAND_BYTES + BYTES_PER_CHAR * chars;
    }

    private SizeBound() {}
}
