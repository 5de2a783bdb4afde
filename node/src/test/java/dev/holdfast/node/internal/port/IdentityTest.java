package dev.holdfast.node.internal.port;

import static dev.holdfast.node.internal.port.PortFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.v1.FailureKind;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.JwtOptions;
import dev.holdfast.node.access.TokenFile;
import dev.holdfast.node.internal.access.Authenticator;
import dev.holdfast.node.internal.access.Denial;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.transport.Refusals;
import dev.holdfast.node.support.Frames;
import dev.holdfast.node.support.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Who a client is, for as long as it is connected. */
final class IdentityTest {
    private static final Instant START = Instant.parse("2026-06-01T12:00:00Z");

    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    @TempDir
    private Path folder;

    private final Refusals refusals = new Refusals("a");
    private final Queue<Principal> callers = new ConcurrentLinkedQueue<>();
    private volatile Instant now = START;

    private HostPort serve(AccessOptions options) throws Exception {
        Authenticator authenticator = fixture.closing(new Authenticator(options, id -> false, null, () -> now));
        ClientPort port = fixture.closing(ClientPort.builder()
                .host("127.0.0.1")
                .port(0)
                .clusterId(() -> PortFixture.CLUSTER)
                .peerId("a")
                .group(
                        (caller, address) -> {
                            callers.add(caller);
                            return new FakeTransport();
                        },
                        () -> null)
                .access(authenticator, refusals)
                .limits(PortLimits.defaults()
                        .withCloseGrace(Duration.ofMillis(50))
                        .withIdentityTimeout(Duration.ofMillis(20)))
                .build());
        port.start();
        return new HostPort("127.0.0.1", port.port());
    }

    @Test
    void a_connection_ends_when_its_token_has_expired() throws Exception {
        Path file = folder.resolve("tokens");
        String token = TokenFile.add(file, "alice", List.of(), START.plusSeconds(60));
        HostPort address = serve(AccessOptions.closed().withTokensFile(file));
        RawClient client = fixture.closing(RawClient.saying(address, "Bearer " + token));
        client.hello(1, "");
        assertThat(client.next().hasWelcome()).isTrue();
        assertThat(callers).extracting(Principal::name).containsExactly("alice");

        now = START.plusSeconds(60);

        assertThat(client.next().getFailure())
                .returns(FailureKind.FAILURE_KIND_FORBIDDEN, failure -> failure.getKind())
                .returns("the token of 'alice' expired at 2026-06-01T12:01:00Z", failure -> failure.getMessage());
        soon().until(client.end::isDone);
        assertThat(refusals.count(Denial.EXPIRED)).isPositive();
    }

    private String jwt(ECKey key) throws Exception {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k1").build(),
                new JWTClaimsSet.Builder()
                        .subject("alice")
                        .issuer("issuer")
                        .audience("cluster")
                        .expirationTime(Date.from(START.plusSeconds(60)))
                        .build());
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
    }

    @Test
    void a_client_with_a_jwt_is_served_once_that_is_checked() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        Path keys = folder.resolve("jwks.json");
        Files.writeString(keys, new JWKSet(key).toString());
        HostPort address = serve(AccessOptions.closed().withJwt(JwtOptions.of(keys.toString(), "issuer", "cluster")));
        RawClient client = fixture.closing(RawClient.saying(address, "Bearer " + jwt(key)));
        client.hello(1, "");
        client.send(Frames.keepAlive(7, PortFixture.SESSION));

        assertThat(client.next().hasWelcome()).isTrue();
        assertThat(client.next().hasKeepAliveReply()).isTrue();
        assertThat(callers).extracting(Principal::name).containsExactly("alice");
    }

    @Test
    void while_the_keys_of_an_issuer_cannot_be_had_its_clients_are_told_to_come_again() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        String nowhere = "http://127.0.0.1:" + FreePorts.find(1).get(0) + "/jwks";
        HostPort address = serve(AccessOptions.closed().withJwt(JwtOptions.of(nowhere, "issuer", "cluster")));
        RawClient client = fixture.closing(RawClient.saying(address, "Bearer " + jwt(key)));
        client.hello(1, "");

        assertThat(client.next().getFailure())
                .returns(FailureKind.FAILURE_KIND_BUSY, failure -> failure.getKind())
                .extracting(failure -> failure.getMessage())
                .asString()
                .startsWith("the keys of the issuer cannot be had now");
        assertThat(refusals.count(Denial.KEYS_UNAVAILABLE)).isEqualTo(1);
    }

    @Test
    void nobody_who_is_not_known_gets_to_what_is_behind_the_port() throws Exception {
        HostPort address = serve(AccessOptions.closed());
        RawClient client = fixture.closing(new RawClient(address, true));
        client.hello(1, "");

        assertThat(client.next().getFailure())
                .returns(FailureKind.FAILURE_KIND_FORBIDDEN, failure -> failure.getKind());
        soon().until(client.end::isDone);
        assertThat(callers).isEmpty();
    }

    @Test
    void where_nobody_has_to_say_who_they_are_a_token_that_nobody_can_judge_does_no_harm() throws Exception {
        HostPort address = serve(AccessOptions.open());
        RawClient client = fixture.closing(RawClient.saying(address, "Bearer " + "x".repeat(43)));
        client.hello(1, "");

        assertThat(client.next().hasWelcome()).isTrue();
        assertThat(callers).containsExactly(Principal.ANONYMOUS);
    }

    @Test
    void a_wrong_token_is_refused_even_where_none_is_required() throws Exception {
        Path file = folder.resolve("tokens");
        String unused = TokenFile.add(file, "alice", List.of(), null);
        HostPort address = serve(AccessOptions.open().withTokensFile(file));
        RawClient client = fixture.closing(RawClient.saying(address, "Bearer " + "x".repeat(43)));

        assertThat(client.next().getFailure().getMessage()).isEqualTo("the token is not known here");
        assertThat(unused).isNotEmpty();
    }
}
