package dev.holdfast.statemachine;

import java.util.ArrayList;
import java.util.List;

/** Takes and restores whole snapshots. */
final class Snapshots {
    static List<byte[]> takeAll(LockMachine machine) {
        List<byte[]> pieces = new ArrayList<>();
        try (SnapshotCapture capture = machine.capture()) {
            while (!capture.isComplete()) {
                pieces.addAll(capture.take(100).pieces());
            }
        }
        return pieces;
    }

    static LockMachine restore(List<byte[]> pieces) throws CorruptSnapshotException {
        return restore(pieces, MachineState.STEPS_PER_ENTRY);
    }

    static LockMachine restore(List<byte[]> pieces, int stepsPerEntry) throws CorruptSnapshotException {
        SnapshotRestore restore = new SnapshotRestore(stepsPerEntry);
        for (byte[] piece : pieces) {
            restore.accept(piece);
        }
        return restore.finish();
    }

    private Snapshots() {}
}
