package dev.holdfast.client.wire;

/** Limits of the conversation, in addition to those of {@link dev.holdfast.protocol.Limits}. */
public final class WireLimits {
    /** Largest frame that a peer takes from a client. */
    public static final int CLIENT_FRAME_BYTES_MAX = 4 * 1024 * 1024;

    /** Largest frame that a client takes from a peer. */
    public static final int SERVER_FRAME_BYTES_MAX = 16 * 1024 * 1024;

    /**
     * Largest command, and largest query; of a command that names several lockables, for each of them. With the longest
     * names that the cluster takes they are little more than half.
     */
    public static final int REQUEST_BYTES_MAX = 4096;

    /** Most events in one frame: the largest events there are still make a frame that is far below its bound. */
    public static final int EVENTS_PER_FRAME_MAX = 512;

    /** Most members of which a peer tells its clients. */
    public static final int MEMBERS_MAX = 64;

    private WireLimits() {}
}
