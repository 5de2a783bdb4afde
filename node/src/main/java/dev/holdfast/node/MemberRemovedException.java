package dev.holdfast.node;

import java.io.IOException;

/**
 * This peer is no member of its cluster any more: it was removed, or another has its place. What it acknowledged is safe with the others.
 * Its data folder is of no use any more, and to start it again is refused.
 */
public final class MemberRemovedException extends IOException {
    private static final long serialVersionUID = 1;

    MemberRemovedException(String message) {
        super(message);
    }
}
