package dev.holdfast.client;

/**
 * What a client believes about a hold. The belief is never later than the truth in the cluster: a hold that is {@link #HELD}
 * or {@link #SUSPECT} here has not expired there. A process that may be paused between asking and acting needs the fencing
 * token all the same.
 */
public enum HoldState {
    /** Held, and recently confirmed. */
    HELD,
    /**
     * Still held, but about to be lost unless it is renewed: the cluster has not confirmed the session for half of its lease, or
     * less than a fifth of a TTL is left. Time to finish, to save, or to extend.
     */
    SUSPECT,
    /** No longer held: it expired, was taken by force, or was released by its owner from elsewhere. */
    LOST,
    /** Given back by this client. */
    RELEASED
}
