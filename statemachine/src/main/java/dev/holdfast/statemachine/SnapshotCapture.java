package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;

/**
 * The machine's state at the time of {@link LockMachine#capture}, taken part by part while the machine goes on. The driver
 * calls {@link #take} under the machine's lock until {@link #isComplete}, and lets other work in between the calls. It writes
 * the images in order, without the lock; {@link SnapshotRestore} accepts their pieces in the same order. One capture at a
 * time; an abandoned one must be {@linkplain #close closed}. See {@code docs/adr/004-snapshots-by-saved-pre-images.md}.
 */
public final class SnapshotCapture implements AutoCloseable {
    private final long appliedIndex;
    private final byte[] header;
    private final AccessImage access;
    private final byte[] trailer;
    private final SegmentedTable.Capture<SessionId, Session, SessionImage> sessions;
    private final SegmentedTable.Capture<LockableKey, LockableEntry, LockableImage> lockables;
    private boolean headerTaken;
    private boolean trailerTaken;

    SnapshotCapture(MachineState state) {
        this.appliedIndex = state.appliedIndex;
        this.header = StateEncoder.headerPiece(state);
        this.access = AccessImage.of(state);
        this.trailer = StateEncoder.trailerPiece(state);
        this.sessions = state.sessions.capture(SessionImage::of);
        this.lockables = state.lockables.capture(LockableImage::of);
    }

    /** The log index up to which the captured state has applied the log. */
    public long appliedIndex() {
        return appliedIndex;
    }

    /**
     * Takes what comes next.
     *
     * @param partsAtLeast how many holds, waiters, outcomes and events it copies, counting each session and each lockable as
     *     one more. It goes beyond that by less than one segment, since nothing in there may change in between
     */
    public SnapshotImage take(int partsAtLeast) {
        if (!headerTaken) {
            headerTaken = true;
            return SnapshotImage.of(header, List.of(access));
        }
        if (!sessions.isComplete()) {
            List<StateImage> images = new ArrayList<>();
            sessions.take(partsAtLeast, images);
            return SnapshotImage.of(images);
        }
        if (!lockables.isComplete()) {
            List<StateImage> images = new ArrayList<>();
            lockables.take(partsAtLeast, images);
            return SnapshotImage.of(images);
        }
        if (!trailerTaken) {
            trailerTaken = true;
            return SnapshotImage.of(trailer, List.of());
        }
        return SnapshotImage.of(List.of());
    }

    public boolean isComplete() {
        return trailerTaken;
    }

    /** Ends the capture; does nothing if it is complete. Call it under the machine's lock. */
    @Override
    public void close() {
        sessions.close();
        lockables.close();
    }
}
