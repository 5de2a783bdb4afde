package dev.holdfast.node.internal.transport;

import org.jspecify.annotations.Nullable;

/**
 * One member has a connection to another for each of these, so that what is small and urgent does not wait behind what is large.
 * All questions of a connection are of its lane.
 */
public enum Lane {
    /** Votes, and questions that are answered at once. */
    CONTROL(1, 64 << 10, 1024),
    /** Entries of the logs, in order. */
    ENTRIES(2, 16 << 20, 4096),
    /** Snapshots, one piece after the other. */
    SNAPSHOTS(3, 20 << 20, 4),
    /** Who are you, and of which cluster? Members meet here before there is a cluster, too, and so do those that are to become members. */
    MEETING(4, 64 << 10, 16);

    private final byte code;
    private final int frameBytesMax;
    private final int unansweredMax;

    Lane(int code, int frameBytesMax, int unansweredMax) {
        this.code = (byte) code;
        this.frameBytesMax = frameBytesMax;
        this.unansweredMax = unansweredMax;
    }

    byte code() {
        return code;
    }

    /** {@code null} if none has that code. */
    static @Nullable Lane of(byte code) {
        for (Lane lane : values()) {
            if (lane.code == code) {
                return lane;
            }
        }
        return null;
    }

    /** The largest body that a frame of this lane may have. */
    int frameBytesMax() {
        return frameBytesMax;
    }

    /** How many questions may wait for their answers on one connection. */
    int unansweredMax() {
        return unansweredMax;
    }
}
