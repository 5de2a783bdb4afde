package dev.holdfast.node.internal.port;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a port serves: one group of the cluster.
 *
 * @param cluster the cluster's id; empty while there is none
 * @param clusterName what the cluster is called; empty if clients are not to be told
 * @param door what answers, at this peer alone
 * @param leader who leads, in the belief of this peer
 * @param members where clients reach the members of the cluster, as this peer knows them; empty if it does not. Never blocks
 */
record Served(
        Supplier<String> cluster,
        String clusterName,
        String peerId,
        Door door,
        Supplier<@Nullable LeaderHint> leader,
        Supplier<List<HostPort>> members) {
    /** The cluster's id; empty while there is none. */
    String clusterId() {
        return cluster.get();
    }

    /** The cluster, for people to read. */
    String description() {
        return clusterName.isEmpty()
                ? "cluster '" + clusterId() + "'"
                : "cluster '" + clusterName + "' (" + clusterId() + ")";
    }
}
