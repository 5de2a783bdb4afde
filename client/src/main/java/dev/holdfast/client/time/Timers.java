package dev.holdfast.client.time;

/**
 * The client's source of time. Everything that the client believes about leases is counted on {@link #nanoTime()}, and
 * everything that it does by itself is started by {@link #schedule}; a test that drives both by hand drives the client.
 *
 * <p>Methods may be called from any thread and do not block.
 */
public interface Timers {

    /**
     * A monotonic clock in nanoseconds, of arbitrary origin; only differences mean anything. It must not run slower than
     * real time by more than 1 %, because leases are counted on it. A clock that stands still while its machine is
     * suspended breaks that: after a suspension only fencing tokens protect.
     */
    long nanoTime();

    /**
     * Runs the task once, {@code delayNanos} from now or as soon after as possible; at once when that is zero or less. The
     * task does not block and throws nothing.
     */
    Scheduled schedule(Runnable task, long delayNanos);

    /** A task that has not run yet, perhaps. */
    interface Scheduled {
        /** Prevents the task from running, unless it runs or ran already. May be called more than once. */
        void cancel();
    }
}
