package dev.holdfast.node;

/**
 * This peer is no member of its cluster any more: it was removed, or another has its place. What it acknowledged is safe with the others.
 * Its data folder is of no use any more, and is not started again.
 */
public final class MemberRemovedException extends Exception {
    private static final long serialVersionUID = 1;

    MemberRemovedException(String message) {
        super(message);
    }
}
