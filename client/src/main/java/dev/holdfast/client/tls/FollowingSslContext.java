package dev.holdfast.client.tls;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;

/**
 * For each new connection the context that is in force then. Whether the host's name is verified is said here, since the default differs
 * between releases of Netty.
 */
final class FollowingSslContext extends SslContext {
    private final Supplier<SslContext> current;
    private final boolean isClient;
    private final boolean verifiesHost;

    FollowingSslContext(boolean isClient, boolean verifiesHost, Supplier<SslContext> current) {
        this.current = current;
        this.isClient = isClient;
        this.verifiesHost = verifiesHost;
    }

    @Override
    public boolean isClient() {
        return isClient;
    }

    @Override
    public List<String> cipherSuites() {
        return current.get().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // There is no successor that a context could name.
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current.get().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return prepared(current.get().newEngine(allocator));
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
        return prepared(current.get().newEngine(allocator, host, port));
    }

    private SSLEngine prepared(SSLEngine engine) {
        if (isClient) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm(verifiesHost ? "HTTPS" : "");
            engine.setSSLParameters(parameters);
        }
        return engine;
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current.get().sessionContext();
    }
}
