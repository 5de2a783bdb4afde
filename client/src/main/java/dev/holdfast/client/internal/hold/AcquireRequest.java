package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKind;
import java.util.Objects;

/**
 * An acquire, as its caller asked for it.
 *
 * @param operations what its handle will call
 */
public record AcquireRequest(Lockable lockable, LockOwner owner, Command.Acquire command, HandleOperations operations) {
    public AcquireRequest {
        Objects.requireNonNull(lockable, "lockable");
        Objects.requireNonNull(owner, "owner");
    }

    /** What it is, for messages. */
    public String describe() {
        return "acquire of '" + lockable.key() + "' for " + owner;
    }

    /** Whether a release gives the whole hold back, however often it was acquired. */
    boolean releasesWhole() {
        return command.lockable().kind() == LockableKind.MUTEX && !command.reentrant();
    }
}
