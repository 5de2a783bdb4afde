package dev.holdfast.protocol;

/** Versions that travel with data, so that peers and clients of different releases never misread one another. */
public final class ProtocolVersion {
    /** The conversation between a client and a peer. */
    public static final int CLIENT = 1;

    /** The encoding of log entries. */
    public static final int LOG_ENTRY = 1;

    /** The encoding of snapshots. */
    public static final int SNAPSHOT = 1;

    /**
     * The newest state-machine semantics that this release knows. The version in force is replicated state, raised by
     * {@link Command.Activate} once every member knows it. 2 has join tokens, and
     * the audit of what becomes of members.
     */
    public static final int SEMANTICS = 2;

    /** The first semantics with {@linkplain Command.OfferJoin join tokens} and {@linkplain Command.RecordAudit audit of members}. */
    public static final int JOIN_TOKENS = 2;

    private ProtocolVersion() {}
}
