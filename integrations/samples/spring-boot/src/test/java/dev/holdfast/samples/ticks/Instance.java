package dev.holdfast.samples.ticks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The application as a process. */
final class Instance implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path folder;
    private final String id;
    private final int port;
    private final List<String> command;
    private Process process;

    Instance(Path folder, String id, int port, String members, String database) throws IOException {
        this.folder = folder;
        this.id = id;
        this.port = port;
        this.command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                TicksApplication.class.getName(),
                "--server.port=" + port,
                "--spring.datasource.url=" + database,
                "--holdfast.start.timeout=60s",
                "--holdfast.node.id=" + id,
                "--holdfast.node.members=" + members,
                "--holdfast.node.data=" + folder.resolve(id)));
        start();
    }

    void start() throws IOException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(id + ".log").toFile()))
                .start();
    }

    boolean isReady() {
        try {
            return HTTP.send(
                                    HttpRequest.newBuilder(URI.create(
                                                    "http://127.0.0.1:" + port + "/actuator/health/readiness"))
                                            .timeout(Duration.ofSeconds(10))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** By SIGTERM, as an orchestrator does. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(id + " does not stop; its log is in " + folder);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
