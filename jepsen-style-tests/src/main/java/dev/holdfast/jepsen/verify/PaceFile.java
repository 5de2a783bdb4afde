package dev.holdfast.jepsen.verify;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** What a {@link Pace} remembers from one run to the next: in the user's cache, where it may be deleted at any time. */
final class PaceFile {
    private final Path file;

    PaceFile(Path file) {
        this.file = file;
    }

    static PaceFile ofUser() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path folder =
                cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return new PaceFile(folder.resolve("holdfast").resolve("verify-steps.properties"));
    }

    /** Nothing if it is not there, or not as it should be. */
    Map<String, Double> read() {
        Map<String, Double> seconds = new HashMap<>();
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
            for (String step : properties.stringPropertyNames()) {
                double value = Double.parseDouble(properties.getProperty(step));
                if (value >= 0 && Double.isFinite(value)) {
                    seconds.put(step, value);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            // An estimate is no reason to fail.
            return Map.of();
        }
        return seconds;
    }

    /** Does nothing if it cannot be written. */
    void write(Map<String, Double> seconds) {
        Properties properties = new Properties();
        seconds.forEach((step, value) -> properties.setProperty(step, Plot.format("%.2f", value)));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path written = Files.createTempFile(file.toAbsolutePath().getParent(), "verify-steps", ".tmp");
            try (Writer writer = Files.newBufferedWriter(written)) {
                properties.store(writer, "How many seconds the steps of holdfast verify took here. May be deleted.");
            }
            Files.move(written, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // As above.
        }
    }
}
