package dev.holdfast.testkit;

import dev.holdfast.client.time.Timers;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A clock that stands still until told otherwise. */
final class ManualTimers implements Timers {
    private static final class Task implements Scheduled {
        final Runnable action;
        final long atNanos;
        final long order;
        volatile boolean cancelled;

        Task(Runnable action, long atNanos, long order) {
            this.action = action;
            this.atNanos = atNanos;
            this.order = order;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.comparingLong((Task task) -> task.atNanos).thenComparingLong(task -> task.order));
    private long nowNanos;
    private long lastOrder;

    @Override
    public long nanoTime() {
        lock.lock();
        try {
            return nowNanos;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        lock.lock();
        try {
            Task scheduled = new Task(task, nowNanos + Math.max(0, delayNanos), ++lastOrder);
            tasks.add(scheduled);
            return scheduled;
        } finally {
            lock.unlock();
        }
    }

    /** Moves time on, stopping at each task that falls due to run it, in the caller's thread. */
    void advance(Duration duration) {
        long until = nanoTime() + duration.toNanos();
        for (Task due = nextDue(until); due != null; due = nextDue(until)) {
            due.action.run();
        }
    }

    private @Nullable Task nextDue(long untilNanos) {
        lock.lock();
        try {
            Task next = tasks.peek();
            while (next != null && next.cancelled) {
                tasks.remove();
                next = tasks.peek();
            }
            if (next == null || next.atNanos > untilNanos) {
                nowNanos = Math.max(nowNanos, untilNanos);
                return null;
            }
            tasks.remove();
            nowNanos = Math.max(nowNanos, next.atNanos);
            return next;
        } finally {
            lock.unlock();
        }
    }
}
