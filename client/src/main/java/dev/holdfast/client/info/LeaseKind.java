package dev.holdfast.client.info;

/** What ends a hold that nobody releases. */
public enum LeaseKind {
    /** The end of the session of the client that acquired it. */
    SESSION,
    /** The end of its TTL, unless it is extended. */
    TTL,
    /** Nothing: only a release, by its owner or by force, ends it. */
    UNTIL_RELEASED
}
