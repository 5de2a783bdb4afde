package dev.holdfast.client.internal.remote;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The thread on which timeouts fire, one for any number of connections. */
public final class TimeoutThread {

    /** One daemon thread that forgets timers once they are cancelled. */
    public static ScheduledExecutorService newDaemon(String name) {
        ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        timers.setRemoveOnCancelPolicy(true);
        return timers;
    }

    /** Runs it soon on another thread; on this one if the timers are shut down. */
    public static void async(ScheduledExecutorService timers, Runnable task) {
        try {
            timers.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    private TimeoutThread() {}
}
