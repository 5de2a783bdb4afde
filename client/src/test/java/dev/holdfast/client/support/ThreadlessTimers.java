package dev.holdfast.client.support;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.time.Timers;
import java.util.concurrent.Executor;

/** Manual timers for a client without threads of its own: what they would do that executor does. */
public record ThreadlessTimers(ManualTimers timers, Executor threads) implements Timers {

    /** All happens on the threads of the test, at once. */
    public ThreadlessTimers(ManualTimers timers) {
        this(timers, Runnable::run);
    }

    @Override
    public long nanoTime() {
        return timers.nanoTime();
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        return timers.schedule(task, delayNanos);
    }
}
