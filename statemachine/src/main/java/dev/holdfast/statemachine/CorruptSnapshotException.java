package dev.holdfast.statemachine;

/** A snapshot is damaged, or was written by a newer release. */
public sealed class CorruptSnapshotException extends Exception permits NewerSnapshotException {
    private static final long serialVersionUID = 1;

    public CorruptSnapshotException(String message) {
        super(message);
    }

    public CorruptSnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
