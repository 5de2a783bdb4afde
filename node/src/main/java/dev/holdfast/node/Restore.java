package dev.holdfast.node;

import dev.holdfast.node.internal.backup.BackupFile;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What became of a backup that was restored.
 *
 * @param clusterId the id of the new cluster
 * @param clusterName what it is called, as its members' configuration must call it
 * @param folders the data folders of its members, in their order
 * @param groups with what each group begins
 */
public record Restore(String clusterId, String clusterName, List<Path> folders, List<BegunGroup> groups) {
    /**
     * What to make of a backup.
     *
     * @param backup the file
     * @param members the members of the new cluster; at least one
     * @param clusterName what it is called; empty for what the other one was called
     * @param keep which holds it keeps
     * @param tokensAhead how far above the highest token of the backup its tokens begin. Less than {@link BegunGroup#TOKENS_AHEAD} is
     *     safe only if the other cluster granted less than that since the backup was taken
     */
    public record Plan(Path backup, List<Member> members, String clusterName, KeptHolds keep, long tokensAhead) {
        /** @throws IllegalArgumentException if two members have one id, or one has an id that is no name for a folder */
        public Plan {
            members = List.copyOf(members);
            if (members.isEmpty() || tokensAhead < 0) {
                throw new IllegalArgumentException("a cluster needs a member, and tokens that do not go back");
            }
            Set<String> ids = new HashSet<>();
            for (Member member : members) {
                if (!ids.add(member.id())) {
                    throw new IllegalArgumentException("two members are called '" + member.id() + "'");
                }
                if (member.id().equals(".") || member.id().equals("..")) {
                    throw new IllegalArgumentException("there can be no folder called '" + member.id() + "'");
                }
            }
        }
    }

    public Restore {
        folders = List.copyOf(folders);
        groups = List.copyOf(groups);
    }

    /**
     * Makes the data folders of all members of a new cluster that begins with the state of the backup: its id is another, its tokens go
     * on far above, all sessions have ended. The folder of a single member is the one that is given; of several, each has one in it, by
     * its id. What is in the folder appears at once; if this is interrupted, it can be done again. Blocks for as long as it takes.
     *
     * @param folder must be empty, or absent
     * @throws IOException if the backup is damaged, or the folder is not empty or cannot be written. The folder has nothing then, or what
     *     an attempt that did not come to its end has left
     */
    public static Restore run(Plan plan, Path folder) throws IOException {
        // All of it is read before anything is written, and its end says whether it is whole.
        Backup backup = Backup.read(plan.backup());
        String name = plan.clusterName().isEmpty() ? backup.clusterName() : plan.clusterName();
        List<Peer> founders = plan.members().stream()
                .map(member -> Peer.of(PeerId.random(member.id()), member))
                .toList();
        FoundedFolder.Cluster cluster = new FoundedFolder.Cluster(UUID.randomUUID(), name, founders);
        List<BegunGroup> begun = new ArrayList<>();
        List<LockMachine> machines = new ArrayList<>();
        BackupFile.read(plan.backup(), (head, machine) -> {
            BegunGroup group =
                    BegunGroup.begin(head.getGroup(), machine, plan.keep(), plan.tokensAhead(), head.getAppliedIndex());
            if (begun.isEmpty()) {
                String from = "from a backup of cluster " + backup.clusterId() + " that was taken at "
                        + Instant.ofEpochMilli(head.getTakenEpochMs()) + " from '" + head.getPeerId() + "'";
                group.record(machine, AuditRecord.RESTORE, name, from, plan.keep());
            }
            begun.add(group);
            machines.add(machine);
        });
        StagedFolder staged = StagedFolder.in(folder);
        List<Path> folders = new ArrayList<>();
        for (Peer founder : founders) {
            String id = founder.id().name();
            boolean alone = founders.size() == 1;
            FoundedFolder.write(
                    alone ? staged.content() : staged.content().resolve(id), cluster, founder.id(), machines);
            folders.add(alone ? folder : folder.resolve(id));
        }
        staged.finish(ClusterFolder.FILE);
        return new Restore(cluster.id().toString(), name, folders, begun);
    }
}
