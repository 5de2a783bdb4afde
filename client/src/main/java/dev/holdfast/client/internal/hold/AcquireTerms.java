package dev.holdfast.client.internal.hold;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the requests for one lockable and for several have in common. */
public sealed interface AcquireTerms permits AcquireRequest, JointRequest {
    /** What the cluster is asked. */
    ClientCommand toSend();

    /** How long to queue, in milliseconds; 0 not to queue. */
    long waitMs();

    /** Within what time its caller wants an answer, {@code null} for what follows from its wait. */
    @Nullable
    Long timeoutNanos();

    /** What it is, for messages. */
    String describe();

    /** The request timeout of its caller. */
    long requestTimeoutNanos();

    /** How long its caller waits for the word that it is granted, refused or queued. */
    default long patienceNanos() {
        return patienceNanos(requestTimeoutNanos());
    }

    /** How long its caller waits once it is queued; {@link ClientClock#NEVER} for as long as it takes. */
    default long patienceInQueueNanos() {
        return patienceNanos(ClientClock.NEVER);
    }

    /** @param usual if it has neither a bounded wait nor a timeout */
    private long patienceNanos(long usual) {
        Long timeoutNanos = timeoutNanos();
        if (waitMs() == 0 || waitMs() == Command.Acquire.WAIT_FOREVER) {
            return timeoutNanos == null ? usual : timeoutNanos;
        }
        long bound = TimeUnit.MILLISECONDS.toNanos(waitMs()) + requestTimeoutNanos() / AcquireOptions.GRACE_PART;
        return timeoutNanos == null ? bound : Math.min(timeoutNanos, bound);
    }
}
