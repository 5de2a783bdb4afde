package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.snapshot.ReadableSnapshot;
import dev.holdfast.node.internal.snapshot.SentSnapshot;
import dev.holdfast.node.internal.storage.Findings;
import dev.holdfast.node.internal.storage.StoredLog;
import dev.holdfast.node.internal.storage.TornTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder in which Ratis keeps a group's log and snapshots, before Ratis looks at it. */
final class StoredGroup {
    private static final Logger LOG = LoggerFactory.getLogger(StoredGroup.class);

    /**
     * Mends what a kill, a power failure or a full disk may have left.
     *
     * @throws IOException if something is damaged that this peer had acknowledged: from what is left it must not go on
     */
    static void prepare(Path group) throws IOException {
        SentSnapshot.settle(group);
        Path current = group.resolve("current");
        dropUnreadableConfiguration(current);
        TornTail.repairIn(current);
        StoredLog log = StoredLog.in(current);
        if (log.damage() != null) {
            // Without it nobody can say which snapshot would do.
            refuse(log.damage().toString());
        }
        long snapshot = ReadableSnapshot.settle(
                group.resolve("sm"), log.first(), log.last().index());
        List<String> findings = Findings.in(group, log, snapshot);
        if (!findings.isEmpty()) {
            refuse(String.join("; ", findings));
        }
    }

    private static void refuse(String finding) throws IOException {
        throw new IOException(
                finding + ". The cluster relies on what is lost here, so this peer must not start from what is"
                        + " left, nor with an emptied folder; the others go on while they are a majority. How to give it the data"
                        + " of another member: \"A damaged data folder\" in docs/operations.md");
    }

    /**
     * Ratis keeps a copy of the last list of members. If the disk was full, half of one takes its place; then Ratis complains
     * and takes the list that it is given. The members are the same as at the first start, so it loses nothing by that.
     */
    private static void dropUnreadableConfiguration(Path current) throws IOException {
        Path file = current.resolve("raft-meta.conf");
        if (Files.exists(file) && !isConfiguration(Files.readAllBytes(file))) {
            LOG.warn("{} was written in part only, and is deleted. The members are those of the configuration", file);
            Files.delete(file);
        }
    }

    private static boolean isConfiguration(byte[] bytes) {
        try {
            return LogEntryProto.parseFrom(bytes).hasConfigurationEntry();
        } catch (IOException e) {
            return false;
        }
    }

    private StoredGroup() {}
}
