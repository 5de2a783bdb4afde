package dev.holdfast.compatibility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A child process whose output goes to a file. Closing it kills it, if it still runs. */
final class Child implements AutoCloseable {
    private final Process process;
    private final Path output;

    private Child(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static Child start(Path output, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new Child(process, output);
    }

    /** Waits until it has written a line that begins so, and returns the rest of the line. */
    String awaitLine(String prefix, Duration timeout) {
        Awaitility.await(prefix)
                .atMost(timeout)
                .until(() -> !process.isAlive() || line(prefix).isPresent());
        return line(prefix).orElseThrow(() -> new AssertionError("it ended first:\n" + text()));
    }

    /** Waits for its end. Returns its exit code. */
    int awaitEnd(Duration timeout) throws InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + timeout + ":\n" + text());
        }
        return process.exitValue();
    }

    Optional<String> line(String prefix) {
        return text().lines()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .findFirst();
    }

    String text() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
