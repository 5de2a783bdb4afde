package dev.holdfast.server.demo;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Three peers as child processes, on free loopback ports, with their data in a temporary folder. Processes and folder are
 * gone after {@link #close}, which a shutdown hook calls too.
 */
final class DemoCluster implements AutoCloseable {
    private static final List<String> IDS = List.of("a", "b", "c");
    private static final int TRIES = 3;
    private static final long START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Path folder = Files.createTempDirectory("holdfast-demo-");
    private final List<PeerProcess> peers = new CopyOnWriteArrayList<>();
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

    /** Somebody may take a port between finding and using it; then all is begun again with others. */
    private void startPeers() throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            List<Member> members = members();
            Path data = Files.createDirectory(folder.resolve("try-" + attempt));
            for (Member member : members) {
                peers.add(PeerProcess.start(member, members, data));
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

    private static List<Member> members() throws IOException {
        List<Integer> ports = FreePorts.find(2 * IDS.size());
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < IDS.size(); i++) {
            members.add(new Member(IDS.get(i), "127.0.0.1", ports.get(2 * i), ports.get(2 * i + 1)));
        }
        return members;
    }

    private boolean awaitStart() throws InterruptedException {
        long began = System.nanoTime();
        while (!peers.stream().allMatch(PeerProcess::isReady) || leader().isEmpty()) {
            boolean oneDied = !peers.stream().allMatch(PeerProcess::isAlive);
            if (oneDied || System.nanoTime() - began > START_TIMEOUT_NANOS) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }

    List<PeerProcess> peers() {
        return peers;
    }

    List<HostPort> clientAddresses() {
        return peers.stream().map(PeerProcess::clientAddress).toList();
    }

    /** The peer that says that it leads. */
    Optional<PeerProcess> leader() {
        return peers.stream().filter(PeerProcess::isLeader).findFirst();
    }

    /** What the peers logged last, for a reader who wonders. */
    String lastLogs() {
        StringBuilder text = new StringBuilder();
        for (PeerProcess peer : peers) {
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
        peers.forEach(PeerProcess::killNow);
        peers.forEach(PeerProcess::kill);
    }

    @Override
    public void close() throws IOException {
        if (closed.getAndSet(true)) {
            return;
        }
        try {
            killPeers();
        } finally {
            delete(folder);
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

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
