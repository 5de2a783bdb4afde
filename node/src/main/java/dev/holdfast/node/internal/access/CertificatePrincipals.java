package dev.holdfast.node.internal.access;

import dev.holdfast.client.tls.CertificateNames;
import dev.holdfast.node.access.PrincipalNames;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Whom a certificate names. It was verified when the connection was made: this only reads it.
 *
 * <p>The alternative name (a URI) {@code holdfast:member:ID} says that it is a member's, {@code holdfast:client:NAME} that it is a
 * client's. One without either, from elsewhere, names a client by the common name of its subject.
 */
public final class CertificatePrincipals {
    private final Predicate<String> isMember;

    /** @param isMember whether there is a member of that id */
    CertificatePrincipals(Predicate<String> isMember) {
        this.isMember = isMember;
    }

    /**
     * Whom the other end's certificate names.
     *
     * @return {@code null} if it has shown none
     * @throws DeniedException if it names nobody, or somebody who cannot be
     */
    @Nullable
    Principal of(@Nullable SSLSession session) throws DeniedException {
        X509Certificate certificate = session == null ? null : certificate(session);
        return certificate == null ? null : of(certificate);
    }

    private static @Nullable X509Certificate certificate(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate first ? first : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    Principal of(X509Certificate certificate) throws DeniedException {
        List<String> members = new ArrayList<>();
        List<String> clients = new ArrayList<>();
        for (String uri : uris(certificate)) {
            if (uri.startsWith(CertificateNames.MEMBER)) {
                members.add(uri.substring(CertificateNames.MEMBER.length()));
            } else if (uri.startsWith(CertificateNames.CLIENT)) {
                clients.add(uri.substring(CertificateNames.CLIENT.length()));
            }
        }
        if (members.size() + clients.size() > 1) {
            throw new DeniedException(Denial.UNFIT_NAME, "the certificate names several: " + members + clients);
        }
        if (!members.isEmpty()) {
            return member(members.get(0));
        }
        return client(clients.isEmpty() ? commonName(certificate) : clients.get(0));
    }

    private Principal member(String id) throws DeniedException {
        if (!isMember.test(id)) {
            throw new DeniedException(
                    Denial.NOT_A_MEMBER, "the certificate is that of member '" + id + "', and there is none here");
        }
        return Principal.member(id);
    }

    private static Principal client(String name) throws DeniedException {
        String problem = PrincipalNames.problem(name);
        if (problem != null) {
            throw new DeniedException(Denial.UNFIT_NAME, "the name in the certificate " + problem + ": '" + name + "'");
        }
        return new Principal(name, Set.of());
    }

    private static List<String> uris(X509Certificate certificate) throws DeniedException {
        try {
            return CertificateNames.uris(certificate);
        } catch (CertificateParsingException e) {
            throw new DeniedException(Denial.UNFIT_NAME, "the names in the certificate cannot be read");
        }
    }

    private static String commonName(X509Certificate certificate) throws DeniedException {
        try {
            LdapName subject =
                    new LdapName(certificate.getSubjectX500Principal().getName());
            // The most specific is the last of the list.
            for (int i = subject.size() - 1; i >= 0; i--) {
                Rdn part = subject.getRdn(i);
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
                    return name;
                }
            }
        } catch (InvalidNameException e) {
            throw new DeniedException(Denial.UNFIT_NAME, "the subject of the certificate cannot be read");
        }
        throw new DeniedException(Denial.UNFIT_NAME, "the certificate names nobody");
    }
}
