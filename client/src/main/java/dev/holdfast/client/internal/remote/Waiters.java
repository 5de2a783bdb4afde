package dev.holdfast.client.internal.remote;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests that came before it was known where to go. Each goes on once: when it may, when it may not, or when its time is up.
 * Any thread may call it; requests go on without the lock.
 */
final class Waiters {
    private final ScheduledExecutorService timers;
    private final Duration timeout;
    private final Supplier<String> state;
    private final ReentrantLock lock = new ReentrantLock();
    /** In the order in which they came. Guarded by the lock, like the next. */
    private final Set<Waiter> waiting = new LinkedHashSet<>();

    private boolean closed;

    /** @param state what to tell those whose time is up */
    Waiters(ScheduledExecutorService timers, Duration timeout, Supplier<String> state) {
        this.timers = timers;
        this.timeout = timeout;
        this.state = state;
    }

    private static final class Waiter {
        final Consumer<@Nullable TransportException> then;
        final AtomicBoolean done = new AtomicBoolean();
        volatile @Nullable Future<?> timer;

        Waiter(Consumer<@Nullable TransportException> then) {
            this.then = then;
        }

        void goOn(@Nullable TransportException failure) {
            if (done.compareAndSet(false, true)) {
                Future<?> unneeded = timer;
                if (unneeded != null) {
                    unneeded.cancel(false);
                }
                then.accept(failure);
            }
        }
    }

    /** @param then is given {@code null}, or why the request cannot go on; at once if this is closed. It throws nothing. */
    void add(Consumer<@Nullable TransportException> then) {
        Waiter waiter = new Waiter(then);
        boolean tooLate;
        lock.lock();
        try {
            tooLate = closed || !startTimer(waiter);
            if (!tooLate) {
                waiting.add(waiter);
            }
        } finally {
            lock.unlock();
        }
        if (tooLate) {
            waiter.goOn(closed());
        }
    }

    private boolean startTimer(Waiter waiter) {
        try {
            waiter.timer = timers.schedule(() -> timedOut(waiter), timeout.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException shutDown) {
            return false;
        }
    }

    private void timedOut(Waiter waiter) {
        lock.lock();
        try {
            waiting.remove(waiter);
        } finally {
            lock.unlock();
        }
        waiter.goOn(new TransportException(
                Kind.UNREACHABLE, "no peer answered within " + timeout.toMillis() + " ms: " + state.get()));
    }

    /** All that wait now go on. {@code failure} makes {@code null}, or for each why it cannot. */
    void goOn(Supplier<@Nullable TransportException> failure) {
        List<Waiter> now;
        lock.lock();
        try {
            now = new ArrayList<>(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        now.forEach(waiter -> waiter.goOn(failure.get()));
    }

    /** Fails all that wait, and all that still come. */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        goOn(Waiters::closed);
    }

    private static TransportException closed() {
        return new TransportException(Kind.CLOSED, "the transport is closed");
    }
}
