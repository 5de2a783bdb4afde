package dev.holdfast.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.Member;
import dev.holdfast.server.Main;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node on a small file system of its own, which fills up before it starts and while it runs. */
@Tag("long")
class DiskFullAtStartIT {
    private static final String SCRIPT = """
            mount -t tmpfs -o size=40m tmpfs "$1" || exit 9
            node() { exec "$2" -Xmx256m -XX:+UseSerialGC -cp "$3" "$4" node --config "$5"; }
            fill() { head -c 100M /dev/zero > "$1/filler" 2>/dev/null; }
            start() {
              node "$@" > "$1.out" 2>&1 &
              pid=$!
              until grep -q ' ready: ' "$1.out"; do kill -0 $pid || { cat "$1.out"; exit 8; }; sleep 0.1; done
            }
            fill "$1"; (node "$@" 2>&1); echo "full before the first start: $?"
            rm "$1/filler"; start "$@"; fill "$1"; wait $pid; echo "full while it runs: $?"; cat "$1.out"
            (node "$@" 2>&1); echo "still full: $?"
            rm "$1/filler"; start "$@"; kill $pid; wait $pid; echo "no longer full: $?"
            """;

    @TempDir
    Path folder;

    @Test
    void it_says_so_in_one_line_and_starts_as_soon_as_there_is_space() throws Exception {
        Path mount = Files.createDirectory(folder.resolve("mount"));
        List<String> small = List.of("unshare", "-rm", "/bin/bash", "-c");
        if (!succeeds(small, "mount -t tmpfs tmpfs '" + mount + "'")) {
            System.out.println("SKIPPED: no file system can be mounted here");
            Assumptions.abort("no mounts");
        }
        Member member = LoopbackMembers.find(List.of("a")).get(0);
        Path config = Files.writeString(
                folder.resolve("node.conf"),
                "holdfast { id = a, members = \"" + member + "\", data = \"" + mount.resolve("a") + "\" }\n");
        ProcessBuilder script = new ProcessBuilder(List.of(
                        small.get(0),
                        small.get(1),
                        small.get(2),
                        small.get(3),
                        SCRIPT,
                        "script",
                        mount.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        config.toString()))
                .redirectErrorStream(true);
        // Java tells of it in a line of its own.
        script.environment().remove("JDK_JAVA_OPTIONS");
        Process process = script.start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();

        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(lines.get(0)).startsWith("holdfast: node a cannot start: the disk of the data folder " + mount);
        assertThat(lines.get(1)).isEqualTo("full before the first start: 74");
        assertThat(lines)
                .contains("full while it runs: 1", "still full: 74")
                .filteredOn(line -> line.contains(" ERROR "))
                .hasSize(1);
        assertThat(lines).endsWith("no longer full: 0");
    }

    private static boolean succeeds(List<String> command, String script) throws InterruptedException {
        try {
            return new ProcessBuilder(Stream.concat(command.stream(), Stream.of(script))
                                    .toList())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
