package dev.holdfast.client.internal.hold;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.protocol.Command;
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
 */
public record AcquireRequest(
        Lockable lockable,
        LockOwner owner,
        Command.Acquire command,
        @Nullable Long timeoutNanos,
        long requestTimeoutNanos,
        HandleOperations operations) {
    public AcquireRequest {
        Objects.requireNonNull(lockable, "lockable");
        Objects.requireNonNull(owner, "owner");
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
        return "acquire of '" + lockable.key() + "' for " + owner;
    }

    /** Whether a release gives the whole hold back, however often it was acquired. */
    boolean releasesWhole() {
        return command.lockable().kind() == LockableKind.MUTEX && !command.reentrant();
    }
}
