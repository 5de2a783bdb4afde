package dev.holdfast.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.server.Main;
import dev.holdfast.server.serve.Daemons;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code holdfast} with some arguments, and all that it says. */
final class CommandProcess implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final List<String> out = new CopyOnWriteArrayList<>();
    final List<String> err = new CopyOnWriteArrayList<>();
    private final Process process;
    private final CountDownLatch unread = new CountDownLatch(2);

    private CommandProcess(Process process) {
        this.process = process;
        Daemons.start("out", () -> read(process.getInputStream(), out));
        Daemons.start("err", () -> read(process.getErrorStream(), err));
    }

    static CommandProcess start(Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlogback.configurationFile=holdfast-logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new CommandProcess(new ProcessBuilder(command).start());
    }

    private void read(InputStream from, List<String> to) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                to.add(line);
            }
        } catch (IOException e) {
            // It was killed in the middle of a line.
        } finally {
            unread.countDown();
        }
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    void awaitOut(String part) {
        awaitLine(out, part);
    }

    void awaitErr(String part) {
        awaitLine(err, part);
    }

    private void awaitLine(List<String> lines, String part) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(lines)
                        .describedAs("output %s, errors %s", out, err)
                        .anyMatch(line -> line.contains(part)));
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    void kill() {
        process.destroyForcibly();
    }

    int awaitExitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it goes on: " + out + err);
        }
        return process.exitValue();
    }

    /** Ends its standard input, and waits for its end and for all that it said. */
    int run() throws IOException, InterruptedException {
        process.getOutputStream().close();
        int exitCode = awaitExitCode();
        assertThat(unread.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return exitCode;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
