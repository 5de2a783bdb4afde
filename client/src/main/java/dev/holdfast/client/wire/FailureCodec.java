package dev.holdfast.client.wire;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.FailureFrame;
import dev.holdfast.client.v1.FailureKind;
import org.jspecify.annotations.Nullable;

/** Failures. */
public final class FailureCodec {
    private static final int MESSAGE_LENGTH_MAX = 512;

    /** Writes a failure of the request with that id, or of the whole stream if it is 0. */
    public static FailureFrame encode(
            long requestId, Kind kind, @Nullable String message, @Nullable LeaderHint leader) {
        FailureFrame.Builder frame = FailureFrame.newBuilder()
                .setRequestId(requestId)
                .setKind(encode(kind))
                .setMessage(shortened(message));
        if (leader != null) {
            frame.setLeader(MembersCodec.encode(leader));
        }
        return frame.build();
    }

    /** A closed peer is nothing final to a client, which can ask another: it is told that the outcome is unknown. */
    private static FailureKind encode(Kind kind) {
        return switch (kind) {
            case NO_LEADER -> FailureKind.FAILURE_KIND_NO_LEADER;
            case BUSY -> FailureKind.FAILURE_KIND_BUSY;
            case UNREACHABLE -> FailureKind.FAILURE_KIND_UNREACHABLE;
            case OUTCOME_UNKNOWN, CLOSED -> FailureKind.FAILURE_KIND_OUTCOME_UNKNOWN;
            case REFUSED -> FailureKind.FAILURE_KIND_REFUSED;
            case FORBIDDEN -> FailureKind.FAILURE_KIND_FORBIDDEN;
        };
    }

    /** Reads what {@code source}, named for people to read, said. */
    public static TransportException decode(FailureFrame failure, Object source) {
        return new TransportException(decode(failure.getKind()), describe(failure, source));
    }

    /** The failure's message and its {@code source}. */
    public static String describe(FailureFrame failure, Object source) {
        return source + ": " + shortened(failure.getMessage());
    }

    /** A kind that is not known here leaves the outcome unknown. */
    public static Kind decode(FailureKind kind) {
        return switch (kind) {
            case FAILURE_KIND_NO_LEADER -> Kind.NO_LEADER;
            case FAILURE_KIND_BUSY -> Kind.BUSY;
            case FAILURE_KIND_UNREACHABLE -> Kind.UNREACHABLE;
            case FAILURE_KIND_REFUSED -> Kind.REFUSED;
            case FAILURE_KIND_FORBIDDEN -> Kind.FORBIDDEN;
            case FAILURE_KIND_OUTCOME_UNKNOWN, FAILURE_KIND_UNSPECIFIED, UNRECOGNIZED -> Kind.OUTCOME_UNKNOWN;
        };
    }

    /** The leader that the failure names, {@code null} if it names none, or none that could be reached. */
    public static @Nullable LeaderHint leader(FailureFrame failure) {
        return failure.hasLeader() ? MembersCodec.decode(failure.getLeader()) : null;
    }

    private static String shortened(@Nullable String message) {
        if (message == null) {
            return "";
        }
        return message.length() <= MESSAGE_LENGTH_MAX ? message : message.substring(0, MESSAGE_LENGTH_MAX);
    }

    private FailureCodec() {}
}
