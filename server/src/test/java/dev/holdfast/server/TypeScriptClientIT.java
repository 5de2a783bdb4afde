package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code clients/typescript}, built and tested as its users would, against three peers that are processes. */
@Tag("long")
class TypeScriptClientIT {
    private static final Path SOURCES = Path.of("..", "clients", "typescript");

    /** What npm says when it is offline, or its registry is not there. */
    private static final Pattern UNREACHABLE =
            Pattern.compile("ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTCACHED"
                    + "|ERR_SOCKET_TIMEOUT|network");

    private static final int NODE_MIN = 20;

    @TempDir
    Path folder;

    /** What a command came to. */
    private record Ended(int code, String output) {}

    @Test
    void it_works_against_a_pretended_cluster_and_a_real_one_that_loses_a_peer() throws Exception {
        for (String program : List.of("node", "npm")) {
            if (run(Map.of(), program, "--version").code != 0) {
                skip(program + " is not installed");
            }
        }
        Ended version = run(Map.of(), "node", "--print", "process.versions.node.split('.')[0]");
        if (Integer.parseInt(version.output.strip()) < NODE_MIN) {
            skip("node is older than " + NODE_MIN);
        }
        copySources();
        Ended installed = run(Map.of(), "npm", "ci", "--ignore-scripts");
        if (installed.code != 0 && UNREACHABLE.matcher(installed.output).find()) {
            skip("npm cannot fetch the compiler: "
                    + installed.output.lines().findFirst().orElse(""));
        }
        assertThat(installed.code).as(installed.output).isZero();
        succeeds(Map.of(), "test");

        List<CommandProcess> peers = new ArrayList<>();
        try {
            List<String> addresses = start(peers);
            peers.forEach(peer -> peer.awaitOut(" ready: "));
            succeeds(
                    Map.of(
                            "HOLDFAST_HTTP",
                            String.join(",", addresses),
                            "HOLDFAST_PIDS",
                            peers.stream()
                                    .map(peer -> String.valueOf(peer.handle().pid()))
                                    .collect(Collectors.joining(","))),
                    "run",
                    "test:cluster");
        } finally {
            peers.forEach(CommandProcess::close);
        }
    }

    private static void skip(String why) {
        System.out.println("SKIPPED TypeScriptClientIT: " + why);
        abort(why);
    }

    /** Without what a build by hand has left there. */
    private void copySources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path relative = SOURCES.relativize(file);
                if (relative.startsWith("node_modules") || relative.startsWith("dist")) {
                    continue;
                }
                Path to = folder.resolve("typescript").resolve(relative.toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
    }

    /** Three of them. Returns where they serve HTTP. */
    private List<String> start(List<CommandProcess> peers) throws IOException {
        List<Member> members = LoopbackMembers.find(List.of("a", "b", "c"));
        List<Integer> ports = FreePorts.find(members.size());
        Path config = Files.writeString(
                folder.resolve("node.conf"),
                "holdfast.members = \"" + members.stream().map(Member::toString).collect(Collectors.joining(","))
                        + "\"\nholdfast.data = ${holdfast.id}\n");
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            String http = members.get(i).host() + ":" + ports.get(i);
            peers.add(CommandProcess.start(
                    "node",
                    "--config",
                    config,
                    "-Dholdfast.id=" + members.get(i).id(),
                    "-Dholdfast.http.listen=" + http));
            addresses.add("http://" + http);
        }
        return addresses;
    }

    private void succeeds(Map<String, String> environment, String... script) throws Exception {
        Ended ended = run(
                environment, Stream.concat(Stream.of("npm"), Stream.of(script)).toArray(String[]::new));
        assertThat(ended.code).as(ended.output).isZero();
        // Node says so, too, when it has found no test.
        assertThat(ended.output).containsPattern("# pass [1-9]").contains("# skipped 0");
    }

    private Ended run(Map<String, String> environment, String... command) throws Exception {
        Path sources = Files.createDirectories(folder.resolve("typescript"));
        File output = folder.resolve("output").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(sources.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output);
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException notThere) {
            return new Ended(-1, notThere.toString());
        }
        try {
            assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
            return new Ended(process.exitValue(), Files.readString(output.toPath()));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
