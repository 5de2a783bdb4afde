package dev.holdfast.node.internal.access;

/** Somebody did not prove who they are. The message is theirs to read, and says nothing of what would have been right. */
public final class DeniedException extends Exception {
    private static final long serialVersionUID = 1;

    private final Denial denial;

    DeniedException(Denial denial, String message) {
        super(message);
        this.denial = denial;
    }

    public Denial denial() {
        return denial;
    }
}
