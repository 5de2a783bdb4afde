package dev.holdfast.server.demo;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.Folders;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Three peers as child processes, on free loopback ports, with their data in a temporary folder. Processes and folder are
 * gone after {@link #close}, which a shutdown hook calls too.
 */
final class DemoCluster implements AutoCloseable {
    private static final List<String> IDS = List.of("a", "b", "c");
    private static final int TRIES = 3;
    private static final long START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Path folder = Files.createTempDirectory("holdfast-demo-");
    private final List<DemoPeer> peers = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread hook = new Thread(this::closeAtExit, "clean-up");

    private DemoCluster() throws IOException {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts it, and waits for its first leader. */
    static DemoCluster start() throws IOException, InterruptedException {
        DemoCluster cluster = new DemoCluster();
        try {
            cluster.startPeers();
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Another process may take a port between its being found and used; then starts again with other ports. */
    private void startPeers() throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            List<Member> members = LoopbackMembers.find(IDS);
            Path data = Files.createDirectory(folder.resolve("try-" + attempt));
            for (Member member : members) {
                peers.add(DemoPeer.start(member, members, data));
            }
            if (awaitStart()) {
                return;
            }
            if (attempt == TRIES) {
                throw new SceneFailedException("the peers did not start:" + lastLogs());
            }
            killPeers();
            peers.clear();
        }
    }

    private boolean awaitStart() throws InterruptedException {
        long began = System.nanoTime();
        while (!peers.stream().allMatch(DemoPeer::isReady) || leader().isEmpty()) {
            boolean oneDied = !peers.stream().allMatch(DemoPeer::isAlive);
            if (oneDied || System.nanoTime() - began > START_TIMEOUT_NANOS) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }

    List<DemoPeer> peers() {
        return peers;
    }

    List<HostPort> clientAddresses() {
        return peers.stream().map(DemoPeer::clientAddress).toList();
    }

    /** The peer that says that it leads. */
    Optional<DemoPeer> leader() {
        return peers.stream().filter(DemoPeer::isLeader).findFirst();
    }

    /** What the peers logged last, to find out what went wrong. */
    String lastLogs() {
        StringBuilder text = new StringBuilder();
        for (DemoPeer peer : peers) {
            for (String line : peer.lastLog()) {
                text.append(System.lineSeparator())
                        .append("     peer ")
                        .append(peer.id())
                        .append(": ")
                        .append(line);
            }
        }
        return text.toString();
    }

    private void killPeers() {
        ChildJvm.killAll(peers.stream().map(DemoPeer::jvm).toList());
    }

    @Override
    public void close() throws IOException {
        if (closed.getAndSet(true)) {
            return;
        }
        try {
            killPeers();
        } finally {
            Folders.delete(folder);
            forgetHook();
        }
    }

    private void closeAtExit() {
        try {
            close();
        } catch (IOException | RuntimeException e) {
            System.err.println("holdfast: could not clean up " + folder + ": " + e);
        }
    }

    private void forgetHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is going down: this is the hook.
        }
    }
}
