package dev.holdfast.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prometheus's own tool that looks for faults, where it is installed. */
public final class Promtool {
    public static final String MISSING = "there is no promtool on the path (Debian's package prometheus has it)";

    private static final String PROGRAM = "promtool";

    private Promtool() {}

    /** {@code null} if it is not there. */
    public static @Nullable Promtool find() {
        return Programs.isInstalled(PROGRAM) ? new Promtool() : null;
    }

    /** Checks files of that kind. */
    public void check(String what, String... files) throws IOException, InterruptedException {
        run(Stream.concat(Stream.of("check", what), Arrays.stream(files)).toList(), "");
    }

    /** Checks what a scraper is sent. */
    public void checkMetrics(String text) throws IOException, InterruptedException {
        run(List.of("check", "metrics"), text);
    }

    private void run(List<String> arguments, String input) throws IOException, InterruptedException {
        Path said = Files.createTempFile("promtool", ".txt");
        Path asked = Files.createTempFile("promtool-in", ".txt");
        try {
            Files.writeString(asked, input);
            Process process = new ProcessBuilder(Stream.concat(Stream.of(PROGRAM), arguments.stream())
                            .toList())
                    .redirectErrorStream(true)
                    .redirectInput(asked.toFile())
                    .redirectOutput(said.toFile())
                    .start();
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(said, StandardCharsets.UTF_8))
                    .isZero();
        } finally {
            Files.deleteIfExists(said);
            Files.deleteIfExists(asked);
        }
    }
}
