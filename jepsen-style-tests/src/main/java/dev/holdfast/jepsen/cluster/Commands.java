package dev.holdfast.jepsen.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs short commands of the system. */
public final class Commands {
    private static final int TIMEOUT_S = 30;

    /** What a command printed, both streams together, and how it ended. */
    public record Ended(int status, String output) {}

    /** @throws IOException if it cannot be started, ends with other than 0, or does not end */
    public static String run(String... command) throws IOException, InterruptedException {
        return run(List.of(command), "");
    }

    /** The same, with that text on its standard input. */
    public static String run(List<String> command, String input) throws IOException, InterruptedException {
        Ended ended = attempt(command, input);
        if (ended.status != 0) {
            throw new IOException(
                    String.join(" ", command) + " ended with " + ended.status + ": " + ended.output.strip());
        }
        return ended.output;
    }

    /** Like {@link #run(List, String)}, but the caller checks how it ended. */
    public static Ended attempt(List<String> command, String input) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output;
        try (InputStream out = process.getInputStream()) {
            output = new String(out.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " did not end in " + TIMEOUT_S + " s");
        }
        return new Ended(process.exitValue(), output);
    }

    /** Whether the search path has that program. */
    public static boolean exists(String program) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
        return Arrays.stream(path.split(":"))
                .filter(folder -> !folder.isEmpty())
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private Commands() {}
}
