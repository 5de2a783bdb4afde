package dev.holdfast.client.remote;

import java.time.Instant;

/**
 * What a backup of one group is of.
 *
 * @param clusterId the cluster's id
 * @param clusterName what the cluster is called in the configuration of its members
 * @param peerId the peer that led the group
 * @param version its release
 * @param group the number of the group, from 0
 * @param groups how many groups the cluster has
 * @param appliedIndex the entry of the group's log up to which the state has applied it
 * @param lastToken the highest token that was granted by then; 0 if none was
 * @param takenAt when the state was taken, by the clock of that peer
 */
public record GroupBackup(
        String clusterId,
        String clusterName,
        String peerId,
        String version,
        int group,
        int groups,
        long appliedIndex,
        long lastToken,
        Instant takenAt) {}
