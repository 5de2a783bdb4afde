package dev.holdfast.http.internal;

import java.net.InetSocketAddress;
import java.security.NoSuchAlgorithmException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Gives each connection an engine of the peer's, so that certificates that were replaced are in force at once. */
public final class PeerSslContextFactory extends SslContextFactory.Server {
    private final Supplier<SSLEngine> engines;
    private final boolean requiresCertificate;

    public PeerSslContextFactory(Supplier<SSLEngine> engines, boolean requiresCertificate) {
        this.engines = engines;
        this.requiresCertificate = requiresCertificate;
        try {
            // Without one it would look for a key store. No engine is made of it.
            setSslContext(SSLContext.getDefault());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has TLS", e);
        }
    }

    private SSLEngine engine() {
        SSLEngine engine = engines.get();
        if (requiresCertificate) {
            engine.setNeedClientAuth(true);
        }
        return engine;
    }

    @Override
    public SSLEngine newSSLEngine() {
        return engine();
    }

    @Override
    public SSLEngine newSSLEngine(String host, int port) {
        return engine();
    }

    @Override
    public SSLEngine newSSLEngine(InetSocketAddress address) {
        return engine();
    }
}
