package dev.holdfast.node.internal.ratis;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps tasks that take other locks from running inside of one. A task that comes while its thread holds the lock waits for a thread that
 * looks after such tasks. May be used by any thread.
 */
final class AfterLock {
    private final ReentrantLock lock;
    private final Runnable wake;
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    /** @param wake makes the thread that looks after the tasks call {@link #runHeld}; called inside of the lock */
    AfterLock(ReentrantLock lock, Runnable wake) {
        this.lock = lock;
        this.wake = wake;
    }

    /** Runs the task: at once, unless this thread holds the lock. */
    void run(Runnable task) {
        if (lock.isHeldByCurrentThread()) {
            held.add(task);
            wake.run();
        } else {
            task.run();
        }
    }

    /** Runs what waits. The thread must not hold the lock. */
    void runHeld() {
        for (Runnable task = held.poll(); task != null; task = held.poll()) {
            task.run();
        }
    }
}
