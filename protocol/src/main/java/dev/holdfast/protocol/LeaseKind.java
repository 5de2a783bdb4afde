package dev.holdfast.protocol;

/** What keeps a hold alive. */
public enum LeaseKind {
    /** Held while the session that acquired it lives. */
    SESSION,
    /** Held for the given time from the grant unless extended, whatever becomes of the session. */
    TTL,
    /** Held until its owner releases it, from any session, or until it is force-released. */
    UNTIL_RELEASED
}
