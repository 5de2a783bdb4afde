package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.SessionId;
import java.util.List;

/**
 * The machine's state at the time of {@link LockMachine#capture}, taken piece by piece while the machine goes on. The
 * driver calls {@link #take} under the machine's lock until {@link #isComplete}, lets other work in between the calls,
 * and writes the pieces in order; {@link SnapshotRestore} accepts them in the same order. One capture at a time; an
 * abandoned one must be {@linkplain #close closed}. See {@code docs/adr/004-snapshots-by-saved-pre-images.md}.
 */
public final class SnapshotCapture implements AutoCloseable {
    private final long appliedIndex;
    private final byte[] header;
    private final byte[] trailer;
    private final SegmentedTable.Capture<SessionId, Session> sessions;
    private final SegmentedTable.Capture<LockableKey, LockableEntry> lockables;
    private boolean headerTaken;
    private boolean trailerTaken;

    SnapshotCapture(MachineState state) {
        this.appliedIndex = state.appliedIndex;
        this.header = StateEncoder.headerPiece(state);
        this.trailer = StateEncoder.trailerPiece(state);
        this.sessions = state.sessions.capture(StateEncoder::sessionsPiece);
        this.lockables = state.lockables.capture(StateEncoder::lockablesPiece);
    }

    /** The log index up to which the captured state has applied the log. */
    public long appliedIndex() {
        return appliedIndex;
    }

    /**
     * Takes the next pieces: {@code entriesAtLeast} sessions or lockables or a few more, which bounds the time spent.
     * The list may be empty before the capture is complete.
     */
    public List<byte[]> take(int entriesAtLeast) {
        if (!headerTaken) {
            headerTaken = true;
            return List.of(header);
        }
        if (!sessions.isComplete()) {
            return sessions.take(entriesAtLeast);
        }
        if (!lockables.isComplete()) {
            return lockables.take(entriesAtLeast);
        }
        if (!trailerTaken) {
            trailerTaken = true;
            return List.of(trailer);
        }
        return List.of();
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
