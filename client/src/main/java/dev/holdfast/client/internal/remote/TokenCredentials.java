package dev.holdfast.client.internal.remote;

import dev.holdfast.client.wire.Authorization;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends a bearer token (RFC 6750) with each call. Over a connection that others can listen to it sends nothing, and the call
 * fails, unless that was asked for: whoever has the token is this client.
 */
public final class TokenCredentials extends CallCredentials {
    private static final class NotSentException extends Exception {
        private static final long serialVersionUID = 1;
    }

    private final Supplier<String> token;
    private final boolean inTheClear;

    /** @param inTheClear whether it may be sent without TLS to other machines */
    public TokenCredentials(Supplier<String> token, boolean inTheClear) {
        this.token = token;
        this.inTheClear = inTheClear;
    }

    /** Whether a call failed since the token was not sent. */
    static boolean failed(Status status) {
        return status.getCause() instanceof NotSentException;
    }

    @Override
    public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
        boolean isPrivate = request.getSecurityLevel() == SecurityLevel.PRIVACY_AND_INTEGRITY
                || isLoopback(request.getTransportAttrs().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        if (!isPrivate && !inTheClear) {
            applier.fail(notSent("a token must not travel to another machine without TLS, where others can read it"));
            return;
        }
        String value;
        try {
            value = token.get();
        } catch (RuntimeException e) {
            applier.fail(Status.UNAVAILABLE.withDescription("the token cannot be had: " + e.getMessage()));
            return;
        }
        if (value == null || !canBeSent(value)) {
            // It is not shown, not even in part.
            applier.fail(notSent("the token is empty, or has characters that no token has"));
            return;
        }
        Metadata headers = new Metadata();
        headers.put(Authorization.HEADER, "Bearer " + value);
        applier.apply(headers);
    }

    private static Status notSent(String why) {
        return Status.UNAUTHENTICATED.withDescription(why).withCause(new NotSentException());
    }

    private static boolean isLoopback(@Nullable SocketAddress remote) {
        return remote instanceof InetSocketAddress inet
                && inet.getAddress() != null
                && inet.getAddress().isLoopbackAddress();
    }

    private static boolean canBeSent(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** Says nothing of the token. */
    @Override
    public String toString() {
        return "a token";
    }
}
