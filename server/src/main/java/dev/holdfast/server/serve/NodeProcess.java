package dev.holdfast.server.serve;

import dev.holdfast.server.Main;
import dev.holdfast.server.shell.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code holdfast node} as a child. What it says is passed on, with its id before each line. It ends with its parent. */
final class NodeProcess {
    /** More than the node allows itself. */
    private static final long STOP_TIMEOUT_S = 20;

    /** What the configuration file, or the command line, says here. */
    private static final List<String> NOT_INHERITED =
            List.of("HOLDFAST_ID", "HOLDFAST_DATA", "HOLDFAST_MEMBERS", "HOLDFAST_GROUPS");

    private final String id;
    private final Process process;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    private NodeProcess(String id, Process process) {
        this.id = id;
        this.process = process;
    }

    static NodeProcess start(String id, Path config) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "node",
                "--config",
                config.toString(),
                "-Dholdfast.id=" + id,
                "--until-stdin-ends");
        builder.environment().keySet().removeAll(NOT_INHERITED);
        Process process = builder.start();
        NodeProcess node = new NodeProcess(id, process);
        Daemons.start("output of " + id, () -> node.pass(process.getInputStream(), System.out));
        Daemons.start("errors of " + id, () -> node.pass(process.getErrorStream(), System.err));
        return node;
    }

    private void pass(InputStream from, PrintStream to) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                to.println(id + " | " + line);
                if (to == System.out) {
                    ready.complete(null);
                }
            }
        } catch (IOException e) {
            // It ends in the middle of a line if it is killed.
        }
    }

    String id() {
        return id;
    }

    /** Completes when it has said that it is ready: the one line of its standard output. */
    CompletableFuture<Void> ready() {
        return ready.copy();
    }

    /** Completes with its exit code. */
    CompletableFuture<Integer> ended() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /**
     * Tells them to stop, one after the other, and waits for each.
     *
     * @return whether all ended cleanly
     */
    static boolean stop(List<NodeProcess> nodes) throws InterruptedException {
        boolean cleanly = true;
        for (NodeProcess node : nodes) {
            node.process.destroy();
            if (!node.process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
                node.process.destroyForcibly().waitFor();
            }
            cleanly &= node.process.exitValue() == ExitCode.DONE;
        }
        return cleanly;
    }
}
