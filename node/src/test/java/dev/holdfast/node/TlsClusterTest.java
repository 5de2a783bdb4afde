package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Credentials;
import dev.holdfast.certs.Validity;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatusRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.wire.Authorization;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.gateway.Gateway;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.access.MemberTickets;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.node.support.Certificates;
import dev.holdfast.node.support.RawTls;
import io.grpc.CallCredentials;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Three peers all of whose conversations are by TLS, and who have no secret. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("long")
class TlsClusterTest {
    private static final Lockable JOB = Holdfast.createLockable("job").of();
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");

    private Certificates certificates;
    private LocalCluster cluster;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        certificates = new Certificates(folder.resolve("certificates"));
        // Callers have to be known: by their certificates, those in the peers' processes too.
        AccessOptions access = AccessOptions.closed().withAdmins("alice");
        cluster = LocalCluster.startOverTls(folder, 3, certificates, builder -> builder.access(access));
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private HoldfastClient connect() {
        ClientOptions options =
                ClientOptions.defaults().requestTimeout(LocalCluster.PATIENCE).tls(certificates.client("alice"));
        return Holdfast.connect(cluster.servers(), options);
    }

    private static LockHandle hold(HoldfastClient client, LockOwner owner, Lockable what) throws InterruptedException {
        return client.createLock().hold(owner, what, AcquireOptions.defaults());
    }

    @Test
    void callers_in_a_follower_in_the_leader_and_elsewhere_share_the_locks() throws Exception {
        try (HoldfastClient thin = connect();
                LockHandle held = hold(thin, ALICE, JOB)) {
            assertThat(held.isHeld()).isTrue();
            for (HoldfastNode node : cluster.nodes()) {
                assertThat(node.client().createLock().isLocked(JOB)).isTrue();
            }
        }
        hold(cluster.follower().client(), BOB, JOB).release();
        cluster.awaitEqualHashes();
    }

    @Test
    void whoever_shows_a_wrong_certificate_on_either_port_changes_nothing() throws Exception {
        CertificateAuthority foreign = CertificateAuthority.create("test", Validity.ofDays(1));
        List<Credentials> bad = new ArrayList<>();
        bad.add(null);
        bad.add(certificates.memberCredentials("b", Validity.expired()));
        bad.add(certificates.authority().client("alice", Validity.expired()));
        bad.add(foreign.member("b", List.of("127.0.0.1"), Validity.ofDays(1)));
        bad.add(foreign.client("alice", Validity.ofDays(1)));
        bad.add(foreign.credentials());
        hold(cluster.follower().client(), BOB, JOB).release();

        HoldfastNode node = cluster.leader();
        cluster.assertUnchangedBy(() -> {
            for (Credentials shown : bad) {
                assertHungUp(node.member().raftPort(), shown, "holdfast-members/1");
                if (shown != null) {
                    assertHungUp(node.member().clientPort(), shown, "h2");
                }
            }
        });
        assertThat(node.tls().refusedClients()).isGreaterThanOrEqualTo(bad.size() - 1);

        hold(cluster.follower().client(), BOB, JOB).release();
    }

    @Test
    void a_ticket_that_anyone_could_make_is_no_members() {
        HoldfastNode node = cluster.leader();
        // Whoever reads the sources knows what stands in for a secret.
        MemberSecret known =
                MemberSecret.of("no secret: certificates say who is a member".getBytes(StandardCharsets.US_ASCII));
        MemberTickets forged =
                new MemberTickets(node::clusterId, cluster.follower().id(), known, id -> true, InstantSource.system());
        assertForbidden(node, certificates.nobody(), forged.to(node.id()));
        Mandate mandate = new Mandate(new Principal("alice", Set.of()), "192.0.2.1");
        assertForbidden(node, certificates.nobody(), forged.to(node.id(), mandate));
        assertForbidden(node, certificates.client("bob"), mandate.header());
    }

    private static void assertForbidden(HoldfastNode node, Tls shown, String authorization) {
        RemoteOptions options = RemoteOptions.named("a forger")
                .withTls(shown)
                .withCallCredentials(new CallCredentials() {
                    @Override
                    public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
                        Metadata headers = new Metadata();
                        headers.put(Authorization.HEADER, authorization);
                        applier.apply(headers);
                    }
                });
        assertThatThrownBy(() -> PeerStatusRequest.ask(
                        new HostPort("127.0.0.1", node.member().clientPort()), options))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(TransportException.Kind.FORBIDDEN));
    }

    @Test
    void a_member_s_certificate_proves_that_it_may_speak_for_somebody() throws Exception {
        ClientOptions options = ClientOptions.defaults().requestTimeout(LocalCluster.PATIENCE);
        Gateway forAlice =
                cluster.follower().group(0).forVisitor(new Mandate(new Principal("alice", Set.of()), "192.0.2.1"));
        try (HoldfastClient visitor = Holdfast.client(forAlice, options);
                HoldfastClient thin = connect()) {
            hold(visitor, BOB, Holdfast.createLockable("visited").of()).release();
            try (Stream<ClientSessionInfo> sessions = thin.sessions()) {
                assertThat(sessions.filter(each -> each.address().equals("192.0.2.1")))
                        .extracting(ClientSessionInfo::principal)
                        .containsExactly("alice");
            }
        }
    }

    private static void assertHungUp(int port, Credentials shown, String protocol) {
        assertThatThrownBy(() -> {
                    try (SSLSocket socket = RawTls.dial("127.0.0.1", port, shown, protocol)) {
                        socket.getOutputStream()
                                .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                        if (socket.getInputStream().read() < 0) {
                            throw new IOException("it hung up");
                        }
                    }
                })
                .isInstanceOf(IOException.class);
    }

    /** First both roots are trusted, then all certificates are issued anew, then the old root is taken away. */
    @Test
    void roots_and_certificates_are_changed_while_a_lock_is_held() throws Exception {
        CertificateAuthority next = CertificateAuthority.create("next", Validity.ofDays(1));
        try (HoldfastClient thin = connect();
                LockHandle held =
                        hold(thin, ALICE, Holdfast.createLockable("rotation").of())) {
            Files.writeString(
                    certificates.roots(),
                    Credentials.pem(certificates.authority().certificate(), next.certificate()));
            for (HoldfastNode node : cluster.nodes()) {
                certificates.write(
                        "member-" + node.id(), next.member(node.id(), List.of("127.0.0.1"), Validity.ofDays(1)));
            }
            certificates.write("client-alice", next.client("alice", Validity.ofDays(1)));
            Files.writeString(certificates.roots(), next.credentials().certificatePem());

            for (HoldfastNode node : cluster.nodes()) {
                await().atMost(LocalCluster.PATIENCE)
                        .until(() -> node.tls()
                                .members()
                                .certificate()
                                .getIssuerX500Principal()
                                .getName()
                                .equals("CN=next"));
            }
            String follower = cluster.follower().id();
            cluster.stop(follower);
            cluster.start(follower);
            cluster.awaitLeader();
            hold(cluster.node(follower).client(), BOB, JOB).release();
            assertThat(held.isHeld()).isTrue();
        }
    }
}
