package dev.holdfast.jepsen.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual time: runs what falls due, in order, in the thread of its caller. */
final class Scheduler {
    private record Due(long atNanos, long order, Runnable action) {}

    private final PriorityQueue<Due> queue =
            new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::order));
    private long nowNanos;
    private long lastOrder;

    long nowNanos() {
        return nowNanos;
    }

    void after(long delayNanos, Runnable action) {
        queue.add(new Due(nowNanos + Math.max(0, delayNanos), ++lastOrder, action));
    }

    /** Runs all that falls due until then. */
    void runUntil(long untilNanos) {
        for (Due due = queue.peek(); due != null && due.atNanos <= untilNanos; due = queue.peek()) {
            queue.remove();
            nowNanos = due.atNanos;
            due.action.run();
        }
        nowNanos = untilNanos;
    }
}
