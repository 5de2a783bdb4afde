package dev.holdfast.bench.cluster;

import java.util.List;

/**
 * The settings of all peers of a cluster.
 *
 * @param groups over how many Raft groups the locks are spread
 * @param snapshotEvery how many log entries lie between two snapshots; 0 for the default
 * @param tls whether they talk to each other and to clients over TLS
 */
public record PeerSettings(int groups, long snapshotEvery, boolean tls) {
    List<String> arguments() {
        return List.of(String.valueOf(groups), String.valueOf(snapshotEvery));
    }
}
