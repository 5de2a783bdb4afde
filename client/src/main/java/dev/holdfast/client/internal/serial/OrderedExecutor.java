package dev.holdfast.client.internal.serial;

import dev.holdfast.client.internal.threads.Safely;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks on another executor, one at a time, in the order of their arrival. What a task throws is logged. If the other
 * executor throws, that is logged too: the tasks stay, and go with the next one.
 */
public final class OrderedExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(OrderedExecutor.class);

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** How many tasks have come since there was no run; 0 if there is none. */
    private final AtomicInteger pending = new AtomicInteger();

    private final Executor executor;

    public OrderedExecutor(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            begin(new Run());
        }
    }

    private void begin(Run run) {
        try {
            executor.execute(run);
        } catch (Throwable refused) {
            // An executor may take a task and throw nevertheless.
            if (run.claim()) {
                pending.set(0);
            }
            Safely.warn(LOG, "Listeners of the lock client have to wait: they cannot be called.", refused);
        }
    }

    /** Runs what is there, and what comes meanwhile. */
    private final class Run implements Runnable {
        private final AtomicBoolean claimed = new AtomicBoolean();

        boolean claim() {
            return claimed.compareAndSet(false, true);
        }

        @Override
        public void run() {
            if (!claim()) {
                return;
            }
            boolean interrupted = false;
            int seen;
            do {
                seen = pending.get();
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    interrupted |= isInterruptedBy(task);
                }
            } while (pending.addAndGet(-seen) != 0);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /** Runs the task, and returns whether it threw that its thread was interrupted. */
        private static boolean isInterruptedBy(Runnable task) {
            try {
                task.run();
                return false;
            } catch (Throwable thrown) {
                Safely.warn(LOG, "A listener of the lock client failed.", thrown);
                return thrown instanceof InterruptedException;
            }
        }
    }
}
