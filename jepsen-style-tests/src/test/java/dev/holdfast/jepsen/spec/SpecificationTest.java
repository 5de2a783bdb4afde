package dev.holdfast.jepsen.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tlc2.TLC;

/** Runs TLC on every configuration of the specifications: some must pass, and some must fail. */
@Tag("long")
class SpecificationTest {
    private static final Path SPEC = Path.of("spec");
    private static final Pattern STATES = Pattern.compile("(\\d+) distinct states found, 0 states left");
    private static final Pattern BROKEN = Pattern.compile("Invariant (\\w+) is violated");
    private static final int MINUTES_MAX = 20;

    @TempDir
    Path folder;

    static Stream<Path> pass() throws IOException {
        return configurations("pass");
    }

    static Stream<Path> soak() throws IOException {
        return configurations("soak");
    }

    static Stream<Path> fail() throws IOException {
        return configurations("fail");
    }

    private static Stream<Path> configurations(String kind) throws IOException {
        try (Stream<Path> files = Files.list(SPEC.resolve(kind))) {
            List<Path> sorted = files.sorted().toList();
            assertThat(sorted).isNotEmpty();
            return sorted.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pass")
    void the_specification_holds(Path configuration) throws Exception {
        assertHolds(configuration);
    }

    @ParameterizedTest
    @MethodSource("soak")
    @Tag("soak")
    void the_specification_holds_in_larger_worlds(Path configuration) throws Exception {
        assertHolds(configuration);
    }

    private void assertHolds(Path configuration) throws Exception {
        String output = check(configuration);
        Matcher states = STATES.matcher(output);
        assertThat(output).contains("No error has been found");
        assertThat(states.find()).as("a count of states in %s", output).isTrue();
        System.out.println("SpecificationTest: " + configuration + " holds in " + states.group(1) + " states");
        assertThat(states.group(1)).isEqualTo(promise(configuration, "Distinct states: "));
    }

    @ParameterizedTest
    @MethodSource("fail")
    void a_defect_is_found(Path configuration) throws Exception {
        String output = check(configuration);
        Matcher broken = BROKEN.matcher(output);
        assertThat(broken.find())
                .as("an invariant that is broken in %s", output)
                .isTrue();
        String[] promise = promise(configuration, "Must break ").split(": ", 2);
        assertThat(broken.group(1)).isEqualTo(promise[0]);
        if (promise.length > 1) {
            assertThat(output).contains("\"" + promise[1] + "\"");
        }
    }

    /** What the first line of the configuration says. */
    private static String promise(Path configuration, String what) throws IOException {
        String line = Files.readAllLines(configuration).get(0);
        assertThat(line).startsWith("\\* " + what);
        return line.substring(3 + what.length());
    }

    /** The module's name begins that of the configuration, unless it is of the lock. */
    private static String module(Path configuration) {
        String name = configuration.getFileName().toString();
        if (name.startsWith("membership-")) {
            return "Membership.tla";
        }
        return name.startsWith("birth-") ? "Birth.tla" : "Lock.tla";
    }

    /** TLC exits its JVM, so it gets one of its own. */
    private String check(Path configuration) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseParallelGC",
                        "-XX:TieredStopAtLevel=" + (configuration.startsWith(SPEC.resolve("fail")) ? 1 : 4),
                        "-Xmx1g",
                        "-cp",
                        Path.of(TLC.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .getPath())
                                .toString(),
                        TLC.class.getName(),
                        "-workers",
                        "2",
                        "-metadir",
                        folder.resolve("states").toString(),
                        "-config",
                        configuration.toString(),
                        SPEC.resolve(module(configuration)).toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }
}
