package dev.holdfast.client.internal.remote;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection, or a wait for a reply, is over, and what that means for its requests.
 *
 * @param unsent what happened to a request that was not sent, and to a subscription
 * @param sent what happened to a request that was sent
 */
record Ending(
        Kind unsent, Kind sent, String message, @Nullable Throwable cause) {

    /** The connection broke, or there never was one. */
    static Ending broken(String message, @Nullable Throwable cause) {
        return new Ending(Kind.UNREACHABLE, Kind.OUTCOME_UNKNOWN, message, cause);
    }

    /** The peer and this client do not fit together; nothing was sent. */
    static Ending refused(String message, @Nullable Throwable cause) {
        return new Ending(Kind.REFUSED, Kind.OUTCOME_UNKNOWN, message, cause);
    }

    /** The peer does not know who this client is, or does not admit it; nothing was sent. */
    static Ending forbidden(String message, @Nullable Throwable cause) {
        return new Ending(Kind.FORBIDDEN, Kind.OUTCOME_UNKNOWN, message, cause);
    }

    /** This side closed it. */
    static Ending closed(String message) {
        return new Ending(Kind.CLOSED, Kind.OUTCOME_UNKNOWN, message, null);
    }

    /** Whether the peer was reached and will have nothing to do with this client, as things are. */
    boolean isRefusal() {
        return refuses(unsent);
    }

    /** Whether a failure of that kind can mean that a peer will have nothing to do with this client. */
    static boolean refuses(Kind kind) {
        return kind == Kind.REFUSED || kind == Kind.FORBIDDEN;
    }

    TransportException ofUnsent() {
        return exception(unsent);
    }

    TransportException ofSent() {
        return exception(sent);
    }

    private TransportException exception(Kind kind) {
        return cause == null ? new TransportException(kind, message) : new TransportException(kind, message, cause);
    }
}
