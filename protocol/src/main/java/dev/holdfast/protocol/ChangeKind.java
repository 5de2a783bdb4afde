package dev.holdfast.protocol;

/** What a change did to a lockable: what somebody who reads its history is told. */
public enum ChangeKind {
    /** An owner who did not hold it was granted it, at once or after a wait. */
    GRANTED,
    /** An owner who held it already was granted it again, at once or after a wait. */
    GRANTED_AGAIN,
    /** An owner began to wait for it. */
    QUEUED,
    /** A wait ended without a grant: its time was over. */
    WAIT_TIMED_OUT,
    /** A wait ended without a grant: whoever waited gave up. */
    WAIT_CANCELLED,
    /** A wait ended without a grant: the session of whoever waited ended. */
    WAIT_ENDED_WITH_SESSION,
    /** The owner released it, or a part of it. */
    RELEASED,
    /** The hold's lease ran out. */
    EXPIRED,
    /** Somebody took it by force. */
    FORCE_RELEASED,
    /** The session that kept the hold, or a part of it, ended: it was closed, it lapsed, or somebody ended it. */
    ENDED_WITH_SESSION
}
