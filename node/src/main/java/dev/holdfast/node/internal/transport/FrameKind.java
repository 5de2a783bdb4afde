package dev.holdfast.node.internal.transport;

import org.jspecify.annotations.Nullable;

/**
 * All that members say to each other.
 *
 * <p>See {@code docs/adr/013-a-transport-of-our-own.md}.
 */
public enum FrameKind {
    /** The first of a connection: who speaks, to whom, of which cluster, and a nonce. */
    HELLO(1, null),
    /** The answer: who answers, of which cluster, and a nonce. */
    CHALLENGE(2, null),
    /** Proves that whoever said hello is a member. */
    PROOF(3, null),
    /** Proves that whoever was dialled is a member. From here on questions are taken. */
    WELCOME(4, null),
    /** Instead of any of these, with a reason: the connection ends. */
    REFUSED(5, null),

    /** The answer to a question. */
    ANSWER(8, null),
    /** The answer to a question that failed: a reason and a text. */
    FAILED(9, null),

    /** How far are you, and which term do you know? */
    GREETING(16, Lane.CONTROL),
    /** Do you miss the leader as well? */
    MISSES_LEADER(17, Lane.CONTROL),
    /** Raft's request for a vote, or for what the vote would be. */
    VOTE(18, Lane.CONTROL),
    /** Raft's request of a leader that another stands for election at once. */
    STAND_FOR_ELECTION(19, Lane.CONTROL),
    /** Raft's entries, or none: a heartbeat. */
    APPEND(20, Lane.ENTRIES),
    /** A piece of a snapshot. */
    SNAPSHOT_PIECE(21, Lane.SNAPSHOTS),
    /** This is who I am; who are you? */
    MEET(24, Lane.MEETING),
    /** Will you be one of the members with which a cluster begins? */
    CALL(25, Lane.MEETING);

    private static final FrameKind[] BY_CODE = new FrameKind[32];

    static {
        for (FrameKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final byte code;
    private final @Nullable Lane lane;

    FrameKind(int code, @Nullable Lane lane) {
        this.code = (byte) code;
        this.lane = lane;
    }

    byte code() {
        return code;
    }

    /** Where this question is asked; {@code null} if it is no question. */
    public @Nullable Lane lane() {
        return lane;
    }

    /** {@code null} if no kind has that code. */
    static @Nullable FrameKind of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
