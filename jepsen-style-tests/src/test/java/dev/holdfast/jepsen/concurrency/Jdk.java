package dev.holdfast.jepsen.concurrency;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A JDK on this machine. */
record Jdk(Path home, int feature) {
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");
    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

    /** The newest among this JVM's, those that {@code JAVA_HOME} and {@code JAVA_HOME_*} name, and those in the usual place. */
    static Optional<Jdk> newest() throws IOException {
        try (Stream<Path> candidates = Stream.concat(named(), installed())) {
            return candidates.map(Jdk::at).filter(Objects::nonNull).max(Comparator.comparingInt(Jdk::feature));
        }
    }

    private static Stream<Path> named() {
        Stream<String> homes = System.getenv().entrySet().stream()
                .filter(variable -> variable.getKey().matches("JAVA_HOME(_\\w+)?"))
                .map(variable -> variable.getValue());
        return Stream.concat(Stream.of(System.getProperty("java.home")), homes).map(Path::of);
    }

    private static Stream<Path> installed() throws IOException {
        return Files.isDirectory(INSTALLED) ? Files.list(INSTALLED) : Stream.empty();
    }

    private static @Nullable Jdk at(Path home) {
        try {
            Matcher version = VERSION.matcher(Files.readString(home.resolve("release")));
            boolean runs = Files.isExecutable(home.resolve("bin/java"));
            return runs && version.find() ? new Jdk(home, Integer.parseInt(version.group(1))) : null;
        } catch (IOException notAJdk) {
            return null;
        }
    }

    String java() {
        return home.resolve("bin/java").toString();
    }
}
