package dev.holdfast.protocol;

import java.util.List;
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
     * @param deadlineMs when the lease ends; {@link LogTime#NEVER} if time alone does not end it
     * @param count the hold's permits, or its hold count, after this acquire
     * @param reacquired whether the owner already had the hold
     */
    record Granted(long token, long deadlineMs, int count, boolean reacquired) implements Outcome {}

    /**
     * Not granted, and not queued.
     *
     * @param holder the owner of the oldest hold; {@code null} if nobody holds it
     * @param token the fencing token of that hold; 0 if there is none
     * @param available how many permits of the request's limit are free
     * @param waitersAhead how many wait for it and come first, if nothing else was in the way: what was asked for was free;
     *     else 0
     */
    record Refused(@Nullable Owner holder, long token, int available, int waitersAhead) implements Outcome {
        /** Refused since it was not free. */
        public Refused(@Nullable Owner holder, long token, int available) {
            this(holder, token, available, 0);
        }
    }

    /**
     * Queued; the session will receive {@link Event.WaitGranted}, or {@link Event.WaitGrantedAll} if it asked for
     * several, or {@link Event.WaitEnded}.
     *
     * @param position how many waiters were ahead, in the longest of its queues
     */
    record Queued(int position) implements Outcome {}

    /**
     * Released.
     *
     * @param remaining the hold's remaining permits or hold count; 0 if the hold is gone
     */
    record Released(int remaining) implements Outcome {}

    /** The hold lives at least until that deadline, whatever becomes of the sessions that keep it. */
    record Extended(long deadlineMs) implements Outcome {}

    /** How many holds were taken from their owners. */
    record ForceReleased(int holds) implements Outcome {}

    /**
     * The acquire is given up.
     *
     * @param undone whether a waiter or a grant had to be undone
     */
    record Cancelled(boolean undone) implements Outcome {}

    /**
     * The owner does not hold it under that token, or holds fewer permits.
     *
     * @param holder the owner of the oldest hold; {@code null} if nobody holds it
     * @param held how many permits the owner holds under that token, if those are too few; 0 if it holds none
     */
    record NotHeld(@Nullable Owner holder, int held) implements Outcome {
        /** The owner holds none under that token. */
        public NotHeld(@Nullable Owner holder) {
            this(holder, 0);
        }
    }

    /** More permits were requested than the limit allows at any time. */
    record CapacityExceeded(int requested, int available, int max) implements Outcome {}

    /** The hold is there, and the session will be told of its end. */
    record Attached() implements Outcome {}

    /** The hold ends at that deadline unless it is extended, or acquired again, or ends before. */
    record Expiring(long deadlineMs) implements Outcome {}

    /**
     * Nothing was done, since others rely on the hold too: its owner acquired it more than once.
     *
     * @param acquires how many acquires share it, as far as the machine knows: those of sessions that have ended count,
     *     and so do those of a semaphore whose permits were given back
     */
    record Shared(int acquires) implements Outcome {}

    /**
     * The owner holds all permits that were free.
     *
     * @param permits how many of the hold's permits this acquire added
     */
    record Drained(Granted granted, int permits) implements Outcome {}

    /**
     * The holders have been asked to release it.
     *
     * @param holds how many holds have a session that is told; those whose sessions have all ended do not count
     */
    record ReleaseRequested(int holds) implements Outcome {}

    /**
     * The owner holds all that it asked for.
     *
     * @param grants in the order of the command's lockables
     */
    record GrantedAll(List<Granted> grants) implements Outcome {
        public GrantedAll {
            grants = List.copyOf(grants);
        }
    }

    /**
     * Nothing was granted, and nothing queued.
     *
     * @param lockable the first of the command's lockables that is in the way
     * @param holder who holds that one; {@code null} if only waiters are in the way
     * @param token the fencing token of that hold; 0 if there is none
     * @param waitersAhead how many wait for that one and come first, if nobody holds it; else 0
     */
    record RefusedAll(LockableKey lockable, @Nullable Owner holder, long token, int waitersAhead) implements Outcome {}

    /** Whether the rules are others than before. */
    record RulesChanged(boolean changed) implements Outcome {}

    /** The acknowledgements have been recorded. */
    record Acknowledged() implements Outcome {}

    /** The command was not executed. */
    record Rejected(RejectionCode code, String detail) implements Outcome {}
}
