package dev.holdfast.client.remote;

/** The members of a cluster were not changed. The message says why, and what to do. */
public final class MemberChangeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why not. Nothing was done, except perhaps for {@link #NOT_CONFIRMED}. */
    public enum Reason {
        /** There is no member of that name. */
        NO_SUCH_MEMBER,
        /** No newcomer of that name presents itself, or more than one does. */
        NO_SUCH_NEWCOMER,
        /** There is a member of that name already, or one at that address. */
        TAKEN,
        /** There are as many voters as there may be. */
        VOTERS_MAX,
        /** No majority of the voters, or of those that there would be, answers. That cannot be forced. */
        NO_MAJORITY,
        /** The cluster would stop when one more member is lost. That can be forced. */
        NO_SPARE,
        /** The member does not answer, or has not caught up. */
        NOT_READY,
        /** Another change is under way. */
        UNDER_WAY,
        /** No leader was found in time. */
        NO_LEADER,
        /** It was tried, and is not known to be done. Asking again completes it, or says what became of it. */
        NOT_CONFIRMED,
        /** The peer that was asked does not know what was asked. */
        NOT_UNDERSTOOD,
        /** Some member is of a release that does not know what was asked: upgrade all members first. */
        UPGRADE_FIRST,
        /** There are as many as there may be. */
        LIMIT_REACHED,
        /** No join token has that id, or not any more. */
        NO_SUCH_TOKEN
    }

    private final Reason reason;

    public MemberChangeException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public MemberChangeException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
