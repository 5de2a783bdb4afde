package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Credentials;
import dev.holdfast.certs.Validity;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatusRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.support.Certificates;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a client and a port for clients make of each other's certificates, and what is said when one is refused. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientTlsTest {
    private static final Lockable JOB = Holdfast.createLockable("job").of();
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");

    private Path folder;
    private Certificates ours;
    private Certificates foreign;
    private HoldfastNode wants;
    private HoldfastNode requires;
    private HoldfastNode plain;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        ours = new Certificates(folder.resolve("ours"));
        foreign = new Certificates(folder.resolve("foreign"));
        wants = ready(HoldfastNode.builder().clientsTls(ours.member("alone")), "wants");
        requires =
                ready(HoldfastNode.builder().clientsTls(ours.member("alone")).requireClientCertificate(), "requires");
        plain = ready(HoldfastNode.builder(), "plain");
    }

    private HoldfastNode ready(HoldfastNodeBuilder builder, String name) throws Exception {
        HoldfastNode node = builder.dataFolder(folder.resolve(name)).start();
        assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
        return node;
    }

    @AfterAll
    void stop() {
        LocalCluster.closeAll(List.of(wants, requires, plain));
    }

    private static HostPort at(HoldfastNode node) {
        return node.member().clientAddress();
    }

    private static RemoteOptions patient() {
        return RemoteOptions.named("test")
                .withConnectTimeout(LocalCluster.PATIENCE)
                .withRequestTimeout(LocalCluster.PATIENCE);
    }

    private static void assertServed(HoldfastNode node, Tls tls) throws InterruptedException {
        ClientOptions options =
                ClientOptions.defaults().requestTimeout(LocalCluster.PATIENCE).tls(tls);
        try (HoldfastClient client = Holdfast.connect(at(node).toString(), options)) {
            client.createLock().hold(ALICE, JOB, AcquireOptions.defaults()).release();
        }
    }

    /** A peer hangs up after it has said why, and what it said may be lost on the way. */
    private static void assertRefused(HostPort address, RemoteOptions options, String why) {
        await().atMost(LocalCluster.PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(() -> PeerStatusRequest.ask(address, options))
                        .isInstanceOf(TransportException.class)
                        .hasMessageContaining(why));
    }

    @Test
    void a_peer_says_until_when_its_certificates_are_valid() {
        PeerStatus status = PeerStatusRequest.ask(at(wants), patient().withTls(ours.nobody()));
        assertThat(status.certificates())
                .extracting(
                        PeerStatus.Certificate::subject,
                        PeerStatus.Certificate::own,
                        PeerStatus.Certificate::forMembers)
                .containsExactly(tuple("CN=alone", true, false), tuple("CN=test", false, false));
        assertThat(status.certificates())
                .allSatisfy(each -> assertThat(each.until())
                        .isBetween(Instant.now(), Instant.now().plus(Duration.ofDays(3))));
        assertThat(PeerStatusRequest.ask(at(plain), patient()).certificates()).isEmpty();
    }

    @Test
    void a_client_with_or_without_a_certificate_is_served() throws Exception {
        assertServed(wants, ours.nobody());
        assertServed(wants, ours.client("alice"));
        assertServed(requires, ours.client("alice"));
        assertServed(requires, ours.member("b"));
    }

    @Test
    void a_missing_certificate_is_said_at_both_ends() {
        long before = requires.tls().refusedClients();
        assertRefused(
                at(requires),
                patient().withTls(ours.nobody()),
                at(requires)
                        + " does not admit this client: it demands a certificate of its clients, and this one has shown none");
        assertThat(requires.tls().refusedClients()).isGreaterThan(before);
    }

    @Test
    void a_foreign_certificate_is_refused_even_where_none_is_required() throws Exception {
        Tls alice = foreign.client("alice").trust(ours.roots());
        long before = wants.tls().refusedClients();
        assertRefused(at(wants), patient().withTls(alice), "does not accept the certificate that it was shown");
        assertThat(wants.tls().refusedClients()).isGreaterThan(before);
    }

    @Test
    void a_peer_that_others_have_signed_is_refused() {
        assertRefused(
                at(wants),
                patient().withTls(foreign.nobody()),
                at(wants) + " does not answer: the certificate of " + at(wants) + " is signed by none of the roots in "
                        + foreign.roots() + ", but by CN=test");
    }

    @Test
    void a_peer_at_another_host_than_its_certificate_says_is_refused() throws Exception {
        Credentials elsewhere =
                ours.authority().member("alone", List.of("a.example.org", "10.1.2.3"), Validity.ofDays(1));
        try (HoldfastNode node =
                ready(HoldfastNode.builder().clientsTls(ours.write("elsewhere", elsewhere)), "elsewhere")) {
            assertRefused(
                    at(node),
                    patient().withTls(ours.nobody()),
                    "the certificate of " + at(node) + " is not for that host, but for a.example.org, 10.1.2.3");
        }
    }

    @Test
    void one_speaks_tls_and_the_other_does_not() {
        assertRefused(at(wants), patient(), "is TLS used at both ends or at neither?");
        assertRefused(at(plain), patient().withTls(ours.nobody()), "what answers does not speak TLS");
    }

    @Test
    void a_version_that_is_not_spoken_is_refused() {
        assertRefused(
                at(wants),
                patient().withTls(ours.nobody().protocols("TLSv1.2")),
                "the two speak no version of TLS in common");
    }

    /** Whoever signs for clients may not make members. */
    @Test
    void a_member_s_name_counts_only_if_those_have_signed_it_who_sign_for_members() throws Exception {
        Certificates members = new Certificates(folder.resolve("members"));
        HoldfastNodeBuilder builder =
                HoldfastNode.builder().membersTls(members.member("alone")).clientsTls(ours.member("alone"));
        try (HoldfastNode node = ready(builder, "two-authorities")) {
            assertServed(node, ours.client("alice"));
            assertServed(node, members.member("b").trust(ours.roots()));
            assertRefused(
                    at(node),
                    patient().withTls(ours.member("b")),
                    "it does not accept the certificate that it was shown");
        }
    }

    @Test
    void files_that_cannot_be_used_are_named_at_once() throws Exception {
        Path nothing = Files.writeString(folder.resolve("nothing.pem"), "nothing");
        assertThatThrownBy(() ->
                        Holdfast.connect("127.0.0.1:1", ClientOptions.defaults().tls(Tls.trusting(nothing))))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(nothing + " has no certificate in PEM");
        assertThatThrownBy(() -> HoldfastNode.builder()
                        .clientsTls(Tls.trusting(nothing))
                        .dataFolder(folder.resolve("nothing"))
                        .start())
                .hasMessage(nothing + " has no certificate in PEM");
        assertThatThrownBy(() -> HoldfastNode.builder()
                        .requireClientCertificate()
                        .dataFolder(folder.resolve("nothing"))
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("clientsTls() is missing");
        assertThatThrownBy(() -> HoldfastNode.builder()
                        .membersTls(ours.client("alone"))
                        .dataFolder(folder.resolve("nothing"))
                        .start())
                .hasMessageContaining("is not that of member alone: among its alternative names there is no URI"
                        + " holdfast:member:alone");
    }

    @Test
    void an_authority_of_the_wrong_kind_is_no_help() {
        CertificateAuthority other = CertificateAuthority.create("test", Validity.ofDays(1));
        Tls forged = ours.write("forged", other.client("alice", Validity.ofDays(1)));
        assertRefused(at(requires), patient().withTls(forged), "does not accept the certificate that it was shown");
    }
}
