package dev.holdfast.client.internal.pipeline;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;

/** Bounds the encoded size of a command from above, cheaply. */
final class CommandSize {
    /** Tags, numbers and the frame of one command. */
    private static final int FIXED_BYTES = 96;

    /** The most UTF-8 bytes that one UTF-16 unit becomes. */
    private static final int BYTES_PER_CHAR = 3;

    static int of(ClientCommand command) {
        if (command instanceof Command.Acquire acquire) {
            return size(acquire.lockable(), acquire.owner());
        } else if (command instanceof Command.Release release) {
            return size(release.lockable(), release.owner());
        } else if (command instanceof Command.Extend extend) {
            return size(extend.lockable(), extend.owner());
        } else if (command instanceof Command.ForceRelease force) {
            return FIXED_BYTES + BYTES_PER_CHAR * force.lockable().key().length();
        }
        return FIXED_BYTES;
    }

    private static int size(LockableKey lockable, Owner owner) {
        int chars = lockable.key().length() + owner.type().length() + owner.id().length();
        Owner.Scope within = owner.within();
        if (within != null) {
            chars += within.type().length() + within.id().length();
        }
        return FIXED_BYTES + BYTES_PER_CHAR * chars;
    }

    private CommandSize() {}
}
