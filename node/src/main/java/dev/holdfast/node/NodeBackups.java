package dev.holdfast.node;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.BackupHeadProto;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.internal.access.Denial;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.port.BackupSource;
import dev.holdfast.node.internal.snapshot.BackupCapture;
import dev.holdfast.node.internal.transport.Refusals;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.NotLeading;
import dev.holdfast.node.leader.Replica;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Backups of the groups that this peer leads, for admins, one at a time of each group. Each is in the audit's log. See {@link
 * BackupSource}.
 */
final class NodeBackups implements BackupSource {
    private final Supplier<String> clusterId;
    private final String clusterName;
    private final String selfId;
    private final Path folder;
    private final List<Group> groups;
    private final Predicate<Principal> isAdmin;
    private final Refusals refusals;
    private final InstantSource clock;
    private final Set<Integer> underWay = ConcurrentHashMap.newKeySet();

    /** This peer's part in a group. */
    record Group(LocalLeader local, Replica replica) {}

    /**
     * Those of a peer.
     *
     * @param clusterId the cluster's id, once it has one
     * @param folder the peer's data folder, where a backup lies while it is sent
     * @param isAdmin who may have backups
     * @param refusals counts those who may not
     */
    NodeBackups(
            Supplier<String> clusterId,
            String clusterName,
            String selfId,
            Path folder,
            List<Group> groups,
            Predicate<Principal> isAdmin,
            Refusals refusals,
            InstantSource clock) {
        this.clusterId = clusterId;
        this.clusterName = clusterName;
        this.selfId = selfId;
        this.folder = folder;
        this.groups = List.copyOf(groups);
        this.isAdmin = isAdmin;
        this.refusals = refusals;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<Permission> permit(Principal caller, String address, String wantedCluster, int group) {
        if (!isAdmin.test(caller)) {
            String why = "principal " + caller + " lacks 'admin', as it takes for a backup";
            refusals.refused(caller + " at " + address, Denial.FORBIDDEN, why);
            return failed(Kind.FORBIDDEN, why);
        }
        String own = clusterId.get();
        if (!wantedCluster.isEmpty() && !wantedCluster.equals(own)) {
            return failed(Kind.REFUSED, "this is a peer of cluster " + own + ", not of " + wantedCluster);
        }
        if (group < 0 || group >= groups.size()) {
            return failed(
                    Kind.REFUSED, "there is no group " + group + ": the cluster has " + groups.size() + ", from 0");
        }
        LeaderTerm term = groups.get(group).local.term();
        return term == null
                ? NotLeading.failed()
                : term.confirmedLogTimeMs().thenApply(confirmed -> () -> take(caller, address, group));
    }

    private static CompletableFuture<Permission> failed(Kind kind, String why) {
        return CompletableFuture.failedFuture(new TransportException(kind, why));
    }

    private Taken take(Principal caller, String address, int group) throws IOException {
        if (!underWay.add(group)) {
            throw busy("another backup of group " + group + " is being taken");
        }
        Taken taken = null;
        try {
            long nowMs = clock.millis();
            BackupCapture capture =
                    BackupCapture.take(groups.get(group).replica, folder.resolve("backup-" + group + ".tmp"));
            if (capture == null) {
                throw busy("a snapshot of group " + group + " is being taken");
            }
            AuditLog.note(
                    group,
                    nowMs,
                    caller.name(),
                    address,
                    "backup",
                    "group " + group,
                    "up to entry " + capture.appliedIndex());
            taken = new OfGroup(head(group, capture, nowMs), capture, () -> underWay.remove(group));
            return taken;
        } finally {
            if (taken == null) {
                underWay.remove(group);
            }
        }
    }

    private static TransportException busy(String why) {
        return new TransportException(Kind.BUSY, why);
    }

    private BackupHeadProto head(int group, BackupCapture capture, long nowMs) {
        return BackupHeadProto.newBuilder()
                .setClusterId(clusterId.get())
                .setClusterName(clusterName)
                .setPeerId(selfId)
                .setVersion(StatusReplies.version())
                .setGroup(group)
                .setGroups(groups.size())
                .setAppliedIndex(capture.appliedIndex())
                .setLastToken(capture.lastToken())
                .setTakenEpochMs(nowMs)
                .build();
    }

    private record OfGroup(BackupHeadProto head, BackupCapture capture, Runnable onClose) implements Taken {
        @Override
        public byte @Nullable [] next() throws IOException {
            return capture.next();
        }

        @Override
        public void close() throws IOException {
            try {
                capture.close();
            } finally {
                onClose.run();
            }
        }
    }
}
