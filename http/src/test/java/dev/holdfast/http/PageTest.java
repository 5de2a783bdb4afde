package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.http.internal.Programs;
import dev.holdfast.node.HoldfastNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The page, in a browser: what somebody sees once it has asked the peer. */
@TestInstance(Lifecycle.PER_CLASS)
@Tag("long")
class PageTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<String> BROWSERS = List.of("chromium", "chromium-browser", "google-chrome");

    /** As nobody should be able to put into a page. */
    private static final String NASTY = "<script>document.title='taken'</script>";

    private HoldfastNode node;
    private HoldfastHttp http;

    @TempDir
    private Path folder;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        MetricRegistry registry = new MetricRegistry();
        node = HoldfastNode.builder().dataFolder(data).metrics(registry).start();
        http = HoldfastHttp.start(node, registry, "127.0.0.1", 0);
        assertThat(node.awaitReady(PATIENCE)).isTrue();
    }

    @AfterAll
    void stop() {
        http.close();
        node.close();
    }

    private static LockOwner owner(String id) {
        return Holdfast.createLockOwner("user").of(id);
    }

    private LockHandle hold(String key, String owner) throws InterruptedException {
        return node.client().createLock().hold(owner(owner), key(key), AcquireOptions.defaults());
    }

    private static Lockable key(String key) {
        return new Lockable("KEY", key);
    }

    /** What the document has become after some seconds of the browser's own time. */
    private String shown(String hash) throws Exception {
        String browser =
                BROWSERS.stream().filter(Programs::isInstalled).findFirst().orElse(null);
        if (browser == null) {
            String missing = "no browser is installed, as by Debian's package chromium";
            System.out.println("SKIPPED PageTest: " + missing);
            return abort(missing);
        }
        Path output = folder.resolve("dom-" + System.nanoTime());
        Process process = new ProcessBuilder(
                        browser,
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--virtual-time-budget=8000",
                        "--dump-dom",
                        http.url() + "ui" + hash)
                .redirectOutput(output.toFile())
                .redirectError(folder.resolve("browser.log").toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return Files.readString(output, StandardCharsets.UTF_8);
    }

    @Test
    void it_says_who_holds_what_and_names_a_deadlock() throws Exception {
        LockHandle x = hold("x", "ann");
        LockHandle y = hold("y", "bob");
        LockHandle nasty = hold(NASTY, NASTY);
        var lock = node.client().createLock();
        var annWaits = lock.acquireAsync(
                owner("ann"), key("y"), AcquireOptions.defaults().waitForever());
        var bobWaits = lock.acquireAsync(
                owner("bob"), key("x"), AcquireOptions.defaults().waitForever());
        await().atMost(PATIENCE)
                .until(() -> lock.get(key("x")).orElseThrow().waiterCount() == 1
                        && lock.get(key("y")).orElseThrow().waiterCount() == 1);

        String list = shown("");
        assertThat(text(list))
                .contains("user:ann holds mutex x and waits for mutex y, which user:bob holds, who waits for mutex x.")
                .contains("Healthy: ready, and all 1 members answer");
        assertThat(list)
                .contains("&lt;script&gt;document.title='taken'&lt;/script&gt;")
                .doesNotContain(NASTY)
                .contains("<title>Holdfast");

        String detail = shown("#lock=mutex:x");
        assertThat(text(detail))
                .contains("Held by user:ann")
                .contains("Force release")
                .contains("Why user:bob waits");

        assertThat(text(detail))
                .contains("Recent history")
                .contains("Granted" + "user:ann")
                .contains("Began to wait" + "user:bob")
                .contains("All is remembered since the cluster began.");

        x.release();
        bobWaits.toCompletableFuture().join().orThrow().release();
        y.release();
        annWaits.toCompletableFuture().join().orThrow().release();
        nasty.release();
        // What is known of waits may be a second old.
        HttpRequest waits = HttpRequest.newBuilder(URI.create(http.url() + "v1/waits"))
                .timeout(PATIENCE)
                .build();
        HttpClient client = HttpClient.newHttpClient();
        await().atMost(PATIENCE)
                .until(() -> client.send(waits, BodyHandlers.ofString()).body().startsWith("{\"waits\":[],"));
        assertThat(text(shown("")))
                .contains("Nothing is held and nobody waits.")
                .doesNotContain("Deadlock:");
    }

    private static String text(String html) {
        return html.replaceAll("<[^>]*>", "").replaceAll("\\s+", " ");
    }
}
