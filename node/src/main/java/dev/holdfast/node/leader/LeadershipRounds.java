package dev.holdfast.node.leader;

import dev.holdfast.client.time.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Shares rounds of confirmation: whoever joins is served by a round that begins after they joined, and all who come while
 * one is under way share the next. Those who are in no hurry gather for a while first, unless somebody is: ten thousand
 * sessions that are kept alive would else cost a round each.
 */
final class LeadershipRounds {
    static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Supplier<CompletableFuture<Void>> confirm;
    private final Timers timers;
    private final ReentrantLock lock = new ReentrantLock();
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private boolean wanted;
    private boolean underWay;
    private boolean gathering;

    LeadershipRounds(Supplier<CompletableFuture<Void>> confirm, Timers timers) {
        this.confirm = confirm;
        this.timers = timers;
    }

    /** Like {@link #join}, in no hurry. */
    CompletableFuture<Void> joinLater() {
        CompletableFuture<Void> joined;
        boolean first;
        lock.lock();
        try {
            joined = next;
            first = !gathering;
            gathering = true;
        } finally {
            lock.unlock();
        }
        if (first) {
            timers.schedule(
                    () -> {
                        lock.lock();
                        try {
                            // If a round that began meanwhile took them along, this one is for nobody.
                            wanted |= gathering;
                        } finally {
                            lock.unlock();
                        }
                        beginNext();
                    },
                    GATHER_NANOS);
        }
        return joined;
    }

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
