package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.snapshot.ReadableSnapshot;
import dev.holdfast.node.internal.snapshot.SentSnapshot;
import dev.holdfast.node.internal.storage.StoredLog;
import dev.holdfast.node.internal.storage.TornTail;
import java.io.IOException;
import java.nio.file.Path;

/** The folder in which Ratis keeps a group's log and snapshots, before Ratis looks at it. */
final class StoredGroup {
    /** Mends what a kill or a power failure may have left, and refuses what cannot be mended. */
    static void prepare(Path group) throws IOException {
        SentSnapshot.settle(group);
        Path current = group.resolve("current");
        TornTail.repairIn(current);
        StoredLog log = StoredLog.in(current);
        var unused = ReadableSnapshot.settle(
                group.resolve("sm"), log.first(), log.last().index());
    }

    private StoredGroup() {}
}
