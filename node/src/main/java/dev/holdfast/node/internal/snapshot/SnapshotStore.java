package dev.holdfast.node.internal.snapshot;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;

/**
 * Ratis's one-file-per-snapshot storage. Ratis asks it to clean up after every call of {@code takeSnapshot}, that is, after
 * every entry while a snapshot is being written. There is something to clean up only when there is a new snapshot.
 *
 * <p>See {@code docs/adr/006-an-appender-of-our-own.md}.
 */
public final class SnapshotStore extends SimpleStateMachineStorage {
    private volatile boolean changed;

    /** Ratis asks for the latest snapshot at every append, and would list the folder each time while there is none. */
    private volatile boolean none;

    @Override
    public void init(RaftStorage storage) throws IOException {
        super.init(storage);
        none = super.getLatestSnapshot() == null;
    }

    @Override
    public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
        return none ? null : super.getLatestSnapshot();
    }

    /** Also called by whoever looks into the folder anew. */
    @Override
    public @Nullable SingleFileSnapshotInfo updateLatestSnapshot(@Nullable SingleFileSnapshotInfo found) {
        SingleFileSnapshotInfo latest = super.updateLatestSnapshot(found);
        if (latest != null) {
            none = false;
        }
        return latest;
    }

    Path fileFor(TermIndex at) {
        return getSnapshotFile(at.getTerm(), at.getIndex()).toPath();
    }

    void added() {
        changed = true;
    }

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
        if (changed) {
            changed = false;
            super.cleanupOldSnapshots(policy);
        }
    }
}
