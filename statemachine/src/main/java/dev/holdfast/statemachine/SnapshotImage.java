package dev.holdfast.statemachine;

import dev.holdfast.statemachine.v1.AccessProto;
import dev.holdfast.statemachine.v1.LockableProto;
import dev.holdfast.statemachine.v1.LockablesProto;
import dev.holdfast.statemachine.v1.SessionProto;
import dev.holdfast.statemachine.v1.SessionsProto;
import dev.holdfast.statemachine.v1.SnapshotPieceProto;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of what a {@link SnapshotCapture} has taken. The machine does not change it, so any thread may write it while the
 * machine goes on, without the machine's lock.
 */
public final class SnapshotImage {
    private static final int PIECE_BYTES = 1 << 20;

    private final List<byte[]> encoded;
    private final List<StateImage> images;

    private SnapshotImage(List<byte[]> encoded, List<StateImage> images) {
        this.encoded = encoded;
        this.images = images;
    }

    /** The piece, and then the images. */
    static SnapshotImage of(byte[] piece, List<StateImage> images) {
        return new SnapshotImage(List.of(piece), images);
    }

    static SnapshotImage of(List<StateImage> images) {
        return new SnapshotImage(List.of(), images);
    }

    /** Takes the pieces of a snapshot, in order. */
    public interface Pieces<X extends Exception> {
        void write(byte[] piece) throws X;
    }

    /** Encodes it, as pieces of about 1 MiB at most, however large a single session or lockable is. */
    public <X extends Exception> void writeTo(Pieces<X> pieces) throws X {
        for (byte[] piece : encoded) {
            pieces.write(piece);
        }
        PieceBuilder<X> builder = new PieceBuilder<>(pieces);
        for (StateImage image : images) {
            image.encode(builder);
        }
        builder.flush();
    }

    /** The same pieces, all in memory. */
    public List<byte[]> pieces() {
        List<byte[]> pieces = new ArrayList<>();
        writeTo(pieces::add);
        return pieces;
    }

    private static final class PieceBuilder<X extends Exception> implements StateImage.Fragments<X> {
        private final Pieces<X> pieces;
        private final SessionsProto.Builder sessions = SessionsProto.newBuilder();
        private final LockablesProto.Builder lockables = LockablesProto.newBuilder();
        private int bytes;

        PieceBuilder(Pieces<X> pieces) {
            this.pieces = pieces;
        }

        @Override
        public void add(AccessProto access) throws X {
            write(SnapshotPieceProto.newBuilder().setAccess(access));
        }

        @Override
        public void add(SessionProto session) throws X {
            sessions.addSessions(session);
            added(session.getSerializedSize());
        }

        @Override
        public void add(LockableProto lockable) throws X {
            lockables.addLockables(lockable);
            added(lockable.getSerializedSize());
        }

        private void added(int more) throws X {
            bytes += more;
            if (bytes >= PIECE_BYTES) {
                flush();
            }
        }

        void flush() throws X {
            if (sessions.getSessionsCount() > 0) {
                write(SnapshotPieceProto.newBuilder().setSessions(sessions));
                sessions.clear();
            }
            if (lockables.getLockablesCount() > 0) {
                write(SnapshotPieceProto.newBuilder().setLockables(lockables));
                lockables.clear();
            }
            bytes = 0;
        }

        private void write(SnapshotPieceProto.Builder piece) throws X {
            pieces.write(piece.build().toByteArray());
        }
    }
}
