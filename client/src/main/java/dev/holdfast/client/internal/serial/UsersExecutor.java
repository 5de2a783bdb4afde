package dev.holdfast.client.internal.serial;

import dev.holdfast.client.internal.threads.Safely;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings tasks to an executor of users, about which nothing is known: it may block, run a task in place, refuse it, or throw.
 * So it is called from threads of the client's own, one call after the other. A task that it runs in place keeps that thread,
 * and another one goes on with the rest. A task that it refuses runs on one of those threads. No task is lost, and none runs
 * twice.
 */
public final class UsersExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(UsersExecutor.class);

    /** What its thread is bringing tasks for at the moment. */
    private static final ThreadLocal<UsersExecutor> BRINGING = new ThreadLocal<>();

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicBoolean complained = new AtomicBoolean();
    private final Executor users;
    private final Executor threads;

    /** @param threads the client's own; throws nothing */
    public UsersExecutor(Executor users, Executor threads) {
        this.users = users;
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            threads.execute(this::bring);
        }
    }

    // Whoever raised "pending" from 0 owns the queue until it is 0 again, or until a task that runs in place hands
    // it on.
    private void bring() {
        do {
            Brought task = new Brought(tasks.remove());
            BRINGING.set(this);
            try {
                users.execute(task);
            } catch (Throwable refused) {
                complain(refused);
                threads.execute(task);
            }
            if (BRINGING.get() != this) {
                return;
            }
            BRINGING.remove();
        } while (pending.decrementAndGet() != 0);
    }

    private void handOn() {
        BRINGING.remove();
        if (pending.decrementAndGet() != 0) {
            threads.execute(this::bring);
        }
    }

    private void complain(Throwable refused) {
        if (complained.compareAndSet(false, true)) {
            Safely.warn(
                    LOG,
                    "The callback executor refuses a task. Whatever it refuses runs on a thread of the lock client.",
                    refused);
        }
    }

    private static final class Brought implements Runnable {
        private final AtomicBoolean begun = new AtomicBoolean();
        private final Runnable task;

        Brought(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (!begun.compareAndSet(false, true)) {
                return;
            }
            UsersExecutor inPlace = BRINGING.get();
            if (inPlace != null) {
                inPlace.handOn();
            }
            Safely.run(task, LOG, "A callback of the lock client failed.");
        }
    }
}
