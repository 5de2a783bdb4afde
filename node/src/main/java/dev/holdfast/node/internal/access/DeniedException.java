package dev.holdfast.node.internal.access;

/** Somebody did not prove who they are. The message is theirs to read, and gives away no token. */
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
