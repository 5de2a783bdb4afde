package dev.holdfast.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that these tests run in. */
final class Repository {
    private static final List<String> MODULES = List.of(
            "protocol",
            "statemachine",
            "certs",
            "client",
            "node",
            "testkit",
            "http",
            "integrations/shedlock",
            "integrations/spring-integration",
            "integrations/spring",
            "integrations/spring-boot",
            "server",
            "jepsen-style-tests",
            "benchmarks",
            "docs");

    /** Maven runs tests in the folder of their module. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** Every page that people read. */
    static List<Path> pages() {
        List<Path> tops = Stream.of(
                        ROOT,
                        ROOT.resolve("jepsen-style-tests"),
                        ROOT.resolve("benchmarks"),
                        ROOT.resolve("clients/typescript"))
                .flatMap(folder -> files(folder, 1))
                .filter(Repository::isPage)
                .toList();
        return Stream.concat(tops.stream(), files(ROOT.resolve("docs"), 3).filter(Repository::isPage))
                .toList();
    }

    /** The Java sources of all modules, without tests. */
    static List<Path> sources() {
        return MODULES.stream()
                .map(module -> ROOT.resolve(module).resolve("src/main/java"))
                .filter(Files::isDirectory)
                .flatMap(folder -> files(folder, Integer.MAX_VALUE))
                .filter(file -> file.toString().endsWith(".java"))
                .toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String name(Path file) {
        return ROOT.relativize(file).toString();
    }

    private static boolean isPage(Path file) {
        return file.toString().endsWith(".md");
    }

    private static Stream<Path> files(Path folder, int depth) {
        try (Stream<Path> found = Files.walk(folder, depth)) {
            return found
                    .filter(file -> !file.toString().contains("/target/"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Repository() {}
}
