package dev.holdfast.jepsen.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Virtual time: runs what falls due, in order, in the thread of its caller, and after each event the threads that it woke. */
final class Scheduler {
    private record Due(long atNanos, long order, Runnable action) {}

    private final PriorityQueue<Due> queue =
            new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::order));
    private final List<SimulatedThread> threads = new ArrayList<>();
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
            runThreads();
        }
        nowNanos = untilNanos;
    }

    void add(SimulatedThread thread) {
        threads.add(thread);
    }

    /** Until all of them wait for something that is yet to come. Each may wake others. */
    private void runThreads() {
        boolean ran;
        do {
            ran = false;
            for (SimulatedThread thread : threads) {
                ran |= thread.takeTurn();
            }
        } while (ran);
    }
}
