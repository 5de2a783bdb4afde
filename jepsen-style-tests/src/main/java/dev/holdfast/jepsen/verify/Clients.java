package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.cluster.RealCluster;
import dev.holdfast.jepsen.cluster.Release;
import dev.holdfast.jepsen.history.HistoryFile;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.workload.Kind;
import dev.holdfast.jepsen.workload.Workload;
import dev.holdfast.jepsen.workload.WorkloadPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** All callers of a trial: some in processes of their own, some beside each peer, in its process. */
final class Clients implements AutoCloseable {
    private static final int PROCESSES_PER_GROUP = 1_000_000;
    private static final int GROUPS = 2;
    private static final int CALLERS = 2;
    private static final int POLL_MS = 20;

    private final Kind kind;
    private final RealCluster cluster;
    private final long seed;
    private final List<Path> folders = new ArrayList<>();
    private final String database;
    private final List<ClientGroup> groups = new ArrayList<>();
    private final Set<Peer> embedding = new HashSet<>();
    private int made;

    private Clients(Kind kind, RealCluster cluster, long seed, Path folder, String database) {
        this.kind = kind;
        this.cluster = cluster;
        this.seed = seed;
        folders.add(folder);
        this.database = database;
    }

    /** @param folder empty; for their histories */
    static Clients start(Kind kind, RealCluster cluster, long seed, Path folder, String database)
            throws IOException, InterruptedException {
        Clients clients = new Clients(kind, cluster, seed, folder, database);
        clients.revive();
        return clients;
    }

    /** Where the histories are of those that are at work now. */
    private Path folder() {
        return folders.get(folders.size() - 1);
    }

    /** Where the histories are: those of each cluster in a folder of their own. */
    List<Path> folders() {
        return List.copyOf(folders);
    }

    /** All have {@linkplain #stop() stopped}. Those that come next have another cluster to do with, and other keys. */
    void beginAnew() throws IOException {
        groups.clear();
        embedding.clear();
        folders.add(Files.createDirectories(folders.get(0).resolve("restored-" + folders.size())));
    }

    Kind kind() {
        return kind;
    }

    /** The processes of thin clients that are up. */
    List<ClientGroup> groups() {
        return List.copyOf(groups);
    }

    private WorkloadPlan nextPlan(int callers) {
        return new WorkloadPlan(kind, callers, seed, PROCESSES_PER_GROUP * made++, folder(), database);
    }

    /** Replaces the callers that were killed. */
    void revive() throws IOException, InterruptedException {
        groups.removeIf(group -> !group.isUp());
        while (groups.size() < GROUPS) {
            // If the cluster began with an older release, some of its clients have that, too.
            Release release = made % 2 == 0 ? Release.present() : cluster.plan().release();
            groups.add(ClientGroup.start(release, cluster.servers(), nextPlan(CALLERS)));
        }
        for (Peer peer : cluster.peers()) {
            if (!peer.isUp()) {
                embedding.remove(peer);
            } else if (!peer.isPaused() && embedding.add(peer)) {
                cluster.embed(peer, nextPlan(1));
            }
        }
    }

    /** The peer is about to be killed, and its callers with it. */
    void forget(Peer peer) {
        embedding.remove(peer);
    }

    long grants() throws IOException {
        return Workload.grants(folder());
    }

    /** Waits for that many more grants. */
    void awaitGrants(int more, Duration timeout) throws IOException, InterruptedException {
        long wanted = grants() + more;
        long deadline = System.nanoTime() + timeout.toNanos();
        while (grants() < wanted) {
            if (System.nanoTime() - deadline >= 0) {
                throw new IOException("fewer than " + more + " grants in " + timeout.toSeconds() + " s");
            }
            Thread.sleep(POLL_MS);
        }
    }

    /** Waits until all have finished what they were doing. */
    void stop() throws IOException, InterruptedException {
        for (ClientGroup group : groups) {
            group.askToStop();
        }
        for (Peer peer : embedding) {
            cluster.endEmbedded(peer);
        }
        for (ClientGroup group : groups) {
            group.awaitStopped();
        }
    }

    /** All operations of the histories in that folder. */
    static List<Operation> history(Path folder) throws IOException {
        List<Operation> history = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".history")).toList()) {
                history.addAll(HistoryFile.read(file));
            }
        }
        return history;
    }

    @Override
    public void close() {
        groups.forEach(ClientGroup::kill);
    }
}
