package dev.holdfast.node.internal.port;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Serves only clients that have shown a certificate. It is done here rather than by TLS, which would hang up on the others: so they are
 * told what is missing.
 */
final class CertificateGate implements ServerInterceptor {
    private static final String MISSING = "it demands a certificate of its clients, and this one has shown none";

    private final Consumer<@Nullable SocketAddress> onRefused;

    /** @param onRefused told from where somebody came without a certificate */
    CertificateGate(Consumer<@Nullable SocketAddress> onRefused) {
        this.onRefused = onRefused;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (hasCertificate(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION))) {
            return next.startCall(call, headers);
        }
        onRefused.accept(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        call.close(Status.UNAUTHENTICATED.withDescription(MISSING), new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static boolean hasCertificate(@Nullable SSLSession session) {
        try {
            return session != null && session.getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }
}
