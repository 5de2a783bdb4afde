package dev.holdfast.client.internal.election;

import dev.holdfast.client.info.LockInfo;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Whether a leader has to yield: looks for who waits when it is asked to, once at a time however often it is asked, and until there is
 * an answer. One for each term. Touched by tasks of the election only.
 */
final class Yielding {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Clockwork clockwork;
    private final Ballot ballot;
    private final long timeoutNanos;
    private final BooleanSupplier leads;
    private final Predicate<Optional<LockInfo>> outranked;
    private final Runnable whenOutranked;

    /** Whether a look is under way, or will be repeated. */
    private boolean looking;

    /** Whether somebody has asked since that look began: what it sees may be older. */
    private boolean askedAgain;

    /**
     * @param leads whether the term goes on
     * @param outranked whether somebody waits for whom the leader yields
     * @param whenOutranked what it does then
     */
    Yielding(
            Clockwork clockwork,
            Ballot ballot,
            long timeoutNanos,
            BooleanSupplier leads,
            Predicate<Optional<LockInfo>> outranked,
            Runnable whenOutranked) {
        this.clockwork = clockwork;
        this.ballot = ballot;
        this.timeoutNanos = timeoutNanos;
        this.leads = leads;
        this.outranked = outranked;
        this.whenOutranked = whenOutranked;
    }

    void consider() {
        if (looking) {
            askedAgain = true;
        } else {
            look();
        }
    }

    private void look() {
        looking = leads.getAsBoolean();
        if (!looking) {
            return;
        }
        askedAgain = false;
        clockwork.whenDone(ballot.look(timeoutNanos), (lock, failure) -> {
            if (lock == null) {
                var unused = clockwork.after(PAUSE_NANOS, this::look);
            } else if (outranked.test(lock)) {
                whenOutranked.run();
            } else if (askedAgain) {
                look();
            } else {
                looking = false;
            }
        });
    }
}
