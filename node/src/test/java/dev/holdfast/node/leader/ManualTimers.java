package dev.holdfast.node.leader;

import dev.holdfast.client.time.Timers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Time that is moved by hand. For one thread. */
final class ManualTimers implements Timers {
    private record Task(long atNanos, Runnable action) {}

    private final List<Task> tasks = new ArrayList<>();

    /** Of arbitrary origin, and about to overflow. */
    private long nowNanos = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public Scheduled schedule(Runnable action, long delayNanos) {
        Task task = new Task(nowNanos + Math.max(0, delayNanos), action);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    /** Time goes by; tasks run when they are due. */
    void advance(long millis) {
        long until = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
        for (Optional<Task> next = next(until); next.isPresent(); next = next(until)) {
            if (next.get().atNanos - nowNanos > 0) {
                nowNanos = next.get().atNanos;
            }
            tasks.remove(next.get());
            next.get().action.run();
        }
        nowNanos = until;
    }

    /** The process stands still for so long; what fell due meanwhile runs afterwards. */
    void pause(long millis) {
        nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
        advance(0);
    }

    private Optional<Task> next(long untilNanos) {
        long now = nowNanos;
        return tasks.stream()
                .filter(task -> task.atNanos - untilNanos <= 0)
                .min(Comparator.comparingLong(task -> task.atNanos - now));
    }
}
