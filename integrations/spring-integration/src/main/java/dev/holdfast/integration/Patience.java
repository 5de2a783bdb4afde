package dev.holdfast.integration;

import java.util.concurrent.TimeUnit;

/** Pauses between tries of something that cannot be interrupted, for about a second in all. */
final class Patience {
    private static final long AT_MOST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_MS = 20;

    private final long sinceNanos = System.nanoTime();
    private boolean interrupted;

    /** @return false at once if the time is over */
    boolean pause() {
        if (System.nanoTime() - sinceNanos >= AT_MOST_NANOS) {
            return false;
        }
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        return true;
    }

    /** Interrupts the thread if it was interrupted meanwhile. */
    void end() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
