package dev.holdfast.server.demo;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.server.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A {@link WriterCommand} in a process of its own. */
final class WriterProcess implements AutoCloseable {
    private final String name;
    private final Process process;
    private final BufferedReader lines;

    private WriterProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static WriterProcess start(String name, List<HostPort> servers, String url)
            throws IOException, InterruptedException {
        WriterProcess writer = new WriterProcess(
                name,
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "fencing-demo-writer",
                                "--name",
                                name,
                                "--servers",
                                servers.stream().map(HostPort::toString).collect(Collectors.joining(",")),
                                "--url",
                                url)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
        try {
            writer.next("UP");
            return writer;
        } catch (InterruptedException | RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    /** Tells it to do something, and waits for an answer that begins with one of those words. */
    String[] ask(String what, String... expected) throws IOException, InterruptedException {
        process.getOutputStream().write((what + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        return next(expected);
    }

    private String[] next(String... expected) throws InterruptedException {
        String line = Stage.await(CompletableFuture.supplyAsync(this::readLine), "an answer of " + name);
        String[] words = line.split(" ", -1);
        Stage.check(List.of(expected).contains(words[0]), name + " said '" + line + "'");
        return words;
    }

    private String readLine() {
        try {
            return String.valueOf(lines.readLine());
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Sends it a signal by {@code kill}. */
    void signal(String signal) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + signal, String.valueOf(pid()))
                .inheritIO()
                .start()
                .waitFor();
        Stage.check(status == 0, "kill -" + signal + " " + pid() + " ended with " + status);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
