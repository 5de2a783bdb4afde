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

    private static final double GROWTH = 1.5;

    /** More than from the shortest to the longest pause that options may ask for. */
    private static final int GROWTHS_MAX = 64;

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

    /**
     * How long to pause before the next attempt: half as long again with each failure, between the shortest and the longest
     * pause of the options, so that whoever is away or busy is not asked more and more often by more and more clients; and
     * random, so that clients do not come back in step.
     *
     * @param failures how many attempts have failed in a row before the last
     */
    public long retryPauseNanos(int failures) {
        long min = options.retryPauseMin().toNanos();
        long max = options.retryPauseMax().toNanos();
        double grown = min * Math.pow(GROWTH, Math.min(failures, GROWTHS_MAX) + 1);
        long longest = grown < max ? (long) grown : max;
        long shortest = Math.max(min, longest / 2);
        return shortest >= longest ? longest : ThreadLocalRandom.current().nextLong(shortest, longest);
    }
}
