package dev.holdfast.bench.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Waits for what must come, but not forever. */
public final class Patience {
    private static final long TIMEOUT_S = 300;
    private static final long POLL_MS = 10;

    /** A question whose answer may have to be fetched from another process. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /**
     * Blocks until the condition holds.
     *
     * @param what is waited for, for the message
     * @throws IllegalStateException if it does not within {@value #TIMEOUT_S} s
     */
    public static void await(String what, Condition condition) throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(TIMEOUT_S)) {
                throw new IllegalStateException("waited " + TIMEOUT_S + " s in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private Patience() {}
}
