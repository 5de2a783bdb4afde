package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.protocol.Event;
import java.time.Instant;

/**
 * A hold that was lost.
 *
 * @param at when, by the wall clock
 */
record Loss(LossReason reason, Instant at) {

    static LossReason reasonOf(Event.LossReason reason) {
        return switch (reason) {
            case EXPIRED -> LossReason.EXPIRED;
            case FORCE_RELEASED -> LossReason.FORCE_RELEASED;
            case RELEASED_ELSEWHERE -> LossReason.RELEASED_ELSEWHERE;
        };
    }

    /** The exception for whoever acts on a hold that was lost this way. */
    static LockException exception(Lockable lockable, LockOwner owner, LossReason reason, Instant at) {
        return switch (reason) {
            case EXPIRED, SESSION_LOST -> new LockExpiredException(lockable.key(), owner, at);
            case CLIENT_CLOSED -> new LockClientClosedException("operation on '" + lockable.key() + "' by " + owner);
            case FORCE_RELEASED, RELEASED_ELSEWHERE, RELEASED_BY_OWNER, NOT_HELD ->
                new LockNotHeldException(lockable.key(), owner, null);
        };
    }

    boolean isExpiry() {
        return reason == LossReason.EXPIRED || reason == LossReason.SESSION_LOST;
    }
}
