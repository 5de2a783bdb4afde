package dev.holdfast.jepsen.cluster;

import dev.holdfast.node.DataFolder;
import dev.holdfast.server.process.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Gives a member the data of another one, as "A damaged data folder" in {@code docs/operations.md} says. All members are down. */
final class DataRepair {
    private static final String ACKNOWLEDGED = ".acknowledged";

    private static final Comparator<DataFolder.Group> BY_END =
            Comparator.comparingLong(DataRepair::lastTerm).thenComparingLong(DataRepair::lastIndex);

    /**
     * Replaces the data of the damaged one.
     *
     * @throws IOException if its folder is not found damaged, or one of the others' is
     */
    static void repair(Peer damaged, List<Peer> members) throws IOException {
        if (DataFolder.check(damaged.folder()).isSound()) {
            throw new IOException("holdfast check finds nothing wrong with " + damaged.folder());
        }
        List<DataFolder> others = new ArrayList<>();
        for (Peer member : members) {
            if (!member.equals(damaged)) {
                DataFolder folder = DataFolder.check(member.folder());
                if (!folder.isSound()) {
                    throw new IOException(member + " is damaged as well: " + folder);
                }
                others.add(folder);
            }
        }
        if (others.size() * 2 <= members.size()) {
            throw new IOException("the sound members are no majority");
        }
        for (DataFolder.Group group : others.get(0).groups()) {
            DataFolder.Group chosen = others.stream()
                    .flatMap(other -> other.groups().stream())
                    .filter(each -> each.id().equals(group.id()))
                    .max(BY_END)
                    .orElseThrow();
            replace(damaged.folder().resolve("raft").resolve(group.id()), chosen.folder());
        }
    }

    /** Of a log without entries, that of the latest snapshot. */
    private static long lastTerm(DataFolder.Group group) {
        return group.log().last() >= 0 || group.snapshots().isEmpty()
                ? group.log().lastTerm()
                : group.snapshots().get(0).term();
    }

    private static long lastIndex(DataFolder.Group group) {
        return group.log().last() >= 0 || group.snapshots().isEmpty()
                ? group.log().last()
                : group.snapshots().get(0).index();
    }

    private static void replace(Path group, Path chosen) throws IOException {
        Folders.delete(group);
        try (Stream<Path> files = Files.walk(chosen)) {
            for (Path file : files.toList()) {
                Files.copy(file, group.resolve(chosen.relativize(file).toString()));
            }
        }
        Path mark = beside(group);
        Files.deleteIfExists(mark);
        if (Files.exists(beside(chosen))) {
            Files.copy(beside(chosen), mark);
        }
    }

    private static Path beside(Path group) {
        return group.resolveSibling(group.getFileName() + ACKNOWLEDGED);
    }

    private DataRepair() {}
}
