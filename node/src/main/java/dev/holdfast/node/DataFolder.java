package dev.holdfast.node;

import dev.holdfast.node.internal.snapshot.ReadableSnapshot;
import dev.holdfast.node.internal.storage.Acknowledged;
import dev.holdfast.node.internal.storage.Findings;
import dev.holdfast.node.internal.storage.StoredLog;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What the data folder of a peer that does not run has, and what is damaged.
 *
 * @param groups one for each Raft group
 */
public record DataFolder(List<Group> groups) {
    /**
     * What a group has. A peer goes on from its latest snapshot and the log behind it.
     *
     * @param id the group's id
     * @param folder where it lies
     * @param log its log, as far as it can be read
     * @param snapshots the latest first
     * @param findings what is wrong, each in words that stand alone; empty if nothing is
     */
    public record Group(String id, Path folder, Log log, List<Snapshot> snapshots, List<String> findings) {
        public Group {
            snapshots = List.copyOf(snapshots);
            findings = List.copyOf(findings);
        }
    }

    /**
     * A log.
     *
     * @param first the index of its first entry; -1 if there is none
     * @param last the index of its last entry; -1 if there is none
     * @param lastTerm the term of that entry. Of the logs of a majority, the one whose last entry has the highest term, and in
     *     the same term the highest index, has all that was ever committed
     * @param files how many files it has
     * @param bytes their size
     */
    public record Log(long first, long last, long lastTerm, int files, long bytes) {}

    /**
     * A snapshot.
     *
     * @param index of the last entry that it contains
     * @param term of that entry
     * @param bytes its size
     * @param damage what is wrong with it; empty if it is whole
     */
    public record Snapshot(Path file, long index, long term, long bytes, String damage) {}

    public DataFolder {
        groups = List.copyOf(groups);
    }

    /** Whether a peer can start from it. */
    public boolean isSound() {
        return groups.stream()
                .allMatch(group -> group.findings().isEmpty()
                        && group.snapshots().stream()
                                .allMatch(each -> each.damage().isEmpty()));
    }

    /**
     * Reads the folder, all of it. Changes nothing. Blocks for as long as that takes.
     *
     * @throws IOException if it cannot be read, is not the data folder of a peer, or is in use
     */
    public static DataFolder check(Path folder) throws IOException {
        Path raft = folder.resolve("raft");
        if (!ClusterFolder.isIn(folder)) {
            throw new IOException(folder + " is not the data folder of a peer: it has no " + ClusterFolder.FILE);
        }
        FolderLock lock = FolderLock.take(folder);
        try {
            List<Group> groups = new ArrayList<>();
            for (Path each : groupFolders(raft)) {
                groups.add(group(each));
            }
            return new DataFolder(groups);
        } finally {
            lock.close();
        }
    }

    private static List<Path> groupFolders(Path raft) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(raft)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(raft)) {
                for (Path each : files) {
                    // One that was emptied or deleted has left its mark beside it.
                    String name = String.valueOf(each.getFileName()).replace(Acknowledged.SUFFIX, "");
                    if (isId(name)) {
                        found.add(raft.resolve(name));
                    }
                }
            }
        }
        return found.stream().distinct().sorted().toList();
    }

    private static boolean isId(String name) {
        try {
            return UUID.fromString(name).toString().equals(name);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Group group(Path folder) throws IOException {
        StoredLog log = StoredLog.in(folder.resolve("current"));
        List<Snapshot> snapshots = new ArrayList<>();
        long start = -1;
        for (ReadableSnapshot.Stored stored : ReadableSnapshot.in(folder.resolve("sm"))) {
            String damage = ReadableSnapshot.problem(stored.file());
            if (damage.isEmpty()) {
                start = Math.max(start, stored.index());
            }
            snapshots.add(
                    new Snapshot(stored.file(), stored.index(), stored.term(), Files.size(stored.file()), damage));
        }
        long last = log.last().index();
        return new Group(
                String.valueOf(folder.getFileName()),
                folder,
                new Log(
                        last < 0 ? -1 : log.first(),
                        last,
                        log.last().term(),
                        log.segments().size(),
                        log.segments().stream()
                                .mapToLong(StoredLog.Segment::bytes)
                                .sum()),
                snapshots,
                Findings.in(folder, log, start));
    }
}
