package dev.holdfast.node;

import dev.holdfast.client.time.Timers;
import java.util.function.Consumer;

/**
 * Timers whose tasks may not fail unnoticed. Each of a node's tasks plans the next of its kind, such as the expiry of sessions:
 * after one that threw, nothing would happen any more, and nobody would know.
 */
final class WatchedTimers implements Timers {
    private final Timers timers;
    private final Consumer<Throwable> failed;

    /** @param failed hears what a task threw, on the timers' thread */
    WatchedTimers(Timers timers, Consumer<Throwable> failed) {
        this.timers = timers;
        this.failed = failed;
    }

    @Override
    public long nanoTime() {
        return timers.nanoTime();
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        return timers.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable e) {
                        failed.accept(e);
                    }
                },
                delayNanos);
    }
}
