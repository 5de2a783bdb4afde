package dev.holdfast.client.internal.remote;

import dev.holdfast.client.transport.TransportException.Kind;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a peer that could not be reached from being tried again at once: after the first failure it is left alone for
 * 25 ms, then twice as long each time, up to 500 ms, or up to 5 s if it has too many clients. Each pause is cut short by up to
 * a half at random, so that clients which lost a peer at the same moment do not come back in step. Not thread-safe.
 */
final class Backoff {
    private static final long FIRST_NANOS = 25_000_000;
    private static final int DOUBLINGS_MAX = 8;
    private static final long LONGEST_NANOS = 500_000_000;
    private static final long LONGEST_IF_BUSY_NANOS = 5_000_000_000L;

    private final LongSupplier nanoTime;
    private final DoubleSupplier random;
    private int failures;
    private long failedAtNanos;
    private long pauseNanos;
    private @Nullable Ending last;

    /** @param random numbers from 0 to 1, of which 1 stands for the longest pause */
    Backoff(LongSupplier nanoTime, DoubleSupplier random) {
        this.nanoTime = nanoTime;
        this.random = random;
    }

    void failed(Ending ending) {
        failures++;
        failedAtNanos = nanoTime.getAsLong();
        long longest = ending.unsent() == Kind.BUSY ? LONGEST_IF_BUSY_NANOS : LONGEST_NANOS;
        long full = Math.min(longest, FIRST_NANOS << Math.min(failures - 1, DOUBLINGS_MAX));
        pauseNanos = (long) (full * (0.5 + 0.5 * random.getAsDouble()));
        last = ending;
    }

    void succeeded() {
        failures = 0;
        last = null;
    }

    /** How the last attempt ended, if it is too early for another; {@code null} if it is time to try. */
    @Nullable
    Ending tooEarly() {
        return last == null || nanoTime.getAsLong() - failedAtNanos >= pauseNanos ? null : last;
    }

    /** Whether the peer was reached and refused this client. */
    boolean lastWasRefused() {
        Ending ending = last;
        return ending != null && ending.isRefusal();
    }
}
