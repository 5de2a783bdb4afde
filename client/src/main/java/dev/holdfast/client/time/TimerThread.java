package dev.holdfast.client.time;

import dev.holdfast.client.internal.threads.OwnThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The thread on which timers fire: one serves any number of connections or leases. */
public final class TimerThread {

    /**
     * One daemon thread of that name, which takes over neither the caller's context class loader nor inheritable thread locals.
     * It is there at once, so that no timer waits for a thread that cannot be created. A cancelled timer leaves its queue at once.
     */
    public static ScheduledExecutorService newDaemon(String name) {
        ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1, task -> OwnThread.create(name, task));
        timers.setRemoveOnCancelPolicy(true);
        timers.prestartAllCoreThreads();
        return timers;
    }

    /** Runs the task soon, on the timers' thread; on the caller's if the timers are shut down. */
    public static void runSoon(ScheduledExecutorService timers, Runnable task) {
        try {
            timers.execute(task);
        } catch (RejectedExecutionException shutDown) {
            task.run();
        }
    }

    private TimerThread() {}
}
