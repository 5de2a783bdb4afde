package dev.holdfast.client.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Whose a certificate is. A member's and a client's say it in a URI among their alternative names. Nothing here looks at who has signed it: only a
 * certificate that TLS has accepted says anything at all.
 */
public final class CertificateNames {
    /** What the URI of a member begins with; its id follows. */
    public static final String MEMBER = "holdfast:member:";

    /** What the URI of a client begins with; its name follows. */
    public static final String CLIENT = "holdfast:client:";

    private static final int DNS_TYPE = 2;
    private static final int URI_TYPE = 6;
    private static final int IP_TYPE = 7;

    /** The ids of the members whose it is: each {@code ID} of a {@code holdfast:member:ID}. Most have none or one. */
    public static List<String> members(X509Certificate certificate) {
        return values(certificate, Set.of(URI_TYPE)).stream()
                .filter(each -> each.startsWith(MEMBER) && each.length() > MEMBER.length())
                .map(each -> each.substring(MEMBER.length()))
                .toList();
    }

    /**
     * The URIs among its alternative names.
     *
     * @throws CertificateParsingException if the names cannot be read
     */
    public static List<String> uris(X509Certificate certificate) throws CertificateParsingException {
        return alternatives(certificate, Set.of(URI_TYPE));
    }

    /** The hosts that it is for. */
    static List<String> hosts(X509Certificate certificate) {
        return values(certificate, Set.of(DNS_TYPE, IP_TYPE));
    }

    /** None if they cannot be read. */
    private static List<String> values(X509Certificate certificate, Set<Integer> types) {
        try {
            return alternatives(certificate, types);
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static List<String> alternatives(X509Certificate certificate, Set<Integer> types)
            throws CertificateParsingException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names == null
                ? List.of()
                : names.stream()
                        // Pairs of a type and a value.
                        .filter(each -> types.contains(each.get(0)))
                        .map(each -> String.valueOf(each.get(1)))
                        .toList();
    }

    private CertificateNames() {}
}
