package dev.holdfast.http.internal.api;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one after the other, in their order, on the threads of another executor, of which it takes at most one. */
final class Serial implements Executor {
    /** One that has much to do lets others have their turn. */
    private static final int TURN = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Serial.class);

    private final Executor threads;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean running;

    Serial(Executor threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (tasks) {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        begin();
    }

    /** Whoever brings a task may be the thread that applies the log, and hears nothing of a server that closes. */
    private void begin() {
        try {
            threads.execute(this::run);
        } catch (RejectedExecutionException closed) {
            synchronized (tasks) {
                tasks.clear();
                running = false;
            }
        }
    }

    private void run() {
        for (int i = 0; i < TURN; i++) {
            Runnable task = next();
            if (task == null) {
                return;
            }
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                // The tasks behind it, one of which may end the request, still have their turn.
                LOG.warn("A task of a request that waits has failed", e);
            }
        }
        begin();
    }

    private @Nullable Runnable next() {
        synchronized (tasks) {
            Runnable task = tasks.poll();
            running = task != null;
            return task;
        }
    }
}
