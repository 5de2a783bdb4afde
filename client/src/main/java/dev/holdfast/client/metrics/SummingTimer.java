package dev.holdfast.client.metrics;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * A timer that also knows how long all that it measured took together, of which, with the count, averages over any time and over several
 * processes can be made. May be used by any thread.
 */
public final class SummingTimer extends Timer {
    private final LongAdder totalNanos = new LongAdder();

    /** The timer of that name in the registry, which is one of these unless somebody put another there before. */
    public static Timer in(MetricRegistry registry, String name) {
        return registry.timer(name, SummingTimer::new);
    }

    @Override
    public void update(long duration, TimeUnit unit) {
        super.update(duration, unit);
        add(unit.toNanos(duration));
    }

    @Override
    public void update(Duration duration) {
        super.update(duration);
        add(duration.toNanos());
    }

    @Override
    public <T> T time(Callable<T> event) throws Exception {
        Context context = time();
        try {
            return event.call();
        } finally {
            context.stop();
        }
    }

    @Override
    public <T> T timeSupplier(Supplier<T> event) {
        Context context = time();
        try {
            return event.get();
        } finally {
            context.stop();
        }
    }

    @Override
    public void time(Runnable event) {
        Context context = time();
        try {
            event.run();
        } finally {
            context.stop();
        }
    }

    /** A timer takes no time below zero. */
    private void add(long nanos) {
        if (nanos >= 0) {
            totalNanos.add(nanos);
        }
    }

    /** All of it together, in nanoseconds. */
    public long totalNanos() {
        return totalNanos.sum();
    }
}
