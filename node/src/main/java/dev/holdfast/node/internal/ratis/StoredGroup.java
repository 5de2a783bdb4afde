package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.snapshot.ReadableSnapshot;
import dev.holdfast.node.internal.snapshot.SentSnapshot;
import dev.holdfast.node.internal.storage.Acknowledged;
import dev.holdfast.node.internal.storage.Findings;
import dev.holdfast.node.internal.storage.OpenSegments;
import dev.holdfast.node.internal.storage.StoredLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The folder in which Ratis keeps a group's log and snapshots, before Ratis looks at it. */
final class StoredGroup {
    /**
     * Mends what a kill, a power failure or a full disk may have left.
     *
     * @throws IOException if something is damaged that this peer had acknowledged: from what is left it must not go on
     */
    static void prepare(Path group) throws IOException {
        SentSnapshot.settle(group);
        Path current = group.resolve("current");
        ConfigurationCopy.mend(current);
        OpenSegments.settleIn(current, new Acknowledged(group).read());
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
                        + " left; the others go on while they are a majority. Empty the folder, all of it, start the peer, and let it"
                        + " take its own place: 'holdfast members replace ID' (\"A lost disk\" in docs/operations.md)");
    }

    private StoredGroup() {}
}
