package dev.holdfast.bench.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JVM that does what lines on its standard input say, answers with a line each, and ends with it. Used by one thread. */
final class ChildJvm implements AutoCloseable {
    private static final long KILL_TIMEOUT_S = 10;
    private static final long STOP_TIMEOUT_S = 30;

    private final String name;
    private final Path log;
    private final Process process;
    private final BufferedReader answers;

    private ChildJvm(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static ChildJvm start(String name, Path log, List<String> jvmOptions, Class<?> main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-Dlogback.configurationFile=holdfast-logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(arguments);
        return new ChildJvm(
                name,
                log,
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start());
    }

    String ask(String question) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((question + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        return answer();
    }

    String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException(name + " ended; its log is " + log);
        }
        return line;
    }

    /** How much processor time it has used. */
    Duration cpu() {
        return process.info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("this system does not tell processor times"));
    }

    /** What it has in memory; 0 where the system does not tell. */
    long residentBytes() {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets it end in order. */
    void stop() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
            throw new IOException(name + " does not stop; its log is " + log);
        }
    }

    /** SIGKILL; it is gone when this returns. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().orTimeout(KILL_TIMEOUT_S, TimeUnit.SECONDS).join();
    }
}
