package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.node.Member;
import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tarball that {@code mvn package} makes, unpacked and used. */
class DistributionIT {
    @TempDir
    Path folder;

    private Path home;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void unpack() throws Exception {
        Path tarball = Path.of(System.getProperty("holdfast.distribution"));
        assertThat(tarball).describedAs("made by 'mvn package'").exists();
        assertThat(run("tar", "-xzf", tarball.toString())).isEmpty();
        home = folder.resolve(tarball.getFileName().toString().replace(".tar.gz", ""));
    }

    @AfterEach
    void stop_all() {
        started.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
        started.forEach(Process::destroyForcibly);
    }

    private Process start(Path output, String... command) throws IOException {
        return start(output, Map.of(), command);
    }

    private Process start(Path output, Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(CommandProcess.PATIENT);
        // Nothing is to be made in the background.
        builder.environment().putIfAbsent("HOLDFAST_CLASS_ARCHIVE", "off");
        Process process = builder.redirectOutput(output.toFile()).start();
        started.add(process);
        return process;
    }

    /** Runs it to a good end, and returns what it printed. */
    private String run(String... command) throws Exception {
        Path output = Files.createTempFile(folder, "output", ".txt");
        int exitCode = awaitExitCode(start(output, command));
        String printed = Files.readString(output);
        assertThat(exitCode).describedAs(printed).isZero();
        return printed;
    }

    private static int awaitExitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(CommandProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        return process.exitValue();
    }

    @Test
    void it_has_the_launcher_the_jars_samples_and_documents() throws Exception {
        assertThat(home.resolve("bin/holdfast")).isExecutable();
        assertThat(home.resolve("LICENSE")).isNotEmptyFile();
        assertThat(home.resolve("conf/all-settings.conf")).isNotEmptyFile();
        assertThat(home.resolve("conf/holdfast.service")).isNotEmptyFile();
        assertThat(home.resolve("docs/operations.md")).isNotEmptyFile();
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()))
                    .anyMatch(name -> name.startsWith("holdfast-server-"))
                    .anyMatch(name -> name.startsWith("logback-classic-"))
                    .noneMatch(name -> name.startsWith("junit") || name.endsWith("-tests.jar"));
        }
    }

    @Test
    @Tag("long")
    void it_makes_an_archive_of_classes_that_it_can_start_with() throws Exception {
        String holdfast = home.resolve("bin/holdfast").toString();

        assertThat(run("sh", "-c", "HOLDFAST_CLASS_ARCHIVE=make exec \"$0\" --version", holdfast))
                .startsWith("holdfast ");

        try (Stream<Path> files = Files.list(home.resolve("lib"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .filteredOn(name -> name.startsWith("classes-"))
                    .singleElement()
                    .asString()
                    .endsWith(".jsa");
        }
        assertThat(run("sh", "-c", "HOLDFAST_CLASS_ARCHIVE= exec \"$0\" --version", holdfast))
                .startsWith("holdfast ");
    }

    @Test
    void it_runs_a_cluster_and_takes_a_lock_of_it() throws Exception {
        // Links to the launcher work, too, and links to those.
        Path link = Files.createSymbolicLink(folder.resolve("link"), home.resolve("bin/holdfast"));
        Path holdfast = Files.createSymbolicLink(folder.resolve("link-to-a-link"), link.getFileName());
        List<Member> members = LoopbackMembers.find(List.of("a", "b", "c"));
        Path output = folder.resolve("cluster.txt");
        Process cluster = start(
                output,
                Map.of("JDK_JAVA_OPTIONS", String.join(" ", ChildJvm.SHORT_LIVED)),
                holdfast.toString(),
                "cluster",
                "--data",
                "data",
                "--members",
                members.stream().map(Member::toString).collect(Collectors.joining(",")));
        await().atMost(CommandProcess.PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(output)).contains("holdfast cluster ready"));

        String servers = "127.0.0.1:" + members.get(0).clientPort();
        assertThat(run(
                        holdfast.toString(),
                        "lock",
                        "--servers",
                        servers,
                        "--timeout",
                        "2m",
                        "order:42",
                        "--",
                        "sh",
                        "-c",
                        "echo key=$HOLDFAST_KEY token=$HOLDFAST_TOKEN"))
                .matches("key=order:42 token=[0-9]+\n");

        cluster.destroy();
        assertThat(awaitExitCode(cluster)).describedAs(Files.readString(output)).isZero();
    }
}
