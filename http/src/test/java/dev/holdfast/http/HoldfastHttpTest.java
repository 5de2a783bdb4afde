package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.Holdfast;
import dev.holdfast.http.internal.Promtool;
import dev.holdfast.http.internal.Scrapes;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.LocalCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A peer that is alone, over plain HTTP. */
@TestInstance(Lifecycle.PER_CLASS)
class HoldfastHttpTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient client = HttpClient.newHttpClient();
    private final MetricRegistry registry = new MetricRegistry();
    private HoldfastNode node;
    private HoldfastHttp http;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        node = HoldfastNode.builder().dataFolder(folder).metrics(registry).start();
        http = HoldfastHttp.start(node, registry, "127.0.0.1", 0);
        assertThat(node.awaitReady(PATIENCE)).isTrue();
        node.client()
                .createLock()
                .acquire(
                        Holdfast.createLockOwner("user").of("alice"),
                        Holdfast.createLockable("job").of())
                .orThrow()
                .release();
    }

    @AfterAll
    void stop() {
        http.close();
        node.close();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(http.url()).resolve(path)).timeout(PATIENCE);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(to(path));
    }

    @Test
    void a_peer_that_is_well_is_live_and_ready() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(get("/health/ready").statusCode()).isEqualTo(200));
        HttpResponse<String> ready = get("/health/ready");
        assertThat(ready.body()).isEqualTo("peer " + node.id() + " is ready\n");
        assertThat(ready.headers().firstValue("content-type")).contains("text/plain; charset=utf-8");
        assertThat(ready.headers().firstValue("cache-control")).contains("no-store");
        assertThat(ready.headers().map()).doesNotContainKey("server");
    }

    @Test
    void metrics_come_as_prometheus_text_or_as_openmetrics() throws Exception {
        HttpResponse<String> plain = get("/metrics");
        assertThat(plain.statusCode()).isEqualTo(200);
        assertThat(plain.headers().firstValue("content-type").orElse("")).startsWith("text/plain; version=0.0.4");
        assertThat(plain.body())
                .contains("holdfast_granted_total{cluster=\"holdfast\",peer=\"" + node.id() + "\"} 1.0")
                .contains("holdfast_group_state{cluster=\"holdfast\",group=\"0\",peer=\"" + node.id()
                        + "\",holdfast_group_state=\"leader\"} 1")
                .contains("holdfast_fsync_seconds_count{cluster=\"holdfast\",group=\"0\"")
                .contains("jvm_memory_used_bytes{area=\"heap\"}")
                .contains("process_start_time_seconds ");

        HttpResponse<String> open =
                send(to("/metrics").header("Accept", "application/openmetrics-text; version=1.0.0"));
        assertThat(open.headers().firstValue("content-type").orElse("")).startsWith("application/openmetrics-text");
        assertThat(open.body())
                .contains("# UNIT holdfast_fsync_seconds seconds")
                .endsWith("# EOF\n");
    }

    @Test
    void prometheus_finds_no_fault_with_the_metrics() throws Exception {
        Promtool promtool = Promtool.find();
        if (promtool == null) {
            System.out.println(
                    "SKIPPED HoldfastHttpTest: prometheus_finds_no_fault_with_the_metrics: " + Promtool.MISSING);
            abort(Promtool.MISSING);
            return;
        }
        promtool.checkMetrics(get("/metrics").body());
    }

    /** A metric that is new is described, or the test fails. */
    @Test
    void each_metric_of_the_node_and_its_client_is_described() {
        assertThat(registry.getNames())
                .filteredOn(name -> name.startsWith("holdfast.node.") || name.startsWith("holdfast.client."))
                .hasSizeGreaterThan(40)
                .allSatisfy(
                        name -> assertThat(Scrapes.isDescribed(name)).as(name).isTrue());
    }

    @Test
    void what_is_not_there_or_cannot_be_done_is_said_in_words() throws Exception {
        HttpResponse<String> nothing = get("/metric");
        assertThat(nothing.statusCode()).isEqualTo(404);
        assertThat(nothing.body()).contains("there is nothing at this path").contains("/metrics");
        assertThat(get("/").body()).contains("/health/ready");

        HttpResponse<String> posted = send(to("/metrics").POST(HttpRequest.BodyPublishers.ofString("x")));
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("allow")).contains("GET, HEAD");
        assertThat(posted.body()).isEqualTo("there is nothing to POST here, only to GET\n");

        HttpResponse<String> head = send(to("/health/live").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();

        HttpResponse<String> odd = get("/%00/..;/metrics");
        assertThat(odd.statusCode()).isBetween(400, 404);
        assertThat(odd.body()).doesNotContain("Jetty").doesNotContain("<html");
    }

    private static boolean isOpen(Socket socket) throws IOException {
        socket.setSoTimeout(1);
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    @Test
    void who_sends_too_much_or_nothing_is_cut_off_and_others_are_served() throws Exception {
        // Where there is no such address, the others have to be few enough for all to get in.
        InetAddress elsewhere = InetAddress.getByName("127.0.0.2");
        boolean isThere = NetworkInterface.getByInetAddress(elsewhere) != null
                || System.getProperty("os.name").equals("Linux");
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < (isThere ? 700 : 50); i++) {
                silent.add(new Socket(InetAddress.getByName("127.0.0.1"), http.port(), isThere ? elsewhere : null, 0));
            }
            try (Socket endless = new Socket("127.0.0.1", http.port())) {
                String headers = "GET / HTTP/1.1\r\nHost: a\r\n"
                        + String.join(
                                "",
                                IntStream.range(0, 2000)
                                        .mapToObj(i -> "X-" + i + ": " + i + "\r\n")
                                        .toList());
                endless.getOutputStream().write(headers.getBytes(StandardCharsets.US_ASCII));
                InputStream answer = endless.getInputStream();
                assertThat(new String(answer.readNBytes(12), StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 431");
            }
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
            int open = 0;
            for (Socket each : silent) {
                open += isOpen(each) ? 1 : 0;
            }
            assertThat(open).isLessThanOrEqualTo(512);
        } finally {
            for (Socket each : silent) {
                each.close();
            }
        }
    }

    @Test
    void off_loopback_it_takes_tls() {
        assertThatThrownBy(() -> HoldfastHttp.start(node, registry, "0.0.0.0", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HTTP at 0.0.0.0 could be read by anybody on the way");
    }

    @Test
    void an_address_of_ipv6_has_brackets_in_its_url() throws Exception {
        try (HoldfastHttp six = HoldfastHttp.start(node, registry, "::1", 0)) {
            assertThat(six.url()).isEqualTo("http://[::1]:" + six.port() + "/");
        } catch (IOException e) {
            System.out.println(
                    "SKIPPED HoldfastHttpTest: an_address_of_ipv6_has_brackets_in_its_url: " + e.getMessage());
            abort("this machine has no IPv6");
        }
    }

    @Test
    void an_address_that_is_taken_or_unknown_is_an_error_that_names_it() {
        assertThatThrownBy(() -> HoldfastHttp.start(node, registry, "127.0.0.1", http.port()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + http.port());
        assertThatThrownBy(() -> HoldfastHttp.start(node, registry, "no-such-host.invalid", 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no-such-host.invalid");
    }

    @Test
    @Tag("long")
    void a_peer_without_the_others_is_not_ready_and_says_who_is_missing(@TempDir Path folder) throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3)) {
            HoldfastNode left = cluster.follower();
            try (HoldfastHttp its = HoldfastHttp.start(left, new MetricRegistry(), "127.0.0.1", 0)) {
                HttpRequest ready = HttpRequest.newBuilder(URI.create(its.url() + "health/ready"))
                        .build();
                await().atMost(PATIENCE)
                        .until(() -> client.send(ready, BodyHandlers.ofString()).statusCode() == 200);
                for (HoldfastNode each :
                        cluster.nodes().stream().filter(each -> each != left).toList()) {
                    each.close();
                }
                await().atMost(PATIENCE).untilAsserted(() -> {
                    HttpResponse<String> answer = client.send(ready, BodyHandlers.ofString());
                    assertThat(answer.statusCode()).isEqualTo(503);
                    assertThat(answer.body())
                            .startsWith("peer " + left.id() + " is not ready\nit knows no leader: ")
                            .contains("no answer from ");
                });
                left.close();
                HttpResponse<String> live = client.send(
                        HttpRequest.newBuilder(URI.create(its.url() + "health/live"))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(live.statusCode()).isEqualTo(503);
                assertThat(live.body()).isEqualTo("peer " + left.id() + " is not live\nit was closed\n");
            }
        }
    }
}
