package dev.holdfast.client.time;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** {@link System#nanoTime()} and one daemon thread. */
public final class SystemTimers implements Timers, AutoCloseable {
    private static final Scheduled NEVER = () -> {};

    private final ScheduledExecutorService executor = TimerThread.newDaemon("holdfast-timers");

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        try {
            ScheduledFuture<?> future = executor.schedule(task, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException closed) {
            return NEVER;
        }
    }

    /** Drops what is still scheduled; later calls of {@link #schedule} do nothing. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
