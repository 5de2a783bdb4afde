package dev.holdfast.statemachine;

/** A snapshot is whole as far as can be told, but was written by a release that knows more than this one. */
public final class NewerSnapshotException extends CorruptSnapshotException {
    private static final long serialVersionUID = 1;

    NewerSnapshotException(String message) {
        super(message);
    }
}
