package dev.holdfast.node.leader;

import dev.holdfast.client.time.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Shares rounds of confirmation: whoever joins is served by a round that begins after they joined, and all who come while
 * one is under way share the next. Those who can wait gather for as long as the least patient of them, unless somebody is
 * in a hurry: ten thousand sessions that are kept alive would else cost a round each.
 *
 * <p>See {@code docs/adr/001-confirm-leadership-by-term-probe.md}.
 */
final class LeadershipRounds {
    private final Supplier<CompletableFuture<Void>> confirm;
    private final Timers timers;
    private final ReentrantLock lock = new ReentrantLock();
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private boolean wanted;
    private boolean underWay;

    /** Whether somebody waits for the next round who can wait until then. */
    private boolean gathering;

    private long gatheringEndsNanos;

    LeadershipRounds(Supplier<CompletableFuture<Void>> confirm, Timers timers) {
        this.confirm = confirm;
        this.timers = timers;
    }

    /** Like {@link #join}, but the round need not begin before so long from now. */
    CompletableFuture<Void> joinWithin(long nanos) {
        CompletableFuture<Void> joined;
        boolean soonest;
        long endsNanos = timers.nanoTime() + nanos;
        lock.lock();
        try {
            joined = next;
            soonest = !gathering || endsNanos - gatheringEndsNanos < 0;
            if (soonest) {
                gathering = true;
                gatheringEndsNanos = endsNanos;
            }
        } finally {
            lock.unlock();
        }
        if (soonest) {
            timers.schedule(() -> endGathering(endsNanos), nanos);
        }
        return joined;
    }

    private void endGathering(long endsNanos) {
        lock.lock();
        try {
            // A round that began meanwhile may have taken them along, and others gather since, who can wait longer.
            wanted |= gathering && endsNanos - gatheringEndsNanos >= 0;
        } finally {
            lock.unlock();
        }
        beginNext();
    }

    /** Completes when a round that begins from now on has confirmed that this peer leads; fails with the round. */
    CompletableFuture<Void> join() {
        CompletableFuture<Void> joined;
        lock.lock();
        try {
            wanted = true;
            joined = next;
        } finally {
            lock.unlock();
        }
        beginNext();
        return joined;
    }

    private void beginNext() {
        CompletableFuture<Void> round;
        lock.lock();
        try {
            if (underWay || !wanted) {
                return;
            }
            underWay = true;
            wanted = false;
            gathering = false;
            round = next;
            next = new CompletableFuture<>();
        } finally {
            lock.unlock();
        }
        confirm.get().whenComplete((confirmed, failure) -> {
            lock.lock();
            try {
                underWay = false;
            } finally {
                lock.unlock();
            }
            beginNext();
            if (failure == null) {
                round.complete(null);
            } else {
                round.completeExceptionally(failure);
            }
        });
    }
}
