package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.certs.Credentials;
import dev.holdfast.certs.Validity;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.TokenFile;
import dev.holdfast.node.support.Certificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A peer whose clients talk over TLS and have to be known: so do those who come by HTTP. */
@TestInstance(Lifecycle.PER_CLASS)
class HoldfastHttpsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Certificates certificates;
    private HoldfastNode node;
    private HoldfastHttp http;
    private HttpClient client;
    private String root;
    private String alice;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        certificates = new Certificates(folder.resolve("certificates"));
        Path tokens = folder.resolve("tokens");
        root = TokenFile.add(tokens, "root", List.of(), null);
        alice = TokenFile.add(tokens, "alice", List.of(), null);
        MetricRegistry registry = new MetricRegistry();
        node = HoldfastNode.builder()
                .id("a")
                .dataFolder(folder.resolve("data"))
                .metrics(registry)
                .membersTls(certificates.member("a"))
                .clientsTls(certificates.member("a"))
                .access(AccessOptions.closed().withAdmins("root").withTokensFile(tokens))
                .start();
        http = HoldfastHttp.start(node, registry, "127.0.0.1", 0);
        client = HttpClient.newBuilder()
                .sslContext(trusting(certificates.roots()))
                .build();
    }

    @AfterAll
    void stop() {
        http.close();
        node.close();
    }

    private static SSLContext trusting(Path roots) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(roots)) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private HttpResponse<String> get(String path, @Nullable String token) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(http.url()).resolve(path)).timeout(PATIENCE);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void health_is_for_everybody() throws Exception {
        assertThat(http.url()).startsWith("https://127.0.0.1:");
        HttpResponse<String> live = get("/health/live", null);
        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(live.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
    }

    @Test
    void metrics_are_for_those_who_may_read_about_all_locks() throws Exception {
        HttpResponse<String> nobody = get("/metrics", null);
        assertThat(nobody.statusCode()).isEqualTo(401);
        assertThat(nobody.headers().firstValue("www-authenticate")).contains("Bearer");
        assertThat(nobody.body()).contains("give a token or a certificate");

        assertThat(get("/metrics", "hf_wrong").statusCode()).isEqualTo(401);

        HttpResponse<String> without = get("/metrics", alice);
        assertThat(without.statusCode()).isEqualTo(403);
        assertThat(without.body())
                .contains("principal 'alice' lacks 'read' on all keys: an admin can grant it with 'holdfast rules add");

        HttpResponse<String> admin = get("/metrics", root);
        assertThat(admin.statusCode()).isEqualTo(200);
        assertThat(admin.body()).contains("holdfast_denied_total{cluster=\"holdfast\",peer=\"a\",port=\"clients\"");
    }

    @Test
    void who_does_not_trust_the_peer_hears_nothing() throws Exception {
        HttpClient stranger = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create(http.url() + "health/live"))
                .timeout(PATIENCE)
                .build();
        assertThatThrownBy(() -> stranger.send(request, BodyHandlers.ofString()))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void a_certificate_that_took_the_old_one_s_place_is_shown_to_the_next() throws Exception {
        String before = serial();
        Credentials fresh = certificates.memberCredentials("a", Validity.ofDays(1));
        certificates.write("member-a", fresh);

        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (serial().equals(before)) {
            assertThat(System.nanoTime() - deadline)
                    .as("the old one is still shown")
                    .isNegative();
            Thread.sleep(50);
        }
    }

    private String serial() throws Exception {
        // Each client has connections of its own.
        HttpClient fresh = HttpClient.newBuilder()
                .sslContext(trusting(certificates.roots()))
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(http.url() + "health/live"))
                .timeout(PATIENCE)
                .build();
        var session = fresh.send(request, BodyHandlers.ofString()).sslSession().orElseThrow();
        return ((java.security.cert.X509Certificate) session.getPeerCertificates()[0])
                .getSerialNumber()
                .toString();
    }

    @Test
    void a_lock_is_waited_for_and_events_are_told_over_tls() throws Exception {
        HttpCaller caller = new HttpCaller(http, root, client);
        String first = caller.open(600_000);
        long token = caller.acquire(first, 1, "tls", "").as(200).number("token");
        String second = caller.open(600_000);
        var waiting = caller.acquiring(second, 1, "tls", "\"waitMs\":600000");
        try (Events events = caller.events(second, null)) {
            await().atMost(PATIENCE).until(() -> caller.waiters("tls") == 1);
            caller.release(first, 2, "tls", token).as(200);
            assertThat(waiting.get().as(200).number("token"))
                    .isEqualTo(events.next("granted").data().get("token").getAsLong());
        }
        caller.close(first).as(200);
        caller.close(second).as(200);
    }

    @Test
    void it_may_listen_off_loopback() throws Exception {
        try (HoldfastHttp wide = HoldfastHttp.start(node, new MetricRegistry(), "0.0.0.0", 0)) {
            assertThat(wide.port()).isPositive();
        }
    }
}
