package dev.holdfast.client.internal.pipeline;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockForbiddenException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.RejectionCode;

/** Turns refusals into exceptions. */
public final class Rejections {

    /** For a rejection, or an outcome that does not fit the command that it answers. */
    public static LockException unexpected(Outcome outcome) {
        if (outcome instanceof Outcome.Rejected rejected) {
            return rejected(rejected.code(), rejected.detail());
        }
        return new LockRequestRejectedException(
                Reason.UNSUPPORTED, "the cluster gave an answer that this client cannot read: " + outcome);
    }

    public static LockException rejected(RejectionCode code, String detail) {
        if (code == RejectionCode.FORBIDDEN) {
            return new LockForbiddenException(detail);
        }
        Reason reason = switch (code) {
            case INVALID -> Reason.INVALID;
            case TOO_LONG -> Reason.TOO_LONG;
            case LIMIT_REACHED -> Reason.LIMIT_REACHED;
            case STATE_FULL -> Reason.STATE_FULL;
            case UNSUPPORTED -> Reason.UNSUPPORTED;
            case SESSION_UNKNOWN, SEQUENCE_STALE, FORBIDDEN -> Reason.REFUSED;
        };
        return new LockRequestRejectedException(reason, detail.isEmpty() ? code.toString() : detail);
    }

    /** For what cannot be done on account of that failure, which is not worth retrying. Nothing was done. */
    public static LockException refused(String operation, TransportException failure) {
        String detail = "the peer refuses the " + operation + ": " + failure.getMessage();
        return switch (failure.kind()) {
            case REFUSED -> new LockRequestRejectedException(Reason.REFUSED, detail);
            case FORBIDDEN -> new LockForbiddenException(detail);
            default -> new LockUnavailableException(operation, failure);
        };
    }

    /** For a command that may have been applied when its session was lost. */
    public static LockException outcomeUnknown(PendingCommand command) {
        return new LockOutcomeUnknownException(command.describe(), null);
    }

    /** The failure to open a session, as the failure of a command that waited for it. */
    public static LockException again(LockException failure, PendingCommand command) {
        if (failure instanceof LockRequestRejectedException rejected) {
            return new LockRequestRejectedException(
                    rejected.reason(), "no session for the " + command.describe() + ". " + rejected.getMessage());
        }
        if (failure instanceof LockForbiddenException) {
            return new LockForbiddenException("no session for the " + command.describe() + ". " + failure.getMessage());
        }
        return new LockUnavailableException(command.describe(), failure.getCause());
    }

    private Rejections() {}
}
