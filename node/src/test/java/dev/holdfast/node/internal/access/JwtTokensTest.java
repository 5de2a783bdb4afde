package dev.holdfast.node.internal.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.node.access.JwtOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JwtTokensTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final String ISSUER = "https://issuer.example";
    private static final String AUDIENCE = "orders-cluster";

    private static ECKey key;
    private static ECKey other;

    @TempDir
    private Path folder;

    private Path file;
    private JwtTokens tokens;

    @BeforeAll
    static void make_keys() throws JOSEException {
        key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        other = new ECKeyGenerator(Curve.P_256).keyID("k2").generate();
    }

    @BeforeEach
    void publish_a_key() throws IOException {
        file = folder.resolve("jwks.json");
        Files.writeString(file, new JWKSet(key).toString());
        tokens = new JwtTokens(JwtOptions.of(file.toString(), ISSUER, AUDIENCE), () -> NOW);
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .subject("alice")
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .expirationTime(Date.from(NOW.plusSeconds(600)))
                .claim("groups", List.of("ops", "no good", 7));
    }

    private static String signed(ECKey by, String kid, JWTClaimsSet claims) {
        try {
            return signed(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(kid).build(), new ECDSASigner(by), claims);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signed(JWSHeader header, JWSSigner signer, JWTClaimsSet claims) throws JOSEException {
        SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    private static String with(UnaryOperator<JWTClaimsSet.Builder> change) {
        return signed(key, "k1", change.apply(claims()).build());
    }

    @Test
    void the_subject_is_the_principal_and_the_claim_names_its_groups() throws Exception {
        assertThat(tokens.check(with(claims -> claims))).isEqualTo(new Principal("alice", Set.of("ops")));
    }

    @Test
    void an_expired_one_is_refused() {
        assertDenied(
                with(claims -> claims.expirationTime(Date.from(NOW.minusSeconds(61)))),
                Denial.EXPIRED,
                "the JWT of 'alice' expired at 2026-06-01T11:58:59Z");
    }

    @Test
    void one_that_never_expires_is_refused() {
        assertDenied(with(claims -> claims.expirationTime(null)), Denial.EXPIRED, "the JWT has no expiry (exp)");
    }

    @Test
    void one_that_is_not_valid_yet_is_refused() {
        assertDenied(
                with(claims -> claims.notBeforeTime(Date.from(NOW.plusSeconds(61)))),
                Denial.NOT_YET_VALID,
                "the JWT of 'alice' is not valid before 2026-06-01T12:01:01Z");
    }

    @Test
    void a_minute_between_the_clocks_does_not_matter() throws Exception {
        Date aMinuteAgo = Date.from(NOW.minusSeconds(59));
        Date inAMinute = Date.from(NOW.plusSeconds(59));

        assertThat(tokens.check(with(claims -> claims.expirationTime(aMinuteAgo)))
                        .name())
                .isEqualTo("alice");
        assertThat(tokens.check(with(claims -> claims.notBeforeTime(inAMinute))).name())
                .isEqualTo("alice");
    }

    @Test
    void one_of_another_issuer_is_refused() {
        assertDenied(
                with(claims -> claims.issuer("https://evil.example")),
                Denial.OTHER_ISSUER,
                "the JWT was issued by 'https://evil.example', and those of 'https://issuer.example' are accepted");
    }

    @Test
    void one_for_another_cluster_is_refused() {
        assertDenied(
                with(claims -> claims.audience("billing-cluster")),
                Denial.OTHER_AUDIENCE,
                "the JWT is meant for [billing-cluster], and this is 'orders-cluster'");
    }

    @Test
    void one_by_an_unknown_key_is_refused() {
        assertDenied(
                signed(other, "k2", claims().build()),
                Denial.UNKNOWN_KEY,
                "the JWT is signed by a key ('k2') that is not among those of the issuer");
    }

    @Test
    void one_that_names_a_known_key_and_is_signed_by_another_is_refused() {
        assertDenied(
                signed(other, "k1", claims().build()), Denial.WRONG_SIGNATURE, "the signature of the JWT is wrong");
    }

    @Test
    void one_that_is_not_signed_is_refused() {
        assertDenied(new PlainJWT(claims().build()).serialize(), Denial.NOT_SIGNED, "the JWT is not signed");
    }

    @Test
    void an_hmac_with_the_public_key_is_refused() throws Exception {
        byte[] published = key.toPublicJWK().toECPublicKey().getEncoded();
        String forged = signed(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(),
                new MACSigner(published),
                claims().build());

        assertDenied(
                forged,
                Denial.NOT_SIGNED,
                "a JWT that is signed with HS256 is not accepted, only one with RSA or ECDSA");
    }

    @Test
    void names_that_nobody_may_have_are_refused() {
        assertDenied(
                with(claims -> claims.subject("member:a")), Denial.UNFIT_NAME, "the subject of the JWT is a member's");
        assertDenied(with(claims -> claims.subject(null)), Denial.UNFIT_NAME, "the subject of the JWT is missing");
    }

    @Test
    void what_only_looks_like_one_is_refused_without_being_quoted() {
        assertDenied("aa.bb.cc", Denial.NOT_A_TOKEN, "what looks like a JWT cannot be understood as one");
    }

    @Test
    void a_file_that_is_no_key_set_is_an_error_at_the_start() throws Exception {
        Files.writeString(file, "{}");

        assertThatThrownBy(() -> new JwtTokens(JwtOptions.of(file.toString(), ISSUER, AUDIENCE), () -> NOW))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ", which should be a JWK set, cannot be understood: ");
    }

    @Test
    void keys_from_a_url_are_fetched_once_for_many_tokens() throws Exception {
        AtomicInteger fetched = new AtomicInteger();
        byte[] keys = new JWKSet(key).toString().getBytes(StandardCharsets.UTF_8);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/jwks", exchange -> {
            fetched.incrementAndGet();
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks";
            JwtTokens fromUrl = new JwtTokens(JwtOptions.of(url, ISSUER, AUDIENCE), () -> NOW);
            for (int i = 0; i < 3; i++) {
                assertThat(fromUrl.check(with(claims -> claims)).name()).isEqualTo("alice");
            }
            assertThat(fetched).hasValue(1);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void keys_do_not_come_over_plain_http_from_elsewhere() {
        assertThatThrownBy(() -> JwtOptions.of("http://issuer.example/jwks", ISSUER, AUDIENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not come over plain http");
    }

    private void assertDenied(String token, Denial denial, String message) {
        assertThatThrownBy(() -> tokens.check(token))
                .isInstanceOfSatisfying(
                        DeniedException.class, e -> assertThat(e.denial()).isEqualTo(denial))
                .hasMessage(message);
    }
}
