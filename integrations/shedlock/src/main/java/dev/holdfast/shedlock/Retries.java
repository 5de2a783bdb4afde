package dev.holdfast.shedlock;

import java.time.Duration;

/** When to ask again, and when to stop asking. In real time, as it blocks a thread. */
final class Retries {
    /** After that, whoever asks is told. */
    static final Duration AT_MOST = Duration.ofMinutes(1);

    private static final long LONGEST_PAUSE_MS = 1000;

    private final long sinceNanos = System.nanoTime();
    private long pauseMs = 50;

    /** @return false if it is time to give up, or the thread was interrupted, which it is still then */
    boolean pause() {
        if (System.nanoTime() - sinceNanos >= AT_MOST.toNanos()) {
            return false;
        }
        try {
            Thread.sleep(pauseMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        return true;
    }
}
