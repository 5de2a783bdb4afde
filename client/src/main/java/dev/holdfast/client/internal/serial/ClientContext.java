package dev.holdfast.client.internal.serial;

import dev.holdfast.client.ClientMetrics;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.Transport;
import java.util.concurrent.ThreadLocalRandom;

/** What all parts of a group's client share. Their state is touched only by tasks of {@link #serial()}. */
public record ClientContext(
        Transport transport,
        ClientOptions options,
        ClientMetrics metrics,
        Timers timers,
        ClientClock clock,
        SerialExecutor serial,
        Callbacks callbacks) {

    public static ClientContext create(
            Transport transport,
            ClientOptions options,
            ClientMetrics metrics,
            Timers timers,
            SerialExecutor.Helper helper,
            Callbacks callbacks) {
        return new ClientContext(
                transport, options, metrics, timers, new ClientClock(timers), new SerialExecutor(helper), callbacks);
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
