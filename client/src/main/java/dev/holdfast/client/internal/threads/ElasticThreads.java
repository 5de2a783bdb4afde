package dev.holdfast.client.internal.threads;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks on threads of its own, which are started when tasks find none idle, and end when they were idle for a while. There
 * are never more than a given number; what comes beyond it waits for its turn. Any thread may bring a task; none is blocked.
 *
 * <p>A pool of the JDK may lose a task, or run one that it refused, if a thread cannot be created. This one keeps the task,
 * and tries again when the next comes, when a thread becomes free, and after a growing pause.
 */
public final class ElasticThreads implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(ElasticThreads.class);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long RETRY_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long RETRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final int most;
    private final Factory factory;
    private final Later later;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();

    // All that follows is guarded by the lock.
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private int alive;
    private int idle;

    /** Whether a thread was started that has not asked for a task yet. It starts the next one if need be. */
    private boolean starting;

    private boolean closed;
    private boolean retryIsDue;
    private long retryNanos = RETRY_NANOS_MIN;
    private long lastNumber;

    /** Makes threads; {@link OwnThread#create}. */
    public interface Factory {
        Thread create(String name, Runnable task);
    }

    /** Runs a task after a while. */
    public interface Later {
        void run(Runnable task, long delayNanos);
    }

    /**
     * @param name of the threads, each followed by a number
     * @param most how many there may be at once
     * @param later when to try again to create a thread
     */
    public ElasticThreads(String name, int most, Factory factory, Later later) {
        this.name = name;
        this.most = most;
        this.factory = factory;
        this.later = later;
    }

    /** Runs the task on one of the threads, sooner or later. Throws nothing. */
    @Override
    public void execute(Runnable task) {
        Throwable failure;
        lock.lock();
        try {
            tasks.add(task);
            work.signal();
            failure = grow();
        } finally {
            lock.unlock();
        }
        retryAfter(failure);
    }

    /** The same, but only if there is a thread, or one can be created. If it returns false, the task will never run. */
    public boolean tryExecute(Runnable task) {
        lock.lock();
        try {
            tasks.add(task);
            work.signal();
            if (grow() != null && alive == 0) {
                tasks.removeLast();
                return false;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Threads end as soon as they have nothing to do. Tasks are taken as before. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // One at a time: short tasks are done before many threads have started, and whoever brings them is not held up.
    private @Nullable Throwable grow() {
        if (starting || alive == most || tasks.size() <= idle) {
            return null;
        }
        try {
            factory.create(name + "-" + (lastNumber + 1), this::work).start();
        } catch (Throwable failure) {
            return failure;
        }
        lastNumber++;
        alive++;
        starting = true;
        retryNanos = RETRY_NANOS_MIN;
        return null;
    }

    private void retryAfter(@Nullable Throwable failure) {
        if (failure == null) {
            return;
        }
        long pauseNanos;
        lock.lock();
        try {
            if (retryIsDue) {
                return;
            }
            retryIsDue = true;
            pauseNanos = retryNanos;
            retryNanos = Math.min(2 * retryNanos, RETRY_NANOS_MAX);
        } finally {
            lock.unlock();
        }
        Safely.warn(LOG, "A thread '" + name + "' cannot be created; what it would do has to wait.", failure);
        try {
            later.run(this::retry, pauseNanos);
        } catch (Throwable alsoFailed) {
            retryIsNotDue();
        }
    }

    private void retryIsNotDue() {
        lock.lock();
        try {
            retryIsDue = false;
        } finally {
            lock.unlock();
        }
    }

    private void retry() {
        Throwable failure;
        lock.lock();
        try {
            retryIsDue = false;
            failure = grow();
        } finally {
            lock.unlock();
        }
        retryAfter(failure);
    }

    private void work() {
        for (Runnable task = next(true); task != null; task = next(false)) {
            Safely.run(task, LOG, "A task on a thread of the lock client failed.");
            // What one task leaves behind is not meant for the next.
            Thread.interrupted();
        }
    }

    /** What to do next; {@code null} if the thread is to end. */
    private @Nullable Runnable next(boolean fresh) {
        Throwable failure;
        Runnable task;
        lock.lock();
        try {
            if (fresh) {
                starting = false;
            }
            if (!awaitWork()) {
                alive--;
                return null;
            }
            task = tasks.remove();
            failure = grow();
        } finally {
            lock.unlock();
        }
        retryAfter(failure);
        return task;
    }

    private boolean awaitWork() {
        long endNanos = System.nanoTime() + IDLE_NANOS;
        idle++;
        try {
            while (tasks.isEmpty() && !closed && endNanos - System.nanoTime() > 0) {
                try {
                    var unused = work.awaitNanos(endNanos - System.nanoTime());
                } catch (InterruptedException nobodyMayStopIt) {
                    // By the code of a user, which had this thread in its hands.
                }
            }
        } catch (OutOfMemoryError noRoomToWait) {
            // Then it does not wait.
        } finally {
            idle--;
        }
        return !tasks.isEmpty();
    }
}
