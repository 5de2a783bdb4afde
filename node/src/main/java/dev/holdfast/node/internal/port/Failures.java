package dev.holdfast.node.internal.port;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.FailureFrame;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.wire.ClassPath;
import dev.holdfast.client.wire.FailureCodec;
import io.grpc.Status;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what failed, and who leads if that is the trouble. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private final Served served;

    Failures(Served served) {
        this.served = served;
    }

    ServerFrame frame(long requestId, Kind kind, @Nullable String message) {
        return frame(failure(requestId, kind, message));
    }

    ServerFrame frame(long requestId, Throwable cause) {
        return frame(failure(requestId, cause));
    }

    FailureFrame failure(long requestId, Throwable cause) {
        if (cause instanceof TransportException known) {
            return failure(requestId, known.kind(), known.getMessage());
        }
        Throwable inner = cause.getCause();
        if (cause instanceof CompletionException && inner != null) {
            return failure(requestId, inner);
        }
        LOG.warn("A request failed in a way that was not foreseen", cause);
        return failure(requestId, Kind.OUTCOME_UNKNOWN, unforeseen(cause));
    }

    /** What failed, in place of the reply to a call of its own. */
    static Status status(Throwable cause) {
        Throwable inner = cause.getCause();
        if (cause instanceof CompletionException && inner != null) {
            return status(inner);
        }
        if (cause instanceof TransportException known) {
            Status status = switch (known.kind()) {
                case FORBIDDEN -> Status.PERMISSION_DENIED;
                case REFUSED -> Status.FAILED_PRECONDITION;
                case BUSY -> Status.RESOURCE_EXHAUSTED;
                case NO_LEADER, UNREACHABLE, CLOSED -> Status.UNAVAILABLE;
                case OUTCOME_UNKNOWN -> Status.UNKNOWN;
            };
            return status.withDescription(known.getMessage());
        }
        LOG.warn("A request failed in a way that was not foreseen", cause);
        return Status.INTERNAL.withDescription(unforeseen(cause));
    }

    /** Of a conflict on this peer's class path the client hears as such; where it lies is for this peer's log only. */
    static String unforeseen(Throwable cause) {
        LinkageError conflict = ClassPath.conflict(cause);
        return conflict == null
                ? "the peer failed: " + cause
                : "the peer failed: its class path has versions that do not fit: " + conflict;
    }

    /** Of the whole stream, because this peer goes away. It may lead at this moment, but is not to be asked again. */
    ServerFrame closing(long requestId) {
        LeaderHint hint = leader();
        LeaderHint other = hint == null || hint.peerId().equals(served.peerId()) ? null : hint;
        return frame(FailureCodec.encode(requestId, Kind.NO_LEADER, "the peer is closing", other));
    }

    FailureFrame failure(long requestId, Kind kind, @Nullable String message) {
        return FailureCodec.encode(requestId, kind, message, kind == Kind.NO_LEADER ? leader() : null);
    }

    private @Nullable LeaderHint leader() {
        try {
            return served.leader().get();
        } catch (RuntimeException e) {
            LOG.warn("Could not tell who leads", e);
            return null;
        }
    }

    static ServerFrame frame(FailureFrame failure) {
        return ServerFrame.newBuilder().setFailure(failure).build();
    }
}
