package dev.holdfast.client.tls;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What was in the files at one moment, checked.
 *
 * @param identity this side's own; {@code null} if it has none
 * @param roots at least one
 * @param rootsFile where they were
 * @param trust Java's own check against them
 */
record Loaded(
        @Nullable Identity identity, List<X509Certificate> roots, Path rootsFile, X509ExtendedTrustManager trust) {
    /**
     * A key and its certificate.
     *
     * @param chain the certificate, and those between it and the root
     * @param file where it was
     */
    record Identity(PrivateKey key, List<X509Certificate> chain, Path file) {
        X509Certificate certificate() {
            return chain.get(0);
        }
    }
}
