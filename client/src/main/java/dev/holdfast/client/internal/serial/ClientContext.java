package dev.holdfast.client.internal.serial;

import dev.holdfast.client.ClientMetrics;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.Transport;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What all parts of a group's client share. Their state is touched only by tasks of {@link #serial()}.
 *
 * @param callbacks runs the code of users: listeners, hooks after asynchronous operations, dependents of stages
 */
public record ClientContext(
        Transport transport,
        ClientOptions options,
        ClientMetrics metrics,
        Timers timers,
        ClientClock clock,
        SerialExecutor serial,
        Executor callbacks) {

    public static ClientContext create(
            Transport transport, ClientOptions options, ClientMetrics metrics, Timers timers, Executor callbacks) {
        return new ClientContext(
                transport,
                options,
                metrics,
                timers,
                new ClientClock(timers),
                new SerialExecutor(callbacks),
                neverRejecting(callbacks));
    }

    /** The executor, except that it takes tasks also after it was shut down. */
    public static Executor neverRejecting(Executor callbacks) {
        return task -> {
            try {
                callbacks.execute(task);
            } catch (RejectedExecutionException shutDown) {
                // After the client was closed. A stage completed on the wrong thread beats one that never completes.
                task.run();
            }
        };
    }

    public long nowNanos() {
        return clock.nowNanos();
    }

    /** Runs the task as one of {@link #serial()}, after that delay. */
    public Timers.Scheduled after(long delayNanos, Runnable task) {
        return timers.schedule(() -> serial.execute(task), delayNanos);
    }

    /** Runs the task as one of {@link #serial()}, at that instant or at once if it has passed. */
    public Timers.Scheduled at(long instantNanos, Runnable task) {
        return after(Math.max(0, instantNanos) - nowNanos(), task);
    }

    /** How long to pause before the next attempt: random, so that clients do not come back in step. */
    public long retryPauseNanos() {
        long min = options.retryPauseMin().toNanos();
        long max = options.retryPauseMax().toNanos();
        return min >= max ? min : ThreadLocalRandom.current().nextLong(min, max);
    }
}
