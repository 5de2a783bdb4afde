package dev.holdfast.client.support;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.time.Timers;
import java.util.concurrent.Executor;

/** Manual timers for a client without threads of its own: all that it does it does on the threads of the test. */
public record InPlaceTimers(ManualTimers timers) implements Timers {
    @Override
    public long nanoTime() {
        return timers.nanoTime();
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        return timers.schedule(task, delayNanos);
    }

    @Override
    public Executor threads() {
        return Runnable::run;
    }
}
