package dev.holdfast.client.internal.hold;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.LockableKind;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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
        boolean drains) {
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

    /** What the cluster is asked. */
    ClientCommand toSend() {
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

    /** How long its caller waits for the word that it is granted, refused or queued. */
    public long patienceNanos() {
        return patienceNanos(requestTimeoutNanos);
    }

    /** How long its caller waits once it is queued; {@link ClientClock#NEVER} for as long as it takes. */
    long patienceInQueueNanos() {
        return patienceNanos(ClientClock.NEVER);
    }

    /** @param usual if it has neither a bounded wait nor a timeout */
    private long patienceNanos(long usual) {
        long waitMs = command.waitMs();
        if (waitMs == 0 || waitMs == Command.Acquire.WAIT_FOREVER) {
            return timeoutNanos == null ? usual : timeoutNanos;
        }
        long bound = TimeUnit.MILLISECONDS.toNanos(waitMs) + requestTimeoutNanos / AcquireOptions.GRACE_PART;
        return timeoutNanos == null ? bound : Math.min(timeoutNanos, bound);
    }

    /** What it is, for messages. */
    public String describe() {
        return (drains ? "drain" : "acquire") + " of '" + lockable.key() + "' for " + owner;
    }

    /** Whether a release gives the whole hold back, however often it was acquired. */
    boolean releasesWhole() {
        return command.lockable().kind() == LockableKind.MUTEX && !command.reentrant();
    }
}
