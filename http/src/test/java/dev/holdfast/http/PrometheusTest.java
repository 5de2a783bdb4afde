package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.client.Holdfast;
import dev.holdfast.http.internal.Programs;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.HoldfastNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus scrapes a peer, evaluates the alert rules, and answers what the dashboard asks. */
@Tag("long")
@TestInstance(Lifecycle.PER_CLASS)
class PrometheusTest {
    private static final String PROGRAM = "prometheus";
    private static final String MISSING = "there is no prometheus on the path (Debian has a package of that name)";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Path RULES = Path.of("../config/prometheus/alerts.yml");
    private static final Path DASHBOARD = Path.of("../config/grafana/holdfast.json");

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new ArrayList<>();
    private int port;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        if (!Programs.isInstalled(PROGRAM)) {
            System.out.println("SKIPPED PrometheusTest: " + MISSING);
            abort(MISSING);
        }
        MetricRegistry registry = new MetricRegistry();
        HoldfastNode node = HoldfastNode.builder()
                .dataFolder(folder.resolve("data"))
                .metrics(registry)
                .start();
        open.add(node);
        assertThat(node.awaitReady(PATIENCE)).isTrue();
        HoldfastHttp http = HoldfastHttp.start(node, registry, "127.0.0.1", 0);
        open.add(http);
        node.client()
                .createLock()
                .acquire(
                        Holdfast.createLockOwner("user").of("alice"),
                        Holdfast.createLockable("job").of())
                .orThrow()
                .release();
        Path config = folder.resolve("prometheus.yml");
        Files.writeString(
                config,
                String.join(
                        "\n",
                        "global: { scrape_interval: 1s, evaluation_interval: 1s }",
                        "rule_files: [ \"" + RULES.toAbsolutePath().normalize() + "\" ]",
                        "scrape_configs:",
                        "  - job_name: holdfast",
                        "    static_configs: [ { targets: [ \"127.0.0.1:" + http.port() + "\" ] } ]",
                        ""));
        port = FreePorts.find(1).get(0);
        Process prometheus = new ProcessBuilder(
                        PROGRAM,
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        open.add(() -> {
            prometheus.destroy();
            assertThat(prometheus.waitFor(1, TimeUnit.MINUTES)).isTrue();
        });
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(value("up{job=\"holdfast\"}")).isEqualTo("1"));
    }

    @AfterAll
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    /** What it answers at that path of its API. */
    private JsonObject data(String path) throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + path))
                        .timeout(PATIENCE)
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
        return JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonObject("data");
    }

    private List<JsonElement> query(String expression) throws Exception {
        return data("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .getAsJsonArray("result")
                .asList();
    }

    private String value(String expression) throws Exception {
        return query(expression)
                .get(0)
                .getAsJsonObject()
                .getAsJsonArray("value")
                .get(1)
                .getAsString();
    }

    @Test
    void it_scrapes_without_a_fault() throws Exception {
        await().atMost(PATIENCE).untilAsserted(() -> {
            List<JsonElement> targets =
                    data("targets").getAsJsonArray("activeTargets").asList();
            assertThat(targets).singleElement().satisfies(target -> {
                assertThat(target.getAsJsonObject().get("lastError").getAsString())
                        .isEmpty();
                assertThat(target.getAsJsonObject().get("health").getAsString()).isEqualTo("up");
            });
        });
        assertThat(value("holdfast_granted_total")).isEqualTo("1");
        assertThat(value("holdfast_live")).isEqualTo("1");
    }

    @Test
    void it_evaluates_the_alerts_of_which_none_fires_for_a_peer_that_is_well() throws Exception {
        await().atMost(PATIENCE).untilAsserted(() -> {
            List<JsonElement> rules = data("rules").getAsJsonArray("groups").asList().stream()
                    .flatMap(group -> group.getAsJsonObject().getAsJsonArray("rules").asList().stream())
                    .toList();
            assertThat(rules).hasSizeGreaterThan(9).allSatisfy(rule -> {
                assertThat(rule.getAsJsonObject().get("health").getAsString())
                        .as("%s", rule)
                        .isEqualTo("ok");
                assertThat(rule.getAsJsonObject().get("state").getAsString())
                        .as("%s", rule)
                        .isNotEqualTo("firing");
            });
        });
    }

    @Test
    void it_has_an_answer_to_what_the_dashboard_asks() throws Exception {
        List<String> expressions =
                JsonParser.parseString(Files.readString(DASHBOARD))
                        .getAsJsonObject()
                        .getAsJsonArray("panels")
                        .asList()
                        .stream()
                        .filter(panel -> panel.getAsJsonObject().has("targets"))
                        .flatMap(panel -> panel.getAsJsonObject().getAsJsonArray("targets").asList().stream())
                        .map(target -> target.getAsJsonObject().get("expr").getAsString())
                        .map(PrometheusTest::withVariables)
                        .toList();
        assertThat(expressions).hasSizeGreaterThan(20);
        for (String expression : expressions) {
            // Of a peer that is well, alone and new, some have nothing to tell.
            boolean mayBeEmpty = expression.contains(" >") || expression.contains("_lag_");
            // A rate takes two scrapes.
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(query(expression))
                            .as(expression)
                            .satisfies(found ->
                                    assertThat(mayBeEmpty || !found.isEmpty()).isTrue()));
        }
    }

    /** As if everything was chosen in the dashboard. */
    private static String withVariables(String expression) {
        return expression.replace("$__rate_interval", "1m").replaceAll("\\$\\{?\\w+\\}?", ".*");
    }
}
