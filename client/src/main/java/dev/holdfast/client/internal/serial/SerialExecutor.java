package dev.holdfast.client.internal.serial;

import dev.holdfast.client.internal.threads.Safely;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one after the other, in the order of their arrival, on whichever thread happens to bring one: the first
 * caller runs its task and those that arrive meanwhile; the others return at once. Nobody is ever blocked, there is no
 * hand-over to another thread in the common case, and state that is touched only by such tasks needs no lock.
 *
 * <p>Tasks must not block. A task that brings another task does not run it: it comes after. What a task throws is logged.
 */
public final class SerialExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);

    /** After this many tasks of others, a caller may leave and a helper takes over. */
    private static final int BURST = 512;

    /** Followers run after this many tasks at the latest, however many more are waiting. */
    private static final int FOLLOWED_MAX = 256;

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** What is to run after the tasks that are queued. Touched by tasks only. */
    private final ArrayDeque<Runnable> followers = new ArrayDeque<>();

    /** How many tasks have run since the followers last did. Touched by tasks only. */
    private int unfollowed;

    private final Linger linger = new Linger();
    private final AtomicInteger pending = new AtomicInteger();
    private final Helper helper;

    /** Relieves a caller that has run many tasks of others. Never one of the users' threads: their code may keep it. */
    public interface Helper {
        /** There is none: callers go on. */
        Helper NONE = work -> false;

        /** Has the work done by somebody else, soon. Throws nothing; if it returns false, the work is not done. */
        boolean relieve(Runnable work);
    }

    public SerialExecutor(Helper helper) {
        this.helper = helper;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            drain();
        }
    }

    /**
     * Runs what follows after all tasks that have come by now, or at least after many of them: so what they bring can be
     * dealt with together. To be called by tasks only.
     */
    public void afterwards(Runnable follower) {
        followers.add(follower);
    }

    /**
     * Tells that so many tasks are likely to come at once, as many callers were just woken. If one comes that is to be
     * followed, then what follows waits for the others, for some ten microseconds at most. To be called by tasks only.
     */
    public void expect(int count) {
        linger.expect(count, System.nanoTime());
    }

    // Whoever raised "pending" from 0 owns the queue until it is 0 again, or hands the ownership to the helper.
    private void drain() {
        int done = 0;
        do {
            if (done++ >= BURST && helper.relieve(this::drain)) {
                return;
            }
            linger.came();
            runSafely(tasks.poll());
            if (++unfollowed >= FOLLOWED_MAX || !awaitMore()) {
                follow();
            }
        } while (pending.decrementAndGet() != 0);
    }

    // Sleeping would take longer than what is waited for. If yielding does nothing, it is a short wait all the same.
    @SuppressWarnings("ThreadPriorityCheck")
    private boolean awaitMore() {
        while (pending.get() == 1) {
            if (followers.isEmpty() || !linger.isOn(System.nanoTime())) {
                return false;
            }
            Thread.yield();
        }
        return true;
    }

    private void follow() {
        unfollowed = 0;
        for (Runnable follower = followers.poll(); follower != null; follower = followers.poll()) {
            runSafely(follower);
        }
    }

    private static void runSafely(@Nullable Runnable task) {
        if (task == null) {
            throw new IllegalStateException("fewer tasks than were counted");
        }
        Safely.run(task, LOG, "A task of the lock client failed; this is a defect.");
    }
}
