package dev.holdfast.client.remote;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The thread on which timeouts fire, one for any number of connections. */
final class Timers {

    /** One daemon thread that forgets timers once they are cancelled. */
    static ScheduledExecutorService newDaemon(String name) {
        ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        timers.setRemoveOnCancelPolicy(true);
        return timers;
    }

    /** Runs it soon on another thread; on this one if the timers are shut down. */
    static void async(ScheduledExecutorService timers, Runnable task) {
        try {
            timers.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    private Timers() {}
}
