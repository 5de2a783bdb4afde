package dev.holdfast.node.leader;

import dev.holdfast.client.time.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Shares rounds of confirmation. Each caller is served by a round that begins after it joined, and all who join while one is
 * under way share the next. Callers that can wait are gathered for as long as the least patient of them can, unless another
 * is in a hurry: otherwise, ten thousand sessions that are kept alive would cost a round each.
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

    /** Whether callers that can wait are being gathered, until the time below. */
    private boolean gathering;

    private long gatheringEndsNanos;

    LeadershipRounds(Supplier<CompletableFuture<Void>> confirm, Timers timers) {
        this.confirm = confirm;
        this.timers = timers;
    }

    /** Like {@link #join}, but the round may begin up to that many nanoseconds from now. */
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
            // A round that began meanwhile may have served them. Those gathered since then can wait longer.
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
        begin().whenComplete((confirmed, failure) -> {
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

    /** A round that throws must not leave those behind it waiting for ever. */
    private CompletableFuture<Void> begin() {
        try {
            return confirm.get();
        } catch (RuntimeException | LinkageError e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
