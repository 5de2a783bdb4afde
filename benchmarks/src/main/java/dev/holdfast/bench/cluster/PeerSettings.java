package dev.holdfast.bench.cluster;

import java.util.List;

/**
 * The settings of all peers of a cluster.
 *
 * @param groups over how many Raft groups the locks are spread
 * @param snapshotEvery how many log entries lie between two snapshots; 0 for the default
 */
public record PeerSettings(int groups, long snapshotEvery) {
    List<String> arguments() {
        return List.of(String.valueOf(groups), String.valueOf(snapshotEvery));
    }
}
