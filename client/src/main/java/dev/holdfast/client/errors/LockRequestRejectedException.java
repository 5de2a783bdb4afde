package dev.holdfast.client.errors;

/**
 * The request itself is not acceptable, to this client or to the cluster. Nothing was done. Repeating it will not help, unless
 * the cluster was {@linkplain Reason#STATE_FULL full}.
 */
public final class LockRequestRejectedException extends LockException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** What was wrong with it. */
    public enum Reason {
        /** Something is missing, malformed or out of its range. */
        INVALID,
        /** A key, id or name is longer than allowed. */
        TOO_LONG,
        /** The cluster keeps as many of these as it may: waiters, holds, sessions. */
        LIMIT_REACHED,
        /** The cluster keeps as many bytes as it may. Once locks and permits are released, the request may be accepted. */
        STATE_FULL,
        /** The cluster does not know this kind of request yet. */
        UNSUPPORTED,
        /** The peers refuse requests of this client, or belong to several clusters. */
        REFUSED,
        /** It would cut the lease of a hold short that the owner acquired more than once. */
        SHARED,
        /** The locks that were asked for together belong to different Raft groups of the cluster. */
        SEVERAL_GROUPS
    }

    /** @param detail a sentence for people: what is wrong and with what */
    public LockRequestRejectedException(Reason reason, String detail) {
        super("The request was rejected (" + reason + "): " + detail, null);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
