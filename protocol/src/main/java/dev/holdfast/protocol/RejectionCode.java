package dev.holdfast.protocol;

/** Why a command was not even considered. Nothing has changed when one is returned. */
public enum RejectionCode {
    /** The session is not open: it never was, it was closed, or its lease lapsed. */
    SESSION_UNKNOWN,
    /** The sequence was acknowledged before; a late copy of it is not executed. */
    SEQUENCE_STALE,
    /** A field is empty, malformed or out of its range. */
    INVALID,
    /** A key, id or name is longer than {@link Limits} allow. */
    TOO_LONG,
    /** The cluster keeps as many of these as {@link Limits} allow. */
    LIMIT_REACHED,
    /** The machine does not know this command at the semantics now in force. */
    UNSUPPORTED
}
