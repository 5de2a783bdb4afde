package dev.holdfast.protocol;

/** What keeps a hold alive. */
public enum LeaseKind {
    /** Held while the session that acquired it lives. */
    SESSION,
    /** Held for exactly the given time unless extended, whatever becomes of the session. */
    TTL,
    /** Held until released by its owner, from anywhere, or by force. */
    UNTIL_RELEASED
}
