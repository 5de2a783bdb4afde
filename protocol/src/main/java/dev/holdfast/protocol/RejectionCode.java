package dev.holdfast.protocol;

/** Why a command was not executed. A rejected command has changed nothing. */
public enum RejectionCode {
    /** The session is not open: it was never opened, it was closed, or its lease lapsed. */
    SESSION_UNKNOWN,
    /** The sequence was acknowledged before: a late copy is not executed. */
    SEQUENCE_STALE,
    /** A field is empty, malformed or out of range. */
    INVALID,
    /** A key, id or name is longer than {@link Limits} allows. */
    TOO_LONG,
    /** The cluster already keeps as many of these as {@link Limits} allows. */
    LIMIT_REACHED,
    /** The state takes as many bytes as it may; once something is released, the command may be accepted. */
    STATE_FULL,
    /** The rules do not allow it to the one who asked. */
    FORBIDDEN,
    /** The semantics in force do not include this command. */
    UNSUPPORTED
}
