package dev.holdfast.statemachine;

/** A snapshot is damaged, or was written by a newer release. */
public final class CorruptSnapshotException extends Exception {
    private static final long serialVersionUID = 1;

    public CorruptSnapshotException(String message) {
        super(message);
    }

    public CorruptSnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
