package dev.holdfast.client.internal.remote;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a peer that could not be reached from being tried again at once: after the first failure it is left alone for
 * 25 ms, then twice as long each time, up to 500 ms. Not thread-safe.
 */
final class Backoff {
    private static final long FIRST_NANOS = 25_000_000;
    private static final int DOUBLINGS_MAX = 5;
    private static final long LONGEST_NANOS = 500_000_000;

    private final LongSupplier nanoTime;
    private int failures;
    private long failedAtNanos;
    private @Nullable Ending last;

    Backoff(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void failed(Ending ending) {
        failures++;
        failedAtNanos = nanoTime.getAsLong();
        last = ending;
    }

    void succeeded() {
        failures = 0;
        last = null;
    }

    /** What to answer instead of trying; {@code null} if it is time to try. */
    @Nullable
    TransportException tooEarly() {
        Ending ending = last;
        if (ending == null || nanoTime.getAsLong() - failedAtNanos >= pauseNanos()) {
            return null;
        }
        return new TransportException(ending.unsent(), "not retried yet: " + ending.message());
    }

    /** Whether the peer was reached and refused this client. */
    boolean lastWasRefused() {
        Ending ending = last;
        return ending != null && ending.unsent() == Kind.REFUSED;
    }

    private long pauseNanos() {
        return Math.min(LONGEST_NANOS, FIRST_NANOS << Math.min(failures - 1, DOUBLINGS_MAX));
    }
}
