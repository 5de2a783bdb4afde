package dev.holdfast.node;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.BackupHeadProto;
import dev.holdfast.node.internal.backup.BackupFile;
import dev.holdfast.node.internal.backup.BackupTaker;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a backup file has.
 *
 * @param clusterId the id of the cluster that it was taken from
 * @param clusterName what that cluster was called
 * @param groups the cluster's groups, in the order of their numbers; at least one
 */
public record Backup(String clusterId, String clusterName, List<Group> groups) {
    /**
     * What it has of one group.
     *
     * @param takenFrom the peer that led the group
     * @param release of that peer
     * @param takenAt when, by its clock
     * @param index the entry of the group's log up to which the log is in it
     * @param lastToken the highest token that was granted; 0 if none was
     */
    public record Group(
            int number,
            String takenFrom,
            String release,
            Instant takenAt,
            long index,
            long lastToken,
            long holds,
            long waiters,
            long sessions) {}

    public Backup {
        groups = List.copyOf(groups);
    }

    /** The highest token of all groups. */
    public long lastToken() {
        return groups.stream().mapToLong(Group::lastToken).max().orElse(0);
    }

    /**
     * Takes a backup of a running cluster: of each group, from the peer that leads it, after that one has confirmed that it leads. Each
     * group's is of one moment, and has everything that was acknowledged before this was called. The file appears last and whole, after
     * it was read back; only its owner can read it. Blocks.
     *
     * @param servers where clients reach the cluster's peers; one that answers is enough
     * @param options how peers are reached, and who this is. The request timeout is also how long a peer may be silent
     * @param replace whether it may take the place of a file
     * @param patience how long to look for a leader, for each group anew
     * @throws FileAlreadyExistsException if there is such a file, and it must not be replaced
     * @throws TransportException if no leader gave one in that time, or it is refused or forbidden
     * @throws IOException if it cannot be written
     */
    public static Backup take(
            List<HostPort> servers, RemoteOptions options, Path file, boolean replace, Duration patience)
            throws IOException, InterruptedException {
        new BackupTaker(servers, options, patience).take(file, replace);
        return read(file);
    }

    /**
     * Reads a backup file, all of it. Blocks for as long as that takes.
     *
     * @throws IOException if it cannot be read, is damaged or not whole, or is of a newer release
     */
    public static Backup read(Path file) throws IOException {
        List<BackupHeadProto> heads = new ArrayList<>();
        List<Group> groups = new ArrayList<>();
        BackupFile.read(file, (head, machine) -> {
            heads.add(head);
            groups.add(group(head, machine));
        });
        return new Backup(heads.get(0).getClusterId(), heads.get(0).getClusterName(), groups);
    }

    private static Group group(BackupHeadProto head, LockMachine machine) {
        return new Group(
                head.getGroup(),
                head.getPeerId(),
                head.getVersion(),
                Instant.ofEpochMilli(head.getTakenEpochMs()),
                head.getAppliedIndex(),
                head.getLastToken(),
                machine.holdCount(),
                machine.waiterCount(),
                machine.sessionCount());
    }
}
