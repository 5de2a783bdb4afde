package dev.holdfast.client;

/** Why a hold was lost. */
public enum LossReason {
    /** Its TTL ran out, or the time given to {@link LockHandle#expireIn}, by this client's conservative clock or as reported by the cluster. */
    EXPIRED,
    /** The session that kept it was not confirmed for a whole session lease, or the cluster ended it. */
    SESSION_LOST,
    /** It was taken by force. */
    FORCE_RELEASED,
    /** Its owner released it from another process. */
    RELEASED_ELSEWHERE,
    /**
     * Its owner released it through this client, but not by this handle: by another handle of the same owner's hold, or by
     * naming the owner while there were several.
     */
    RELEASED_BY_OWNER,
    /** The cluster says that it is not held, but not why. */
    NOT_HELD,
    /** This client was closed, and its session with it. */
    CLIENT_CLOSED
}
