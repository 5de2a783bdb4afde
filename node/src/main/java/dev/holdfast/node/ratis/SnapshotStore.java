package dev.holdfast.node.ratis;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;

/**
 * Ratis's one-file-per-snapshot storage. Ratis asks it to clean up after every call of takeSnapshot, which is after every
 * entry while a snapshot is being written; only when there is a new one is there anything to clean.
 */
final class SnapshotStore extends SimpleStateMachineStorage {
    private volatile boolean changed;

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
