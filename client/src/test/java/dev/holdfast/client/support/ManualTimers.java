package dev.holdfast.client.support;

import dev.holdfast.client.time.Timers;
import java.time.Duration;
import java.util.PriorityQueue;

/** Time that stands still until a test moves it. Tasks run on the thread that moves it. */
public final class ManualTimers implements Timers {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long nowNanos;
    private long scheduled;

    private static final class Task implements Comparable<Task> {
        final long atNanos;
        final long order;
        final Runnable action;
        volatile boolean cancelled;

        Task(long atNanos, long order, Runnable action) {
            this.atNanos = atNanos;
            this.order = order;
            this.action = action;
        }

        @Override
        public int compareTo(Task other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** @param originNanos where the clock starts; a client must not depend on it */
    public ManualTimers(long originNanos) {
        this.nowNanos = originNanos;
    }

    @Override
    public synchronized long nanoTime() {
        return nowNanos;
    }

    @Override
    public synchronized Scheduled schedule(Runnable action, long delayNanos) {
        Task task = new Task(nowNanos + Math.max(0, delayNanos), scheduled++, action);
        tasks.add(task);
        return () -> task.cancelled = true;
    }

    /** Moves time on, running what becomes due on the way. */
    public void advance(Duration by) {
        long endNanos = nanoTime() + by.toNanos();
        for (Task due = next(endNanos); due != null; due = next(endNanos)) {
            due.action.run();
        }
        synchronized (this) {
            nowNanos = endNanos;
        }
    }

    /** Moves time on without running anything, as if the process had been paused. What is due runs with the next move. */
    public synchronized void pause(Duration by) {
        nowNanos += by.toNanos();
    }

    private synchronized Task next(long endNanos) {
        while (!tasks.isEmpty() && tasks.peek().atNanos <= endNanos) {
            Task due = tasks.remove();
            if (!due.cancelled) {
                nowNanos = Math.max(nowNanos, due.atNanos);
                return due;
            }
        }
        return null;
    }
}
