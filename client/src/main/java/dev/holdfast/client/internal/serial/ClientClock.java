package dev.holdfast.client.internal.serial;

import dev.holdfast.client.time.Timers;

/**
 * Nanoseconds since this client was made, on the clock of its {@link Timers}. Starting at zero makes instants comparable
 * as plain numbers, with {@link #NEVER} above all of them. Any thread may call it.
 */
public final class ClientClock {
    /** Later than every instant. */
    public static final long NEVER = Long.MAX_VALUE;

    private final Timers timers;
    private final long originNanos;

    public ClientClock(Timers timers) {
        this.timers = timers;
        this.originNanos = timers.nanoTime();
    }

    public long nowNanos() {
        return timers.nanoTime() - originNanos;
    }

    /** {@code instant + delay}, or {@link #NEVER} when that would overflow. */
    public static long plus(long instantNanos, long delayNanos) {
        return delayNanos > 0 && instantNanos > NEVER - delayNanos ? NEVER : instantNanos + delayNanos;
    }
}
