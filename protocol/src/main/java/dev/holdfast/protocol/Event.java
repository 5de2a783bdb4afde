package dev.holdfast.protocol;

import java.util.List;

/** What a session is told without having asked. Kept in the replicated state until the session acknowledges it. */
public sealed interface Event {

    /** Why a hold ended other than by its session's release. */
    enum LossReason {
        /** Its lease ran out. */
        EXPIRED,
        /** It was force-released. */
        FORCE_RELEASED,
        /** Its owner released it from another session. */
        RELEASED_ELSEWHERE
    }

    /** Why a wait ended without a grant. */
    enum WaitEnd {
        /** Its waiting time was over. */
        TIMED_OUT
    }

    /** A queued acquire was granted. The other fields are those of {@link Outcome.Granted}. */
    record WaitGranted(long acquireSequence, long token, long deadlineMs, int count, boolean reacquired)
            implements Event {}

    /** A queued acquire will not be granted. */
    record WaitEnded(long acquireSequence, WaitEnd reason) implements Event {}

    /**
     * A queued acquire of several lockables was granted, all of them at once.
     *
     * @param grants in the order of the command's lockables
     */
    record WaitGrantedAll(long acquireSequence, List<Outcome.Granted> grants) implements Event {
        public WaitGrantedAll {
            grants = List.copyOf(grants);
        }
    }

    /**
     * A hold of this session is gone.
     *
     * @param atMs the log time of the loss
     */
    record HoldLost(LockableKey lockable, Owner owner, long token, LossReason reason, long atMs) implements Event {}

    /** Somebody would like to have what this session holds. It is free to go on holding it. */
    record ReleaseRequested(LockableKey lockable, Owner owner, long token) implements Event {}
}
