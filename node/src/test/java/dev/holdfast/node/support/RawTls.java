package dev.holdfast.node.support;

import dev.holdfast.certs.Credentials;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyStoreBuilderParameters;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS by hand, which shows whatever certificate one likes and believes everyone. */
public final class RawTls {

    /** @param shown what is shown; {@code null} for nothing */
    public static SSLContext context(Credentials shown) {
        try {
            KeyManager[] keys = {};
            if (shown != null) {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                store.setKeyEntry("own", shown.key(), new char[0], new Certificate[] {shown.certificate()});
                KeyManagerFactory factory = KeyManagerFactory.getInstance("NewSunX509");
                factory.init(new KeyStoreBuilderParameters(
                        KeyStore.Builder.newInstance(store, new KeyStore.PasswordProtection(new char[0]))));
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new Credulous()}, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Dials, and shakes hands.
     *
     * @param protocol what is to be spoken above
     */
    public static SSLSocket dial(String host, int port, Credentials shown, String protocol) throws IOException {
        SSLSocket socket =
                (SSLSocket) context(shown).getSocketFactory().createSocket(new Socket(host, port), host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(60_000);
        socket.startHandshake();
        return socket;
    }

    private static final class Credulous extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private RawTls() {}
}
