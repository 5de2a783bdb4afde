package dev.holdfast.jepsen.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a user, whose calls block in virtual time. It is a real thread, but runs only in its turn, while the simulation
 * waits for it: until it is done, or has to wait for a future that something later in the simulation will complete. So there is
 * still only one thread at a time, and a run can be repeated.
 *
 * <p>A thread that is woken in the middle of an event runs on its own as far as the next {@linkplain #gate gate}, and takes its
 * turn after that event. There is a gate at everything by which a process reaches the simulation. A thread must pass one before
 * it touches anything that is not its own.
 */
final class SimulatedThread {
    private static final ThreadLocal<@Nullable SimulatedThread> CURRENT = new ThreadLocal<>();

    /** Ends a thread whose simulation is over. */
    private static final class Over extends Error {
        private static final long serialVersionUID = 1;
    }

    private final SimulatedProcess process;
    private final Thread thread;
    private final Semaphore turns = new Semaphore(0);
    private volatile boolean hasTurn;
    private volatile boolean wantsTurn;
    private volatile boolean idle = true;
    private volatile boolean ended;
    private volatile boolean over;
    private volatile @Nullable Throwable failure;
    private volatile CompletableFuture<Void> sleep = new CompletableFuture<>();
    private @Nullable Runnable task;

    SimulatedThread(SimulatedProcess process, String name) {
        this.process = process;
        this.thread = new Thread(this::loop, name);
        thread.setDaemon(true);
        thread.start();
    }

    // ---- in the simulation

    /** Has it run that, from its next turn on. It must be idle. */
    void begin(Runnable body) {
        task = body;
        idle = false;
        wantsTurn = true;
    }

    /** Whether it has nothing to do. */
    boolean isIdle() {
        return idle && !wantsTurn;
    }

    /** Interrupts it, between its turns. What the same event has woken it for comes first. */
    void interrupt() {
        awaitStop();
        thread.interrupt();
        awaitStop();
    }

    /** Gives it a turn if it wants one and its process runs. Returns whether it had one. */
    boolean takeTurn() {
        if (isIdle()) {
            return false;
        }
        awaitStop();
        requireHealthy();
        if (!wantsTurn || !process.isRunning()) {
            return false;
        }
        wantsTurn = false;
        hasTurn = true;
        turns.release();
        awaitStop();
        hasTurn = false;
        requireHealthy();
        return true;
    }

    private void requireHealthy() {
        Throwable thrown = failure;
        if (thrown instanceof SimulationFailure known) {
            throw known;
        } else if (thrown != null) {
            throw new SimulationFailure(
                    "a thread of " + process.name() + " threw " + thrown + " at " + thrown.getStackTrace()[0]);
        }
    }

    /** It ends at its next gate, in a turn or not. */
    void end() {
        over = true;
        turns.release();
        sleep.complete(null);
    }

    /** Until it waits for its turn, or for something that only the simulation can do. */
    @SuppressWarnings("ThreadPriorityCheck")
    private void awaitStop() {
        while (!idle && !wantsTurn && !ended && !isParked()) {
            Thread.yield();
        }
    }

    // In this order: without an interrupt, whoever is waiting after that waits for the future, and only the simulation,
    // which is
    // here, completes it.
    private boolean isParked() {
        if (thread.isInterrupted() || thread.getState() != Thread.State.WAITING) {
            return false;
        }
        return LockSupport.getBlocker(thread) instanceof ForkJoinPool.ManagedBlocker future && !future.isReleasable();
    }

    // ---- in the thread

    /** Waits for the turn of the calling thread, unless it has it or is none of these. */
    static void gate() {
        SimulatedThread current = CURRENT.get();
        if (current != null) {
            current.awaitTurn();
        }
    }

    /** Sleeps in the virtual time of the process. Interrupts are left for whatever comes after. */
    void sleep(long nanos) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        sleep = end;
        process.schedule(() -> end.complete(null), nanos);
        end.join();
        gate();
    }

    private void awaitTurn() {
        if (!hasTurn && !over) {
            wantsTurn = true;
            turns.acquireUninterruptibly();
        }
        if (over) {
            throw new Over();
        }
    }

    private void loop() {
        CURRENT.set(this);
        try {
            while (true) {
                turns.acquireUninterruptibly();
                Runnable body = task;
                if (over || body == null) {
                    return;
                }
                body.run();
                gate();
                idle = true;
            }
        } catch (Over e) {
            // Nobody waits for it.
        } catch (Throwable e) {
            failure = e;
        } finally {
            ended = true;
        }
    }
}
