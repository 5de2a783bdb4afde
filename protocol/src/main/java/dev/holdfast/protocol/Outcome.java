package dev.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/** What became of one command. All deadlines are in {@linkplain LogTime log time}. */
public sealed interface Outcome {

    /** The session is open under this id. */
    record SessionOpened(SessionId session) implements Outcome {}

    record SessionClosed() implements Outcome {}

    /**
     * The owner holds the lockable.
     *
     * @param token the fencing token of the hold
     * @param deadlineMs when a TTL lease ends, {@link LogTime#NEVER} when time alone does not end it
     * @param count the hold's permits, or its hold count, after this acquire
     * @param reacquired whether the owner had the hold before
     */
    record Granted(long token, long deadlineMs, int count, boolean reacquired) implements Outcome {}

    /**
     * Not granted, and not queued.
     *
     * @param holder the owner of the oldest hold, {@code null} if only waiters are in the way
     * @param token the fencing token of that hold, 0 if there is none
     * @param available permits that are not held, by the limit of the request
     */
    record Refused(@Nullable Owner holder, long token, int available) implements Outcome {}

    /**
     * Queued; the session will receive {@link Event.WaitGranted} or {@link Event.WaitEnded}.
     *
     * @param position how many waiters were ahead
     */
    record Queued(int position) implements Outcome {}

    /**
     * Given back.
     *
     * @param remaining what the hold still counts; 0 if it is gone
     */
    record Released(int remaining) implements Outcome {}

    /** The hold lives at least until then, whatever becomes of the sessions that keep it. */
    record Extended(long deadlineMs) implements Outcome {}

    /** How many holds were taken from their owners. */
    record ForceReleased(int holds) implements Outcome {}

    /** The acquire is given up; whether it had to be undone. */
    record Cancelled(boolean undone) implements Outcome {}

    /**
     * The owner does not hold it under that token, or not that many permits.
     *
     * @param holder who holds it now, {@code null} if nobody does
     */
    record NotHeld(@Nullable Owner holder) implements Outcome {}

    /** More permits were asked for than there will ever be. */
    record CapacityExceeded(int requested, int available, int max) implements Outcome {}

    /** Acknowledgements were taken note of. */
    record Acknowledged() implements Outcome {}

    /** Not considered. */
    record Rejected(RejectionCode code, String detail) implements Outcome {}
}
