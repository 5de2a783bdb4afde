package dev.holdfast.node.internal.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.holdfast.node.access.JwtOptions;
import dev.holdfast.node.access.PrincipalNames;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON Web Tokens, by nimbus-jose-jwt. Nothing else here sees that library, so a peer that takes no JWTs does without. Only
 * signatures by RSA and by elliptic curves count: with an HMAC, whoever can check a token can make one.
 */
final class JwtTokens implements BearerTokens {
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    /** The clocks of the issuer and of this peer need not agree better than this. */
    private static final Duration SKEW = Duration.ofSeconds(60);

    /** For so long the keys that are known are used while the issuer cannot be reached. */
    private static final Duration OUTAGE = Duration.ofHours(1);

    private final JwtOptions options;
    private final InstantSource clock;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    /** @throws IOException if the file of keys cannot be used */
    JwtTokens(JwtOptions options, InstantSource clock) throws IOException {
        this.options = options;
        this.clock = clock;
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys(options)));
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        // Checked below, with a reason for each.
        processor.setJWTClaimsSetVerifier((claims, context) -> {});
    }

    private static JWKSource<SecurityContext> keys(JwtOptions options) throws IOException {
        URI url = options.url();
        if (url == null) {
            WatchedFile<JWKSet> file =
                    new WatchedFile<>("The file of keys for JWTs", options.file(), JwtTokens::readKeys);
            return (selector, context) -> selector.select(file.content());
        }
        try {
            return JWKSourceBuilder.create(url.toURL())
                    .retrying(true)
                    .outageTolerant(OUTAGE.toMillis())
                    .build();
        } catch (MalformedURLException | IllegalArgumentException e) {
            throw new IOException("not a URL for keys: " + url, e);
        }
    }

    private static JWKSet readKeys(String content) throws IOException {
        JWKSet keys;
        try {
            keys = JWKSet.parse(content);
        } catch (ParseException e) {
            throw new IOException("which should be a JWK set, cannot be understood: " + e.getMessage(), e);
        }
        if (keys.getKeys().isEmpty()) {
            throw new IOException("which should be a JWK set, has no keys");
        }
        return keys;
    }

    @Override
    public Principal check(String token) throws DeniedException {
        JWTClaimsSet claims = verified(signed(token));
        Instant now = clock.instant();
        Date expires = claims.getExpirationTime();
        Date notBefore = claims.getNotBeforeTime();
        if (expires == null) {
            throw new DeniedException(Denial.EXPIRED, "the JWT has no expiry (exp)");
        }
        if (!now.minus(SKEW).isBefore(expires.toInstant())) {
            throw new DeniedException(Denial.EXPIRED, "the JWT" + of(claims) + " expired at " + expires.toInstant());
        }
        if (notBefore != null && now.plus(SKEW).isBefore(notBefore.toInstant())) {
            throw new DeniedException(
                    Denial.NOT_YET_VALID, "the JWT" + of(claims) + " is not valid before " + notBefore.toInstant());
        }
        if (!options.issuer().equals(claims.getIssuer())) {
            throw new DeniedException(
                    Denial.OTHER_ISSUER,
                    "the JWT was issued by '" + claims.getIssuer() + "', and those of '" + options.issuer()
                            + "' are accepted");
        }
        if (!claims.getAudience().contains(options.audience())) {
            throw new DeniedException(
                    Denial.OTHER_AUDIENCE,
                    "the JWT is meant for " + claims.getAudience() + ", and this is '" + options.audience() + "'");
        }
        return principal(claims);
    }

    private static SignedJWT signed(String token) throws DeniedException {
        JWT parsed;
        try {
            parsed = JWTParser.parse(token);
        } catch (ParseException e) {
            // Its message may quote the token.
            throw new DeniedException(Denial.NOT_A_TOKEN, "what looks like a JWT cannot be understood as one");
        }
        if (!(parsed instanceof SignedJWT signed)) {
            throw new DeniedException(Denial.NOT_SIGNED, "the JWT is not signed");
        }
        JWSAlgorithm algorithm = signed.getHeader().getAlgorithm();
        if (!ALGORITHMS.contains(algorithm)) {
            throw new DeniedException(
                    Denial.NOT_SIGNED,
                    "a JWT that is signed with " + algorithm + " is not accepted, only one with RSA or ECDSA");
        }
        return signed;
    }

    private JWTClaimsSet verified(SignedJWT signed) throws DeniedException {
        try {
            return processor.process(signed, null);
        } catch (BadJWSException e) {
            throw new DeniedException(Denial.WRONG_SIGNATURE, "the signature of the JWT is wrong");
        } catch (BadJOSEException e) {
            throw new DeniedException(
                    Denial.UNKNOWN_KEY,
                    "the JWT is signed by a key ('" + signed.getHeader().getKeyID()
                            + "') that is not among those of the issuer");
        } catch (KeySourceException e) {
            throw new DeniedException(
                    Denial.KEYS_UNAVAILABLE, "the keys of the issuer cannot be had now: " + e.getMessage());
        } catch (JOSEException e) {
            throw new DeniedException(Denial.WRONG_SIGNATURE, "the signature of the JWT cannot be checked");
        }
    }

    private Principal principal(JWTClaimsSet claims) throws DeniedException {
        String name = claims.getSubject();
        String problem = name == null ? "is missing" : PrincipalNames.problem(name);
        if (name == null || problem != null) {
            throw new DeniedException(Denial.UNFIT_NAME, "the subject of the JWT " + problem);
        }
        return new Principal(name, groups(claims));
    }

    /** A group that no rule can name gives no right, so it is passed over. */
    private Set<String> groups(JWTClaimsSet claims) {
        Object claim = claims.getClaim(options.groupsClaim());
        List<?> names = claim instanceof List<?> several ? several : claim == null ? List.of() : List.of(claim);
        Set<String> groups = new HashSet<>();
        for (Object each : names) {
            if (each instanceof String name && PrincipalNames.problemOfGroup(name) == null) {
                groups.add(name);
            }
        }
        return groups;
    }

    private static String of(JWTClaimsSet claims) {
        @Nullable String subject = claims.getSubject();
        return subject == null ? "" : " of '" + subject + "'";
    }
}
