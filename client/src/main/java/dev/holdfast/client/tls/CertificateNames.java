package dev.holdfast.client.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/**
 * Whose a certificate is. A member's says it in a URI among its alternative names. Nothing here looks at who has signed it: only a
 * certificate that TLS has accepted says anything at all.
 */
public final class CertificateNames {
    private static final String MEMBER = "holdfast:member:";
    private static final int DNS_TYPE = 2;
    private static final int URI_TYPE = 6;
    private static final int IP_TYPE = 7;

    /** The ids of the members whose it is: each {@code ID} of a {@code holdfast:member:ID}. Most have none or one. */
    public static List<String> members(X509Certificate certificate) {
        return alternatives(certificate).stream()
                .filter(each -> each.get(0).equals(URI_TYPE))
                .map(each -> String.valueOf(each.get(1)))
                .filter(each -> each.startsWith(MEMBER) && each.length() > MEMBER.length())
                .map(each -> each.substring(MEMBER.length()))
                .toList();
    }

    /** The hosts that it is for. */
    static List<String> hosts(X509Certificate certificate) {
        return alternatives(certificate).stream()
                .filter(each -> each.get(0).equals(DNS_TYPE) || each.get(0).equals(IP_TYPE))
                .map(each -> String.valueOf(each.get(1)))
                .toList();
    }

    /** Pairs of a type and a value. */
    private static Collection<List<?>> alternatives(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private CertificateNames() {}
}
