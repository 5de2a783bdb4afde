package dev.holdfast.bench.cluster;

import java.util.List;

/**
 * What all peers of a cluster are told.
 *
 * @param groups over how many Raft groups the locks are spread
 * @param snapshotEvery how many log entries between two snapshots; 0 for the default
 */
public record PeerSettings(int groups, long snapshotEvery) {
    List<String> arguments() {
        return List.of(String.valueOf(groups), String.valueOf(snapshotEvery));
    }
}
