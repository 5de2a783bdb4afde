package dev.holdfast.node.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which JSON Web Tokens (RFC 7519) are accepted: those of one issuer, meant for one audience, that have an expiry and are signed
 * with RSA or an elliptic curve by a key of a JWK set. The principal is the subject ({@code sub}). That takes the library
 * {@code com.nimbusds:nimbus-jose-jwt} on the class path, which a peer does not bring by itself.
 *
 * @param jwks the JWK set: the path of a file, which is read again when it changes, or an {@code https} URL, whose answer is kept
 *     for five minutes, or for an hour while there is no other. {@code http} is for loopback only: whoever can change the keys on their way can be anybody
 * @param issuer the only issuer ({@code iss}) that is accepted
 * @param audience what the token must be meant for ({@code aud}). It should be this cluster's alone: a token for another cluster
 *     of the same audience is accepted here too
 * @param groupsClaim the claim with the groups of the principal, a list of names or a single one
 */
public record JwtOptions(String jwks, String issuer, String audience, String groupsClaim) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** @throws IllegalArgumentException if one is empty, or the keys would come from an address that cannot be trusted */
    public JwtOptions {
        require(jwks, "jwks");
        require(issuer, "issuer");
        require(audience, "audience");
        require(groupsClaim, "groupsClaim");
        URI url = url(jwks);
        if (url != null && "http".equals(url.getScheme()) && !LOOPBACK.contains(String.valueOf(url.getHost()))) {
            throw new IllegalArgumentException("the keys of an issuer must not come over plain http: " + jwks);
        }
    }

    /** The same, with the groups in the claim {@code groups}. */
    public static JwtOptions of(String jwks, String issuer, String audience) {
        return new JwtOptions(jwks, issuer, audience, "groups");
    }

    public JwtOptions withGroupsClaim(String claim) {
        return new JwtOptions(jwks, issuer, audience, claim);
    }

    /** Where the keys are fetched; {@code null} if they are in a file. */
    public @Nullable URI url() {
        return url(jwks);
    }

    /** The file with the keys. */
    public Path file() {
        return Path.of(jwks);
    }

    private static @Nullable URI url(String jwks) {
        String lower = jwks.toLowerCase(Locale.ROOT);
        if (!lower.startsWith("https://") && !lower.startsWith("http://")) {
            return null;
        }
        try {
            return new URI(jwks);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URL: " + jwks, e);
        }
    }

    private static void require(String value, String what) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("JWTs need " + what);
        }
    }
}
