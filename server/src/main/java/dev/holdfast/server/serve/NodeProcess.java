package dev.holdfast.server.serve;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import dev.holdfast.server.Main;
import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.PeerProcess;
import dev.holdfast.server.shell.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code holdfast node} as a child. What it prints is passed on, with its id before each line. It ends with its parent. */
final class NodeProcess {
    /** More than a node can be configured to allow itself; then it ends by itself. */
    private static final Duration STOP_TIMEOUT = Duration.ofMinutes(11);

    /** The configuration file or the command line sets these. */
    private static final List<String> NOT_INHERITED =
            List.of("HOLDFAST_ID", "HOLDFAST_DATA", "HOLDFAST_MEMBERS", "HOLDFAST_GROUPS", "HOLDFAST_HTTP_LISTEN");

    private final PeerProcess peer;

    private NodeProcess(PeerProcess peer) {
        this.peer = peer;
    }

    /** @param httpPort where it serves HTTP; 0 for nowhere */
    static NodeProcess start(Member member, Path config, int httpPort) throws IOException {
        PeerProcess peer = new PeerProcess(
                member,
                ChildJvm.plan("node " + member.id(), Main.class)
                        .jvmOptions("-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError")
                        .jvmOptions(ChildJvm.COMPILES_EARLY)
                        .sharingClasses()
                        .arguments(
                                "node",
                                "--config",
                                config.toString(),
                                "-Dholdfast.id=" + member.id(),
                                "-Dholdfast.http.listen="
                                        + (httpPort == 0 ? "" : new HostPort(member.host(), httpPort)),
                                "--until-stdin-ends")
                        .notInheriting(NOT_INHERITED)
                        .output(line -> pass(member, line, System.out))
                        .errors(line -> pass(member, line, System.err)));
        peer.start();
        return new NodeProcess(peer);
    }

    private static void pass(Member member, String line, PrintStream to) {
        to.println(member.id() + " | " + line);
    }

    String id() {
        return peer.id();
    }

    /** Completes when it says that it is ready, in the one line of its standard output. */
    CompletableFuture<String> ready() {
        return peer.jvm().ready();
    }

    /** Completes with its exit code. */
    CompletableFuture<Integer> ended() {
        return peer.jvm().ended();
    }

    /**
     * Stops them, one after the other, and waits for each.
     *
     * @return whether all ended cleanly
     */
    static boolean stop(List<NodeProcess> nodes) throws InterruptedException {
        boolean cleanly = true;
        for (NodeProcess node : nodes) {
            cleanly &= node.stop() == ExitCode.DONE;
        }
        return cleanly;
    }

    private int stop() throws InterruptedException {
        ChildJvm jvm = peer.jvm();
        jvm.terminate();
        try {
            return jvm.awaitEnd(STOP_TIMEOUT);
        } catch (IOException e) {
            jvm.kill();
            return ExitCode.FAILED;
        }
    }
}
