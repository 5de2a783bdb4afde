package dev.holdfast.bench.load;

import java.util.concurrent.atomic.AtomicLong;

/** The longest time between two successes. */
final class Silence {
    private final AtomicLong last = new AtomicLong(System.nanoTime());
    private final AtomicLong longest = new AtomicLong();

    void success() {
        long now = System.nanoTime();
        long before = last.getAndAccumulate(now, (a, b) -> b - a > 0 ? b : a);
        longest.accumulateAndGet(now - before, Math::max);
    }

    /** Forgets what was. The time since the last success still counts. */
    void begin() {
        longest.set(0);
    }

    boolean brokenSince(long nanoTime) {
        return last.get() - nanoTime > 0;
    }

    long longestNanos() {
        return longest.get();
    }
}
