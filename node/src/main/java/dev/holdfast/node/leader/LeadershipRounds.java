package dev.holdfast.node.leader;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Shares rounds of confirmation: whoever joins is served by a round that begins after they joined, and all who come while
 * one is under way share the next.
 */
final class LeadershipRounds {
    private final Supplier<CompletableFuture<Void>> confirm;
    private final ReentrantLock lock = new ReentrantLock();
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private boolean wanted;
    private boolean underWay;

    LeadershipRounds(Supplier<CompletableFuture<Void>> confirm) {
        this.confirm = confirm;
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
