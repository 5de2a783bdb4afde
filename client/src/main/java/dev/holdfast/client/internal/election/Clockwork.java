package dev.holdfast.client.internal.election;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.internal.serial.Callbacks;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.serial.SerialExecutor;
import dev.holdfast.client.time.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The time and the threads of one election. What its parts know is touched only by tasks of {@link #serial}, which do not block; the
 * code of users runs on {@link #callbacks}.
 */
public record Clockwork(ClientOptions options, Timers timers, SerialExecutor serial, Callbacks callbacks) {
    private static final int DOUBLINGS_MAX = 20;

    Timers.Scheduled after(long delayNanos, Runnable task) {
        return timers.schedule(() -> serial.execute(task), delayNanos);
    }

    <T> void whenDone(CompletableFuture<T> future, BiConsumer<? super @Nullable T, ? super @Nullable Throwable> then) {
        Futures.onDone(
                future,
                (value, failure) ->
                        serial.execute(() -> then.accept(value, failure == null ? null : Futures.unwrap(failure))));
    }

    /**
     * Twice as long after each further failure, from the client's shortest pause to the longest; random, so that candidates do not
     * keep in step, unless the client's own pauses are all the same.
     */
    long pauseNanos(int failures, long longestNanos) {
        long first = options.retryPauseMin().toNanos();
        long longest = Math.min(longestNanos, first << Math.min(Math.max(0, failures - 1), DOUBLINGS_MAX));
        boolean steady = options.retryPauseMin().equals(options.retryPauseMax());
        return steady ? longest : ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
    }
}
