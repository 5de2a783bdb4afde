package dev.holdfast.client.internal.remote;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Greets in the background for as long as there is somebody to greet, after pauses that double from half a second to half a
 * minute. Each is cut short by up to a half at random, so that clients which started together do not greet together. Any
 * thread may call it.
 */
final class LaterGreetings {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final ScheduledExecutorService timers;
    private final BooleanSupplier greet;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, like all that follows. */
    private long pauseNanos = FIRST_PAUSE_NANOS;

    private @Nullable Future<?> next;
    private boolean closed;

    /** @param greet greets whoever is to be greeted now; whether there was anybody */
    LaterGreetings(ScheduledExecutorService timers, BooleanSupplier greet) {
        this.timers = timers;
        this.greet = greet;
    }

    /** Begins anew, with the shortest pause. */
    void begin() {
        scheduleAfter(FIRST_PAUSE_NANOS);
    }

    /** Begins, with the longest pause, unless it has begun: many clients hear of the same news at the same time. */
    void beginAtLeisure() {
        boolean hasBegun;
        lock.lock();
        try {
            hasBegun = next != null && !next.isDone();
        } finally {
            lock.unlock();
        }
        if (!hasBegun) {
            scheduleAfter(LONGEST_PAUSE_NANOS);
        }
    }

    private void greetAndGoOn() {
        if (greet.getAsBoolean()) {
            long longer;
            lock.lock();
            try {
                longer = Math.min(LONGEST_PAUSE_NANOS, 2 * pauseNanos);
            } finally {
                lock.unlock();
            }
            scheduleAfter(longer);
        }
    }

    private void scheduleAfter(long nanos) {
        lock.lock();
        try {
            cancelNext();
            pauseNanos = nanos;
            if (!closed) {
                long jitteredNanos = ThreadLocalRandom.current().nextLong(nanos / 2, nanos + 1);
                next = timers.schedule(this::greetAndGoOn, jitteredNanos, TimeUnit.NANOSECONDS);
            }
        } catch (RejectedExecutionException shutDown) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void cancelNext() {
        if (next != null) {
            next.cancel(false);
        }
    }

    /** Greets nobody any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            cancelNext();
        } finally {
            lock.unlock();
        }
    }
}
