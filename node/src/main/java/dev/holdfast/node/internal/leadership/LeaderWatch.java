package dev.holdfast.node.internal.leadership;

import dev.holdfast.client.time.Timers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a follower stand for election soon after its leader's process has died. Ratis checks only once per election timeout
 * whether the leader was silent for that long, so it takes one to two timeouts. But the death of a process breaks its
 * connections at once. Then this class looks closely: once the minimum election timeout is over, and if a majority misses
 * the leader, this peer stands. That question takes the place of Ratis's pre-vote: a peer that alone lost its connection
 * deposes nobody. A peer stands once per term in this way. Everything else, such as a leader that falls silent without a
 * broken connection, is left to Ratis.
 *
 * <p>See {@code docs/adr/008-stand-for-election-when-the-leader-died.md}.
 */
public final class LeaderWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderWatch.class);

    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

    /** The time between one follower and the next: an election takes less, unless it fails. */
    private static final long STAGGER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** What is known of this peer. */
    public interface Follower {
        /** The term in which it follows a leader that it knows; -1 if it does not follow any. */
        long followedTerm();

        /** For how long it has heard nothing of that leader. */
        long silentMs();

        /** How many other followers are to stand before this one. */
        int rank();

        /** Completes if a majority, with this peer, misses the leader of that term; else fails. */
        CompletableFuture<Void> majorityMissesLeader(long term);

        /** May block for a moment. */
        void standForElection(long term);
    }

    private final Follower follower;
    private final long patienceNanos;
    private final Timers timers;
    private final AtomicLong lastTerm = new AtomicLong(-1);
    private volatile boolean closed;

    /** @param electionTimeoutMin for how long a silent leader is taken to be alive */
    public LeaderWatch(Follower follower, Duration electionTimeoutMin, Timers timers) {
        this.follower = follower;
        this.patienceNanos = electionTimeoutMin.toNanos();
        this.timers = timers;
    }

    /** A stream of entries to this peer ended. Any thread. */
    public void onStreamEnded() {
        long term = follower.followedTerm();
        if (term >= 0) {
            look(term, timers.nanoTime());
        }
    }

    private void look(long term, long brokenNanos) {
        boolean isTooLate = timers.nanoTime() - brokenNanos > 3 * patienceNanos;
        if (isTooLate || !isWanted(term)) {
            return;
        }
        long left = patienceNanos - TimeUnit.MILLISECONDS.toNanos(follower.silentMs());
        if (left > 0) {
            timers.schedule(() -> look(term, brokenNanos), left);
            return;
        }
        follower.majorityMissesLeader(term).whenComplete((yes, failure) -> {
            if (failure == null) {
                timers.schedule(() -> stand(term), follower.rank() * STAGGER_NANOS);
            } else {
                timers.schedule(() -> look(term, brokenNanos), AGAIN_NANOS);
            }
        });
    }

    /** Whether it still follows the leader of that term, and has not stood in its place. */
    private boolean isWanted(long term) {
        return !closed && follower.followedTerm() == term && lastTerm.get() < term;
    }

    private void stand(long term) {
        if (isWanted(term) && lastTerm.getAndAccumulate(term, Math::max) < term) {
            LOG.info("The leader of term {} is gone, and a majority misses it: this peer stands for election", term);
            Thread thread = new Thread(() -> follower.standForElection(term), "holdfast-election");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
