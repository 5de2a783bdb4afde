package dev.holdfast.client.election;

/** Why a term ended. */
public enum RevokeReason {
    /** {@link Election#resign}, or {@link Election#close}. */
    RESIGNED,
    /** A candidate of a higher priority waits, and this one {@linkplain ElectionOptions#yieldToHigher yields}. */
    YIELDED,
    /** {@link ElectionListener#onElected} threw while it led: it cannot do the work, so somebody else shall. */
    FAILED,
    /**
     * The cluster was not heard of for {@linkplain ElectionOptions#stepDownAfter a part} of the session's lease. The rest of the
     * lease is left to stop in: nobody else leads until it is over, or until this client has given the lead back.
     */
    SUSPECT,
    /** The lease is over, by this client's conservative clock or as the cluster says. Somebody else may lead. */
    LOST,
    /** Somebody took the lead by force, or released it by naming its owner. Somebody else may lead. */
    FORCED,
    /** The client was closed, and its session with it. Somebody else may lead. */
    CLIENT_CLOSED
}
