package dev.holdfast.node.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Credentials;
import dev.holdfast.certs.Validity;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.tls.TlsMaterial;
import dev.holdfast.client.wire.HostLookup;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.support.Certificates;
import dev.holdfast.node.support.RawTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Members that talk over TLS, and whoever has another certificate, or none. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MembersTlsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final UUID CLUSTER = UUID.randomUUID();
    private static final String PROTOCOL = "holdfast-members/1";
    private static final byte[] BODY = {7};

    private final List<AutoCloseable> open = new ArrayList<>();
    private RecordingHost host;
    private Path folder;
    private Certificates ours;
    private CertificateAuthority foreign;

    @BeforeAll
    void create(@TempDir Path temporary) {
        folder = temporary;
        ours = new Certificates(folder);
        foreign = CertificateAuthority.create("foreign", Validity.ofDays(1));
    }

    @BeforeEach
    void listen() {
        host = new RecordingHost();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        open.clear();
    }

    /** @param tls {@code null} for none */
    private Members member(String id, Tls tls, Map<String, HostPort> others, int unprovedMax, Duration timeout)
            throws IOException {
        MemberTls secured = tls == null ? null : MemberTls.of(TlsMaterial.load(tls));
        Identity self = new Identity(CLUSTER, PeerId.parse(id), MemberSecret.none(), secured);
        Members members =
                new Members(self, RecordingHost.at(others), host, unprovedMax, timeout.toMillis(), HostLookup.shared());
        open.add(members);
        members.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        members.accept();
        return members;
    }

    private Members member(String id, Tls tls, Map<String, HostPort> others) throws IOException {
        return member(id, tls, others, 100, PATIENCE);
    }

    private Members b() throws IOException {
        return member("b", ours.member("b"), Map.of());
    }

    private static HostPort addressOf(Members members) {
        return new HostPort(
                "127.0.0.1", Objects.requireNonNull(members.address()).getPort());
    }

    private static byte[] ask(Members from, String to) throws Exception {
        Link link = from.link(to, Lane.CONTROL);
        return link.ask(FrameKind.VOTE, BODY, PATIENCE.toMillis()).get(1, TimeUnit.MINUTES);
    }

    private static RefusedException refusal(Members from, String to) {
        try {
            ask(from, to);
            throw new AssertionError("it was answered");
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(RefusedException.class);
            return (RefusedException) e.getCause();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void assertRefused(Members by, Reason reason) {
        await().atMost(PATIENCE).until(() -> by.refused(reason) > 0);
        assertThat(host.asked).isEmpty();
    }

    @Test
    void members_with_their_own_certificates_talk_on_every_lane() throws Exception {
        Members b = b();
        Members a = member("a", ours.member("a"), Map.of("b", addressOf(b)));
        byte[] large = new byte[1 << 20];
        large[0] = 7;
        assertThat(ask(a, "b")).isEqualTo(BODY);
        CompletableFuture<byte[]> entries = a.link("b", Lane.ENTRIES).ask(FrameKind.APPEND, large, 60_000);
        CompletableFuture<byte[]> piece = a.link("b", Lane.SNAPSHOTS).ask(FrameKind.SNAPSHOT_PIECE, large, 60_000);
        assertThat(entries.get(1, TimeUnit.MINUTES)).isEqualTo(large);
        assertThat(piece.get(1, TimeUnit.MINUTES)).isEqualTo(large);
        assertThat(host.asked).containsExactlyInAnyOrder("a VOTE 7", "a APPEND 7", "a SNAPSHOT_PIECE 7");
    }

    @Test
    void another_member_s_certificate_does_not_let_it_speak_for_this_one() throws Exception {
        Members b = b();
        Members pretender = member("a", ours.member("c"), Map.of("b", addressOf(b)));
        RefusedException refusal = refusal(pretender, "b");
        assertThat(refusal.reason()).isEqualTo(Reason.OTHER_NAME);
        assertThat(refusal)
                .hasMessageContaining("it should be member a, and its certificate, of CN=c, is that of member c");
        assertRefused(b, Reason.OTHER_NAME);
    }

    @Test
    void a_client_s_certificate_is_no_member_s() throws Exception {
        Members b = b();
        Members pretender = member("a", ours.client("a"), Map.of("b", addressOf(b)));
        assertThat(refusal(pretender, "b")).hasMessageContaining("is that of nobody who is a member");
        assertRefused(b, Reason.OTHER_NAME);
    }

    @Test
    void whoever_is_dialled_and_has_another_s_certificate_is_told_nothing() throws Exception {
        Members c = member("b", ours.member("c"), Map.of());
        Members a = member("a", ours.member("a"), Map.of("b", addressOf(c)));
        assertThat(refusal(a, "b").reason()).isEqualTo(Reason.OTHER_NAME);
        assertRefused(a, Reason.OTHER_NAME);
    }

    @Test
    void a_certificate_that_is_missing_expired_foreign_or_signed_by_itself_is_refused() throws Exception {
        Members b = b();
        List<Credentials> bad = new ArrayList<>();
        bad.add(null);
        bad.add(ours.memberCredentials("a", Validity.expired()));
        bad.add(foreign.member("a", List.of("127.0.0.1"), Validity.ofDays(1)));
        bad.add(foreign.credentials());
        for (Credentials shown : bad) {
            long before = b.refused(Reason.CERTIFICATE);
            assertThatThrownBy(() -> {
                        try (SSLSocket socket = dial(b, shown, PROTOCOL)) {
                            throw ended(socket);
                        }
                    })
                    .isInstanceOf(IOException.class);
            await().atMost(PATIENCE).until(() -> b.refused(Reason.CERTIFICATE) > before);
        }
        assertThat(host.asked).isEmpty();
        assertThat(ask(member("a", ours.member("a"), Map.of("b", addressOf(b))), "b"))
                .isEqualTo(BODY);
    }

    private static SSLSocket dial(Members to, Credentials shown, String protocol) throws IOException {
        return RawTls.dial("127.0.0.1", addressOf(to).port(), shown, protocol);
    }

    /** With TLS 1.3 a client hears only afterwards that its certificate is refused. */
    private static IOException ended(Socket socket) throws IOException {
        int read = socket.getInputStream().read();
        assertThat(read).isEqualTo(-1);
        return new IOException("the connection ended");
    }

    @Test
    void whoever_is_dialled_and_has_a_bad_certificate_is_told_nothing() throws Exception {
        for (Credentials shown : List.of(
                ours.memberCredentials("b", Validity.expired()),
                foreign.member("b", List.of("127.0.0.1"), Validity.ofDays(1)),
                ours.authority().client("b", Validity.ofDays(1)))) {
            try (SSLServerSocket pretended = (SSLServerSocket) RawTls.context(shown)
                    .getServerSocketFactory()
                    .createServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
                Members a =
                        member("a", ours.member("a"), Map.of("b", new HostPort("127.0.0.1", pretended.getLocalPort())));
                CompletableFuture<byte[]> answer =
                        a.link("b", Lane.CONTROL).ask(FrameKind.VOTE, BODY, PATIENCE.toMillis());
                try (SSLSocket socket = (SSLSocket) pretended.accept()) {
                    SSLParameters parameters = socket.getSSLParameters();
                    parameters.setApplicationProtocols(new String[] {PROTOCOL});
                    socket.setSSLParameters(parameters);
                    assertThatThrownBy(() -> {
                                throw ended(socket);
                            })
                            .isInstanceOf(IOException.class);
                }
                assertThat(answer)
                        .failsWithin(PATIENCE)
                        .withThrowableOfType(ExecutionException.class)
                        .withCauseInstanceOf(RefusedException.class);
                assertRefused(a, Reason.CERTIFICATE);
            }
        }
    }

    @Test
    void one_that_talks_over_tls_and_one_that_does_not_tell_each_other_so() throws Exception {
        Members encrypted = b();
        Members plain = member("a", null, Map.of("b", addressOf(encrypted)));
        assertThat(refusal(plain, "b")).hasMessageContaining("the members here talk to each other over TLS");
        assertRefused(encrypted, Reason.NO_TLS);

        Members other = member("b", ours.member("b"), Map.of("a", addressOf(plain)));
        RefusedException refusal = refusal(other, "a");
        assertThat(refusal.reason()).isEqualTo(Reason.NO_TLS);
        assertThat(refusal).hasMessageContaining("does not speak TLS");
    }

    @Test
    void a_client_of_the_other_port_is_refused_even_with_a_member_s_certificate() throws Exception {
        Members b = b();
        Credentials good = ours.memberCredentials("a", Validity.ofDays(1));
        assertThatThrownBy(() -> dial(b, good, "h2").close()).hasMessageContaining("no_application_protocol");
        assertRefused(b, Reason.NO_TLS);
    }

    @Test
    void the_time_to_prove_oneself_runs_while_hands_are_shaken() throws Exception {
        Members b = member("b", ours.member("b"), Map.of(), 4, Duration.ofSeconds(1));
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Socket each = new Socket("127.0.0.1", addressOf(b).port());
            open.add(each);
            silent.add(each);
            // The head of a hello that never comes whole.
            each.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1});
        }
        Credentials good = ours.memberCredentials("a", Validity.ofDays(1));
        Members a = member("a", ours.member("a"), Map.of("b", addressOf(b)));
        await().atMost(PATIENCE).ignoreExceptions().until(() -> ask(a, "b").length == 1);
        for (Socket each : silent) {
            each.setSoTimeout((int) PATIENCE.toMillis());
            assertEnds(each);
        }
        // Whoever has shaken hands and then says nothing has no more time.
        try (SSLSocket proved = dial(b, good, PROTOCOL)) {
            assertEnds(proved);
        }
        assertThat(b.refused(Reason.BUSY)).isPositive();
        assertThat(b.refused(Reason.NOT_PROVED)).isPositive();
    }

    private static void assertEnds(Socket socket) {
        try {
            assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(100);
        } catch (IOException cutOff) {
            assertThat(cutOff).isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void certificates_and_roots_are_changed_while_members_talk() throws Exception {
        Certificates before = new Certificates(folder.resolve("rotated"));
        Members b = member("b", before.member("b"), Map.of());
        Members a = member("a", before.member("a"), Map.of("b", addressOf(b)));
        assertThat(ask(a, "b")).isEqualTo(BODY);
        Credentials old = before.memberCredentials("a", Validity.ofDays(1));

        CertificateAuthority next = CertificateAuthority.create("next", Validity.ofDays(1));
        before.write("member-a", next.member("a", List.of("127.0.0.1"), Validity.ofDays(1)));
        before.write("member-b", next.member("b", List.of("127.0.0.1"), Validity.ofDays(1)));
        Files.writeString(before.roots(), next.credentials().certificatePem());

        assertThat(ask(a, "b")).as("on the connection that is open").isEqualTo(BODY);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            try (SSLSocket stranger = dial(b, old, PROTOCOL)) {
                stranger.setSoTimeout(200);
                ended(stranger);
                return true;
            } catch (IOException e) {
                return b.refused(Reason.CERTIFICATE) > 0;
            }
        });
        a.link("b", Lane.CONTROL).reset("to dial anew");
        await().atMost(PATIENCE).ignoreExceptions().until(() -> ask(a, "b").length == 1);
    }
}
