package dev.holdfast.client.time;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

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

    /**
     * What takes the place of the client's own threads, for tests in which nothing happens by itself. It takes every task and
     * throws nothing. If it runs tasks in place, as {@code Runnable::run} does, then listeners, and dependents of stages, must
     * not block on the client. The client's own {@code close} does not wait for the cluster then.
     *
     * @return {@code null}, the default, for threads
     */
    default @Nullable Executor threads() {
        return null;
    }

    /** A task that has not run yet, perhaps. */
    interface Scheduled {
        /** Prevents the task from running, unless it runs or ran already. May be called more than once. */
        void cancel();
    }
}
