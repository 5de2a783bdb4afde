package dev.holdfast.client.internal.election;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.time.Timers;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a leader of a lower priority for the lead, on behalf of a candidate who waits. The leader looks for who waits before it yields,
 * so it is asked only once the candidate is seen in the queue. Whoever is elected afterwards looks by itself. Touched by tasks
 * of the election only.
 */
final class Nudge {
    private static final long PAUSE_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);

    /** Who waits so far behind that nobody sees it has nothing to ask for yet, and there may be many of those. */
    private static final long UNSEEN_PAUSE_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);

    private final Clockwork clockwork;
    private final Ballot ballot;
    private final LockOwner candidate;
    private final int priority;
    private final long timeoutNanos;
    private boolean done;
    private int attempts;
    private Timers.@Nullable Scheduled timer;

    Nudge(Clockwork clockwork, Ballot ballot, LockOwner candidate, int priority, long timeoutNanos) {
        this.clockwork = clockwork;
        this.ballot = ballot;
        this.candidate = candidate;
        this.priority = priority;
        this.timeoutNanos = timeoutNanos;
    }

    /** Nobody outranks a candidate of the lowest priority, so it has nobody to ask. */
    void start() {
        if (priority > 0) {
            look();
        }
    }

    void stop() {
        done = true;
        Timers.Scheduled scheduled = timer;
        if (scheduled != null) {
            scheduled.cancel();
        }
    }

    private void look() {
        if (!done) {
            clockwork.whenDone(
                    ballot.look(timeoutNanos), (lock, failure) -> seen(lock == null ? null : lock.orElse(null)));
        }
    }

    private void seen(@Nullable LockInfo lock) {
        if (done) {
            return;
        }
        if (lock == null) {
            again(PAUSE_NANOS_MAX);
        } else if (!Candidates.isWaiting(lock, candidate)) {
            again(Candidates.isCutShort(lock) ? UNSEEN_PAUSE_NANOS_MAX : PAUSE_NANOS_MAX);
        } else if (Candidates.isHeldByLower(lock, priority)) {
            clockwork.whenDone(ballot.askForIt(), (asked, failure) -> {
                if (!done && (asked == null || asked == 0)) {
                    again(PAUSE_NANOS_MAX);
                }
            });
        }
    }

    private void again(long longestNanos) {
        timer = clockwork.after(clockwork.pauseNanos(++attempts, longestNanos), this::look);
    }
}
