package dev.holdfast.jepsen.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which cluster to start.
 *
 * @param peers how many
 * @param groups over how many Raft groups the locks are spread
 * @param network how they reach each other
 * @param snapshotEvery log entries between two snapshots: few, so that a short run has snapshots and installs
 * @param logKept log entries kept behind a snapshot
 * @param environment what is added to each peer's environment; {@code {peer}} in a value is its id, {@code {folder}}
 *     its data folder
 * @param jvmArguments what is added to each peer's command line
 * @param release what the peers run at first
 * @param tls whether members and clients prove by certificates who they are, and talk over TLS
 */
public record ClusterPlan(
        int peers,
        int groups,
        PeerNetwork.Kind network,
        long snapshotEvery,
        long logKept,
        Map<String, String> environment,
        List<String> jvmArguments,
        Release release,
        boolean tls) {

    public ClusterPlan {
        environment = Map.copyOf(environment);
        jvmArguments = List.copyOf(jvmArguments);
        if (peers < 1) {
            throw new IllegalArgumentException("a cluster of " + peers);
        }
    }

    /** That many peers on loopback, with a snapshot every 1000 entries. */
    public static ClusterPlan of(int peers) {
        return new ClusterPlan(
                peers, 1, PeerNetwork.Kind.LOOPBACK, 1000, 100, Map.of(), List.of(), Release.present(), false);
    }

    /** The same, with its locks spread over that many groups. */
    public ClusterPlan groups(int number) {
        return new ClusterPlan(peers, number, network, snapshotEvery, logKept, environment, jvmArguments, release, tls);
    }

    /** The same, of peers that begin with that release. */
    public ClusterPlan of(Release other) {
        return new ClusterPlan(peers, groups, network, snapshotEvery, logKept, environment, jvmArguments, other, tls);
    }

    /** The same, over TLS, with certificates for members and clients. */
    public ClusterPlan overTls() {
        return new ClusterPlan(
                peers, groups, network, snapshotEvery, logKept, environment, jvmArguments, release, true);
    }

    /** The same, each in a network namespace of its own: what partitions need. */
    public ClusterPlan inNamespaces() {
        return new ClusterPlan(
                peers,
                groups,
                PeerNetwork.Kind.NAMESPACES,
                snapshotEvery,
                logKept,
                environment,
                jvmArguments,
                release,
                tls);
    }

    /** The same, with faults of disk and clock at hand. */
    public ClusterPlan withNativeFaults() {
        Map<String, String> more = new HashMap<>(environment);
        more.putAll(NativeFaults.environment());
        return new ClusterPlan(peers, groups, network, snapshotEvery, logKept, more, jvmArguments, release, tls);
    }

    /** The same, of peers that end as soon as they are out of memory, as those that the launcher starts. */
    public ClusterPlan endingOutOfMemory() {
        return with("-XX:+ExitOnOutOfMemoryError");
    }

    /**
     * The same, of peers that are fit for very many holds: with twice as much memory, and the garbage collector that the launcher
     * gives to a node. The pauses of the one that starts fastest would be longer than an election takes.
     */
    public ClusterPlan large() {
        return with("-Xmx512m", "-XX:-UseSerialGC", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20");
    }

    private ClusterPlan with(String... more) {
        List<String> arguments = new ArrayList<>(jvmArguments);
        arguments.addAll(List.of(more));
        return new ClusterPlan(peers, groups, network, snapshotEvery, logKept, environment, arguments, release, tls);
    }

    /** The same, with other snapshots. */
    public ClusterPlan snapshots(long every, long kept) {
        return new ClusterPlan(peers, groups, network, every, kept, environment, jvmArguments, release, tls);
    }
}
