package dev.holdfast.node.internal.storage;

import dev.holdfast.node.internal.snapshot.Fsync;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * The folder of a Raft group that a peer is about to take part in. From the beginning it has the file in which Ratis keeps whom the peer
 * voted for. So a folder without it has lost something.
 */
public final class NewGroup {
    /** Where Ratis keeps a group, in the folder of all groups. */
    public static Path folder(Path raft, UUID group) {
        return raft.resolve(group.toString());
    }

    /** Whether that group was ever made there, and still is there. */
    public static boolean isIn(Path raft, UUID group) {
        return Files.exists(meta(raft, group));
    }

    /** Makes it, durably, unless it is there. Of no term yet. */
    public static void make(Path raft, UUID group) throws IOException {
        make(raft, group, 0);
    }

    /** The same for a group that begins with a state of that term, and in which nobody has voted. */
    public static void make(Path raft, UUID group, long term) throws IOException {
        Path meta = meta(raft, group);
        if (Files.exists(meta)) {
            return;
        }
        Path current = folder(raft, group).resolve("current");
        Files.createDirectories(current);
        // Ratis makes both when it makes a new one, and takes this for one that is there.
        Files.createDirectories(folder(raft, group).resolve("sm"));
        DurableFile.write(meta, ("term=" + term + "\nvotedFor=\n").getBytes(StandardCharsets.UTF_8));
        Fsync.folder(current);
        Fsync.folder(folder(raft, group));
        Fsync.folder(raft);
    }

    /** Takes away what {@link #make} made, all of it or a part. Whatever else is there stays. */
    public static void forget(Path raft, UUID group) throws IOException {
        Path meta = meta(raft, group);
        Files.deleteIfExists(meta.resolveSibling(meta.getFileName() + ".tmp"));
        Files.deleteIfExists(meta);
        Files.deleteIfExists(folder(raft, group).resolve("current"));
        Files.deleteIfExists(folder(raft, group).resolve("sm"));
        Files.deleteIfExists(folder(raft, group));
    }

    private static Path meta(Path raft, UUID group) {
        return folder(raft, group).resolve("current").resolve(RaftMeta.FILE);
    }

    private NewGroup() {}
}
