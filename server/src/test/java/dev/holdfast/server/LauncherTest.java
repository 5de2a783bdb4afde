package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.server.process.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher's own part, in a distribution without jars and with a script in place of the JVM. */
class LauncherTest {
    /** It takes the place of the JVM that makes the archive, too: the last argument is the file. */
    private static final String MAKES_AN_ARCHIVE =
            "for last; do :; done; case $* in *ClassArchive*) echo made >\"$last\" ;; *) printf '%s\\n' \"$@\" ;; esac";

    @TempDir
    Path folder;

    private Path home;
    private Path java;
    private Path launcher;

    @BeforeEach
    void make_a_distribution() throws IOException {
        home = folder.resolve("home");
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("lib"));
        Files.createFile(home.resolve("lib/holdfast-server-1.jar"));
        launcher = home.resolve("bin/holdfast");
        Files.copy(Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."), "holdfast"), launcher);
        java = folder.resolve("jdk/bin/java");
        Files.createDirectories(java.getParent());
        release("17.0.1");
        java("printf '%s\\n' \"$@\"");
        executable(launcher);
    }

    private void release(String version) throws IOException {
        Files.writeString(folder.resolve("jdk/release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    }

    /** What the JVM does in this test. */
    private void java(String script) throws IOException {
        Files.writeString(java, "#!/bin/sh\n" + script + "\n");
        executable(java);
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> run(String archive, String shellCommand) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-c", shellCommand, "bash", launcher.toString()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().put("HOLDFAST_CLASS_ARCHIVE", archive);
        Process process = builder.start();
        List<String> lines = process.inputReader().lines().toList();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return lines;
    }

    @Test
    void a_node_gets_the_options_of_a_server_and_other_commands_those_for_a_fast_start() throws Exception {
        assertThat(run("off", "\"$1\" node --config x"))
                .contains("-XX:+ExitOnOutOfMemoryError", "node", "--config", "x")
                .containsAll(ChildJvm.COMPILES_EARLY)
                .doesNotContain("-XX:TieredStopAtLevel=1");
        assertThat(run("off", "\"$1\" lock k -- 'two words'"))
                .contains("-XX:TieredStopAtLevel=1", "lock", "k", "--", "two words")
                .doesNotContain("-XX:+ExitOnOutOfMemoryError");
    }

    @Test
    void it_builds_again_when_any_module_that_the_commands_consist_of_has_changed() throws Exception {
        String modules = Files.readAllLines(Path.of("../holdfast")).stream()
                .filter(line -> line.startsWith("modules=("))
                .findFirst()
                .orElseThrow();
        Pattern ours = Pattern.compile("([a-z]+)/target/(classes|holdfast-[^/]*(?<!-tests)\\.jar)$");
        List<String> used = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> ours.matcher(entry.replace(File.separatorChar, '/')))
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                // Tests use it, and no command does.
                .filter(module -> !module.equals("testkit"))
                .toList();

        assertThat(used).contains("server", "http");
        assertThat(modules.substring("modules=(".length(), modules.indexOf(')')).split(" "))
                .containsExactlyInAnyOrderElementsOf(used);
    }

    @Test
    void a_java_that_is_too_old_is_passed_over_and_its_version_is_read_without_starting_it() throws Exception {
        release("11.0.2");
        Path onPath = Files.createDirectories(folder.resolve("path")).resolve("java");
        // This one has no file to read its version from.
        Files.writeString(onPath, "#!/bin/sh\necho '    java.specification.version = 12'\n");
        executable(onPath);

        assertThat(run("off", "PATH=\"" + onPath.getParent() + ":$PATH\" \"$1\" status"))
                .singleElement()
                .asString()
                .contains("17 or newer", "is version 11", "is version 12");
        release("25-ea");
        assertThat(run("off", "\"$1\" status")).contains("status");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- 2>&-", "<&- >&- 2>&-"})
    void descriptors_that_are_closed_are_no_files_of_the_jvm(String closed) throws Exception {
        assumeThat(Path.of("/proc/self/fd")).exists();
        // Of what is still open, the test does not say where it leads.
        java("for fd in 0 1 2; do echo \"$(readlink /proc/$$/fd/$fd || echo none)\" >>'" + folder + "/open'; done");

        run("off", "\"$1\" status " + closed);

        assertThat(Files.readAllLines(folder.resolve("open")))
                .hasSize(3)
                .allMatch(file -> file.equals("/dev/null") || file.startsWith("pipe:"));
    }

    @Test
    void an_archive_is_made_once_and_used_from_then_on() throws Exception {
        java(MAKES_AN_ARCHIVE);

        List<String> first = run("make", "\"$1\" status");
        List<String> second = run("", "\"$1\" status");

        assertThat(first)
                .filteredOn(option -> option.startsWith("-XX:SharedArchiveFile=" + home))
                .hasSize(1);
        assertThat(second).isEqualTo(first);
        try (var files = Files.list(home.resolve("lib"))) {
            assertThat(files).hasSize(2);
        }
        // Of other jars: the old one goes.
        Files.writeString(home.resolve("lib/other.jar"), "x");
        assertThat(run("make", "\"$1\" status")).isNotEqualTo(first);
        try (var files = Files.list(home.resolve("lib"))) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void a_node_uses_an_archive_that_is_there_and_has_none_made_unless_told_so() throws Exception {
        java(MAKES_AN_ARCHIVE);

        assertThat(run("", "\"$1\" node")).contains("node").noneMatch(option -> option.contains("rchive"));
        try (var files = Files.list(home.resolve("lib"))) {
            assertThat(files).hasSize(1);
        }
        List<String> made = run("make", "\"$1\" node");
        assertThat(made)
                .filteredOn(option -> option.startsWith("-XX:SharedArchiveFile=" + home))
                .hasSize(1);
        assertThat(run("", "\"$1\" node")).isEqualTo(made);
        assertThat(run("", "\"$1\" cluster"))
                .anyMatch(option -> option.startsWith("-Ddev.holdfast.class-archive=" + home));
        assertThat(run("off", "\"$1\" node")).noneMatch(option -> option.contains("rchive"));
    }

    @Test
    void an_archive_that_cannot_be_made_is_done_without() throws Exception {
        java("case $* in *ClassArchive*) exit 1 ;; *) printf '%s\\n' \"$@\" ;; esac");

        assertThat(run("make", "\"$1\" status"))
                .contains("status")
                .anyMatch(line -> line.contains("no archive of classes could be made"))
                .noneMatch(option -> option.contains("Archive"));
        // Nor is it tried again and again.
        java("case $* in *ClassArchive*) echo again ;; *) printf '%s\\n' \"$@\" ;; esac");
        assertThat(run("make", "\"$1\" status")).contains("status").noneMatch(option -> option.contains("Archive"));
    }
}
