package dev.holdfast.testkit;

import dev.holdfast.node.leader.Replica;
import dev.holdfast.node.leader.ReplicatedLog;
import dev.holdfast.protocol.Batch;
import dev.holdfast.statemachine.Applied;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A log that keeps nothing. Entries are applied at once, one after the other, by the thread that appended the first. An entry
 * that is appended during an apply waits its turn.
 */
final class InMemoryLog implements ReplicatedLog {
    private record Entry(long stampMs, Batch batch, CompletableFuture<Applied> applied) {}

    private final Replica replica;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private boolean applying;
    private long lastIndex;

    InMemoryLog(Replica replica) {
        this.replica = replica;
    }

    @Override
    public CompletableFuture<Applied> append(long term, long stampMs, Batch batch) {
        Entry entry = new Entry(stampMs, batch, new CompletableFuture<>());
        lock.lock();
        try {
            entries.add(entry);
            if (applying) {
                return entry.applied;
            }
            applying = true;
        } finally {
            lock.unlock();
        }
        for (Entry next = next(); next != null; next = next()) {
            next.applied.complete(replica.apply(++lastIndex, next.stampMs, next.batch));
        }
        return entry.applied;
    }

    private @Nullable Entry next() {
        lock.lock();
        try {
            Entry next = entries.poll();
            applying = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletableFuture<Void> confirmLeadership(long term) {
        return CompletableFuture.completedFuture(null);
    }
}
