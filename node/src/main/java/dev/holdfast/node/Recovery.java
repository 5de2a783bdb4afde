package dev.holdfast.node;

import dev.holdfast.node.internal.membership.GroupIds;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.ratis.StoredState;
import dev.holdfast.node.internal.snapshot.Fsync;
import dev.holdfast.node.internal.storage.Acknowledged;
import dev.holdfast.node.internal.storage.DurableFile;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What became of the folder of a member that survived the loss of the majority.
 *
 * @param memberId the member, which is now the only one
 * @param clusterName what the cluster is called, before and after
 * @param formerClusterId the id of the cluster that it was a member of
 * @param clusterId the id of the one that it is now
 * @param kept where the logs and snapshots of the former cluster lie
 * @param groups of each group what it had, in the order of their numbers
 */
public record Recovery(
        String memberId, String clusterName, String formerClusterId, String clusterId, Path kept, List<Group> groups) {
    /**
     * What the folder had of a group.
     *
     * @param index the last entry of its log, up to which everything is in the state now, committed or not; -1 if it had none
     * @param term of that entry; -1 if it had none
     * @param committed the highest entry that it noted to be committed: what lies between that and the index may never have been. -1 if
     *     it noted none
     */
    public record Group(long index, long term, long committed, BegunGroup begun) {}

    /** In the folder while this is under way: what it is about to make of it. */
    private static final String NOTE = "recover.unfinished";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    public Recovery {
        groups = List.copyOf(groups);
    }

    /**
     * Makes of the folder that of the only member of a new cluster, which has all that the snapshots and logs in it have: a last resort,
     * when a majority is lost for good. What was acknowledged and had not reached this member is lost. The new cluster has another id, so
     * that the others, should they come back, are strangers to it; its tokens go on far above, and all sessions have ended. The old
     * files are put aside, beside the new ones. If this is interrupted, it can be done again: until it has come to the point, the folder is
     * what it was before. Blocks for as long as it takes.
     *
     * @param keep which holds it keeps
     * @param tokensAhead how far above the highest token that this member knows of its tokens begin; see {@link BegunGroup#TOKENS_AHEAD}
     * @throws IOException if the folder is not that of a peer, is in use, is damaged, or cannot be written
     */
    public static Recovery run(Path folder, KeptHolds keep, long tokensAhead) throws IOException {
        if (tokensAhead < 0) {
            throw new IllegalArgumentException("tokens that go back: " + tokensAhead);
        }
        if (!ClusterFolder.isIn(folder)) {
            throw new IOException(folder + " is not the data folder of a peer: it has no " + ClusterFolder.FILE);
        }
        FolderLock lock = FolderLock.take(folder);
        try {
            return new Attempt(folder).run(keep, tokensAhead);
        } finally {
            lock.close();
        }
    }

    static final class Attempt {
        private final Path folder;
        private final Path raft;
        private final Path note;
        private final Properties identity;
        private final UUID clusterId;
        private final int groups;

        Attempt(Path folder) throws IOException {
            this.folder = folder;
            this.raft = folder.resolve("raft");
            this.note = folder.resolve(NOTE);
            Path file = folder.resolve(ClusterFolder.FILE);
            this.identity = load(file);
            if (identity.containsKey("removed")) {
                throw new IOException(folder + " is the data folder of a member that was removed from its cluster,"
                        + " and knows nothing of what came after. Use another member's folder, or restore a backup");
            }
            if (identity.containsKey("incarnation") && !identity.containsKey("id")) {
                throw new IOException(folder + " is the data folder of a peer that never had a cluster:"
                        + " there is nothing to recover from");
            }
            try {
                this.clusterId = UUID.fromString(identity.getProperty("id", ""));
                this.groups = Integer.parseInt(identity.getProperty("groups", "1"));
            } catch (IllegalArgumentException e) {
                throw new IOException(file + " does not say which cluster this is: it is damaged", e);
            }
        }

        Recovery run(KeptHolds keep, long tokensAhead) throws IOException {
            if (Files.exists(note)) {
                Recovery before = read(load(note));
                if (before.clusterId.equals(clusterId.toString())) {
                    putAside(before);
                    return before;
                }
                // It did not come to the point: nothing that it made was ever used.
                for (int number = 0; number < groups; number++) {
                    StagedFolder.delete(folderOf(before.clusterId, number));
                }
                StagedFolder.delete(before.kept);
                Files.delete(note);
            }
            List<LockMachine> machines = new ArrayList<>();
            List<Group> found = new ArrayList<>();
            for (int number = 0; number < groups; number++) {
                StoredState stored = StoredState.read(folderOf(clusterId.toString(), number));
                if (stored.index() < 0) {
                    throw new IOException(folderOf(clusterId.toString(), number) + " has neither a log nor a snapshot:"
                            + " there is nothing to recover from. Use another member's folder, or restore a backup");
                }
                BegunGroup begun = BegunGroup.begin(number, stored.machine(), keep, tokensAhead, stored.index());
                if (number == 0) {
                    String from = "from the folder of '" + identity.getProperty("peer", "") + "' in cluster "
                            + clusterId + ", up to entry " + stored.index();
                    begun.record(stored.machine(), AuditRecord.RECOVER, identity.getProperty("name", ""), from, keep);
                }
                machines.add(stored.machine());
                found.add(new Group(stored.index(), stored.term(), stored.committed(), begun));
            }
            Recovery recovery = new Recovery(
                    identity.getProperty("peer", ""),
                    identity.getProperty("name", ""),
                    clusterId.toString(),
                    UUID.randomUUID().toString(),
                    unusedFolder("raft.before-recover-" + TIME.format(Instant.now())),
                    found);
            write(recovery, machines);
            putAside(recovery);
            return recovery;
        }

        private Path unusedFolder(String name) {
            Path unused = folder.resolve(name);
            for (int number = 2; Files.exists(unused); number++) {
                unused = folder.resolve(name + "-" + number);
            }
            return unused;
        }

        private Path folderOf(String cluster, int number) {
            return raft.resolve(GroupIds.of(UUID.fromString(cluster), number).toString());
        }

        private void write(Recovery recovery, List<LockMachine> machines) throws IOException {
            DurableFile.write(note, describe(recovery).getBytes(StandardCharsets.UTF_8));
            Files.createDirectories(recovery.kept);
            Files.copy(folder.resolve(ClusterFolder.FILE), recovery.kept.resolve(ClusterFolder.FILE));
            UUID id = UUID.fromString(recovery.clusterId);
            FoundedFolder.writeGroups(raft, id, machines);
            // The point: before this, the folder is what it was; after it, it is of the new cluster.
            PeerId self = PeerId.random(recovery.memberId);
            ClusterFolder.foundAnew(folder, self, id, List.of(Peer.of(self, member(self))));
        }

        /**
         * As the folder has it: of the members with which its cluster began, or of those with which the peer was started first. A member
         * that is alone, or that came later, may be in neither. It says itself where it is.
         */
        private Member member(PeerId self) {
            return Stream.of("born", "members")
                    .flatMap(key -> Arrays.stream(identity.getProperty(key, "").split(",", -1)))
                    .filter(each -> each.contains("="))
                    .map(each -> Peer.parse(each).member())
                    .filter(each -> each.id().equals(self.name()))
                    .findFirst()
                    .orElseGet(() -> new Member(self.name(), "127.0.0.1", 7101, 7201));
        }

        private void putAside(Recovery recovery) throws IOException {
            for (int number = 0; number < groups; number++) {
                Path old = folderOf(recovery.formerClusterId, number);
                move(old, recovery.kept);
                move(old.resolveSibling(old.getFileName() + Acknowledged.SUFFIX), recovery.kept);
            }
            Fsync.folder(raft);
            Fsync.folder(recovery.kept);
            Files.delete(note);
            Fsync.folder(folder);
        }

        private static void move(Path from, Path into) throws IOException {
            if (Files.exists(from)) {
                Files.move(from, into.resolve(String.valueOf(from.getFileName())), StandardCopyOption.ATOMIC_MOVE);
            }
        }

        /** One line for each thing; of a group, its numbers. */
        static String describe(Recovery recovery) {
            StringBuilder text = new StringBuilder();
            text.append("from=").append(recovery.formerClusterId).append('\n');
            text.append("to=").append(recovery.clusterId).append('\n');
            text.append("kept=").append(recovery.kept.getFileName()).append('\n');
            for (Group group : recovery.groups) {
                BegunGroup begun = group.begun;
                text.append("group.").append(begun.number()).append('=');
                text.append(LongStream.of(
                                group.index,
                                group.term,
                                group.committed,
                                begun.sessionsEnded(),
                                begun.waitersDropped(),
                                begun.holdsKept(),
                                begun.holdsDropped(),
                                begun.tokenBefore(),
                                begun.tokenAfter())
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining(" ")));
                text.append('\n');
            }
            return text.toString();
        }

        private Recovery read(Properties before) {
            List<Group> found = new ArrayList<>();
            for (int number = 0; number < groups; number++) {
                long[] numbers = Arrays.stream(
                                before.getProperty("group." + number, "").split(" ", -1))
                        .mapToLong(Long::parseLong)
                        .toArray();
                found.add(new Group(
                        numbers[0],
                        numbers[1],
                        numbers[2],
                        new BegunGroup(
                                number, numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], numbers[8])));
            }
            return new Recovery(
                    identity.getProperty("peer", ""),
                    identity.getProperty("name", ""),
                    before.getProperty("from", ""),
                    before.getProperty("to", ""),
                    folder.resolve(before.getProperty("kept", "")),
                    found);
        }

        private static Properties load(Path file) throws IOException {
            Properties properties = new Properties();
            try (InputStream in = Files.newInputStream(file)) {
                properties.load(in);
            }
            return properties;
        }
    }
}
