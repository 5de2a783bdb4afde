package dev.holdfast.client.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Java's own check of the other's certificate; what is wrong with it is said in words for people. */
final class Verifier extends X509ExtendedTrustManager {
    /** One of Java's checks. */
    private interface Check {
        void run(X509ExtendedTrustManager trust) throws CertificateException;
    }

    private final Loaded trusted;
    private final @Nullable Loaded membersTrusted;
    private final Consumer<String> onRefused;

    /**
     * @param membersTrusted who must have signed certificates of members; {@code null} for the same as all others'
     * @param onRefused told why the certificate of somebody who connected was refused
     */
    Verifier(Loaded trusted, @Nullable Loaded membersTrusted, Consumer<String> onRefused) {
        this.trusted = trusted;
        this.membersTrusted = membersTrusted;
        this.onRefused = onRefused;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        try {
            trusted.trust().checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw explained(
                    engine == null || engine.getPeerHost() == null
                            ? "the certificate of " + subject(chain)
                            : "the certificate of " + engine.getPeerHost() + ":" + engine.getPeerPort(),
                    chain,
                    trusted,
                    trust -> trust.checkServerTrusted(chain, authType),
                    e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        Loaded signers =
                membersTrusted != null && !CertificateNames.members(chain[0]).isEmpty() ? membersTrusted : trusted;
        try {
            signers.trust().checkClientTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            CertificateException explained = explained(
                    "the certificate of " + subject(chain),
                    chain,
                    signers,
                    trust -> trust.checkClientTrusted(chain, authType),
                    e);
            onRefused.accept(explained.getMessage());
            throw explained;
        }
    }

    /** @param withoutHost the same check, but for the host */
    private static CertificateException explained(
            String whose, X509Certificate[] chain, Loaded by, Check withoutHost, CertificateException cause) {
        String problem = problem(chain, by, withoutHost, cause);
        return new CertificateException(whose + " " + problem, cause);
    }

    private static String problem(X509Certificate[] chain, Loaded by, Check withoutHost, CertificateException cause) {
        Instant now = Instant.now();
        for (int i = 0; i < chain.length; i++) {
            String which = i == 0 ? "" : "is signed by " + chain[i].getSubjectX500Principal() + ", whose own ";
            Instant until = chain[i].getNotAfter().toInstant();
            if (now.isAfter(until)) {
                return which + "expired at " + until;
            }
            Instant from = chain[i].getNotBefore().toInstant();
            if (now.isBefore(from)) {
                return which + "is not valid before " + from + "; are the clocks of both hosts right?";
            }
        }
        try {
            withoutHost.run(by.trust());
            List<String> hosts = CertificateNames.hosts(chain[0]);
            return "is not for that host, but for "
                    + (hosts.isEmpty() ? chain[0].getSubjectX500Principal() : String.join(", ", hosts));
        } catch (CertificateException e) {
            boolean isSigned = Stream.of(chain).anyMatch(each -> isSignedByOneOf(by.roots(), each));
            if (!isSigned) {
                return isSignedByItself(chain[0])
                        ? "is signed by itself, and is none of the roots in " + by.rootsFile()
                        : "is signed by none of the roots in " + by.rootsFile() + ", but by "
                                + chain[chain.length - 1].getIssuerX500Principal();
            }
            return "is not accepted: " + said(cause);
        }
    }

    private static boolean isSignedByOneOf(List<X509Certificate> roots, X509Certificate certificate) {
        return roots.stream().anyMatch(root -> root.equals(certificate) || isSignedBy(root, certificate));
    }

    private static boolean isSignedByItself(X509Certificate certificate) {
        return isSignedBy(certificate, certificate);
    }

    private static boolean isSignedBy(X509Certificate root, X509Certificate certificate) {
        try {
            certificate.verify(root.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String said(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    private static String subject(X509Certificate[] chain) {
        return chain[0].getSubjectX500Principal().toString();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        Stream<X509Certificate> members = membersTrusted == null ? Stream.of() : membersTrusted.roots().stream();
        return Stream.concat(trusted.roots().stream(), members).toArray(X509Certificate[]::new);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        checkClientTrusted(chain, authType, (SSLEngine) null);
    }

    /** Would not know for which host. */
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("the host is not known");
    }
}
