package dev.holdfast.node;

import dev.holdfast.node.internal.membership.GroupIds;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.snapshot.Fsync;
import dev.holdfast.node.internal.snapshot.SnapshotFile;
import dev.holdfast.node.internal.storage.NewGroup;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * Writes what the data folder of a peer has whose cluster begins with a state that is there already, in the place of a birth. The
 * identity comes last: before that, nobody takes the folder for one of that cluster.
 */
final class FoundedFolder {
    /**
     * Of what the cluster begins with; the first leader's is the next. Not 0: Ratis (3.3.0, {@code LeaderElection}) takes that for an empty
     * log, whose votes it does not count once something is committed.
     */
    private static final long TERM = 1;

    /**
     * Which cluster.
     *
     * @param founders its only members at the beginning
     */
    record Cluster(UUID id, String name, List<Peer> founders) {
        Cluster {
            founders = List.copyOf(founders);
        }
    }

    /** Writes the whole folder of that founder; it must be empty. */
    static void write(Path folder, Cluster cluster, PeerId self, List<LockMachine> groups) throws IOException {
        Files.createDirectories(folder);
        writeGroups(folder.resolve("raft"), cluster.id(), groups);
        ClusterFolder.found(folder, cluster.name(), self, cluster.id(), cluster.founders(), groups.size());
    }

    /**
     * Writes what each group begins with, beside whatever else is there.
     *
     * @param groups the state of each, in the order of their numbers, which was made for the index at which it is the first
     */
    static void writeGroups(Path raft, UUID clusterId, List<LockMachine> groups) throws IOException {
        for (int number = 0; number < groups.size(); number++) {
            LockMachine machine = groups.get(number);
            UUID group = GroupIds.of(clusterId, number);
            Path snapshots =
                    Files.createDirectories(NewGroup.folder(raft, group).resolve("sm"));
            SnapshotFile.write(snapshots.resolve("snapshot." + TERM + "_" + machine.appliedIndex()), machine);
            NewGroup.make(raft, group, TERM);
        }
        Fsync.folder(Objects.requireNonNull(raft.toAbsolutePath().getParent()));
    }

    private FoundedFolder() {}
}
