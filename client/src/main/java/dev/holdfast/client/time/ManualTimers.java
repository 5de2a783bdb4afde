package dev.holdfast.client.time;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Time driven by hand, for tests: it stands still until {@link #advance} moves it, and tasks run on the thread that moves
 * it, each at its own instant, in the order in which they fall due; those due at the same instant in the order in which
 * they were scheduled.
 *
 * <p>Any thread may call any method. Tasks do not overlap as long as only one thread at a time moves the time on.
 */
public final class ManualTimers implements Timers {
    private final ReentrantLock lock = new ReentrantLock();

    /** What is scheduled, cancelled tasks excluded. Guarded by the lock, like the next two. */
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();

    private long nowNanos;
    private long scheduled;

    /** Starts one second before the clock overflows, so that code which compares instants, not differences, soon fails. */
    public ManualTimers() {
        this(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1));
    }

    /** @param originNanos what {@link #nanoTime()} returns at first */
    public ManualTimers(long originNanos) {
        this.nowNanos = originNanos;
    }

    @Override
    public long nanoTime() {
        lock.lock();
        try {
            return nowNanos;
        } finally {
            lock.unlock();
        }
    }

    /** Runs the task when time is next moved to that instant or beyond; never on the calling thread within this call. */
    @Override
    public Scheduled schedule(Runnable action, long delayNanos) {
        lock.lock();
        try {
            Task task = new Task(nowNanos + Math.max(0, delayNanos), scheduled++, action);
            tasks.add(task);
            return () -> cancel(task);
        } finally {
            lock.unlock();
        }
    }

    private void cancel(Task task) {
        lock.lock();
        try {
            tasks.remove(task);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Moves time on, running what falls due on the way, including what those tasks schedule themselves. A task sees the time
     * for which it was scheduled. Advancing by zero runs what is due already.
     *
     * @param by not negative
     */
    public void advance(Duration by) {
        long endNanos = nanoTime() + by.toNanos();
        for (Task due = nextOrArrive(endNanos); due != null; due = nextOrArrive(endNanos)) {
            due.action.run();
        }
    }

    /**
     * Moves time on without running anything, as if the process had been suspended. What fell due meanwhile runs late, with
     * the next {@link #advance}.
     *
     * @param by not negative
     */
    public void pause(Duration by) {
        lock.lock();
        try {
            nowNanos += by.toNanos();
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next task due by then; if there is none, it is then. */
    private @Nullable Task nextOrArrive(long endNanos) {
        lock.lock();
        try {
            Task next = tasks.peek();
            if (next == null || next.atNanos - endNanos > 0) {
                moveTo(endNanos);
                return null;
            }
            moveTo(next.atNanos);
            return tasks.remove();
        } finally {
            lock.unlock();
        }
    }

    private void moveTo(long nanos) {
        if (nanos - nowNanos > 0) {
            nowNanos = nanos;
        }
    }

    private static final class Task implements Comparable<Task> {
        final long atNanos;
        final long order;
        final Runnable action;

        Task(long atNanos, long order, Runnable action) {
            this.atNanos = atNanos;
            this.order = order;
            this.action = action;
        }

        // By difference: the clock may overflow between two tasks.
        @Override
        public int compareTo(Task other) {
            return atNanos == other.atNanos ? Long.compare(order, other.order) : Long.signum(atNanos - other.atNanos);
        }
    }
}
