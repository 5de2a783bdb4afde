package dev.holdfast.client.info;

/** What happened to a lock or a semaphore. Later releases may have more of them. */
public enum ChangeKind {
    /** An owner who did not hold it got it, at once or after a wait. */
    GRANTED,
    /** An owner who held it already got it again, or more of it. */
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
    /** Its lease ran out. */
    EXPIRED,
    /** Somebody took it by force. */
    FORCE_RELEASED,
    /** The session that kept it, or a part of it, ended: its client closed it, was silent for too long, or somebody ended it. */
    ENDED_WITH_SESSION
}
