package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.LockableKind;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An acquire, as its caller asked for it.
 *
 * @param timeoutNanos within what time its caller wants an answer, {@code null} for what follows from its wait
 * @param requestTimeoutNanos the request timeout of the lock or semaphore
 * @param operations what its handle will call
 * @param drains whether it asks for all permits that are free, at least one; the command then tells everything else
 */
public record AcquireRequest(
        Lockable lockable,
        LockOwner owner,
        Command.Acquire command,
        @Nullable Long timeoutNanos,
        long requestTimeoutNanos,
        HandleOperations operations,
        boolean drains)
        implements AcquireTerms {
    public AcquireRequest {
        Objects.requireNonNull(lockable, "lockable");
        Objects.requireNonNull(owner, "owner");
    }

    /** An acquire of what the command says. */
    public AcquireRequest(
            Lockable lockable,
            LockOwner owner,
            Command.Acquire command,
            @Nullable Long timeoutNanos,
            long requestTimeoutNanos,
            HandleOperations operations) {
        this(lockable, owner, command, timeoutNanos, requestTimeoutNanos, operations, false);
    }

    @Override
    public ClientCommand toSend() {
        return drains
                ? new Command.Drain(command.lockable(), command.owner(), command.limit(), command.lease())
                : command;
    }

    /** The request that so many permits answer. */
    AcquireRequest answeredBy(int permits) {
        Command.Acquire all = new Command.Acquire(
                command.lockable(),
                command.owner(),
                permits,
                command.limit(),
                command.reentrant(),
                command.lease(),
                command.waitMs());
        return new AcquireRequest(lockable, owner, all, timeoutNanos, requestTimeoutNanos, operations);
    }

    @Override
    public long waitMs() {
        return command.waitMs();
    }

    @Override
    public String describe() {
        return (drains ? "drain" : "acquire") + " of '" + lockable.key() + "' for " + owner;
    }

    /** Whether a release gives the whole hold back, however often it was acquired. */
    boolean releasesWhole() {
        return command.lockable().kind() == LockableKind.MUTEX && !command.reentrant();
    }
}
