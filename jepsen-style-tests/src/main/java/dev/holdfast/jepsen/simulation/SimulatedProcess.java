package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.time.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * One process: a clock with a speed of its own, and one thread, unless its users have {@linkplain SimulatedThread more}. While it
 * is paused, everything that it would do is delayed; once it is dead, it does nothing.
 */
final class SimulatedProcess implements Timers, Executor {
    private final Scheduler scheduler;
    private final String name;
    private final double speed;
    private final List<Runnable> held = new ArrayList<>();
    private boolean paused;
    private boolean dead;

    /** @param speed of its clock, 1 for one that is right */
    SimulatedProcess(Scheduler scheduler, String name, double speed) {
        this.scheduler = scheduler;
        this.name = name;
        this.speed = speed;
    }

    String name() {
        return name;
    }

    boolean isRunning() {
        return !dead && !paused;
    }

    boolean isDead() {
        return dead;
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        List<Runnable> due = List.copyOf(held);
        held.clear();
        due.forEach(this::run);
    }

    void kill() {
        dead = true;
        held.clear();
    }

    /** Runs the task in the process as soon as that can. */
    void run(Runnable action) {
        SimulatedThread.gate();
        if (dead) {
            return;
        }
        if (paused) {
            held.add(action);
        } else {
            action.run();
        }
    }

    @Override
    public void execute(Runnable task) {
        SimulatedThread.gate();
        scheduler.after(0, () -> run(task));
    }

    /** A process has no other thread: what the client would do on threads of its own it does here, later. */
    @Override
    public Executor threads() {
        return this;
    }

    @Override
    public long nanoTime() {
        SimulatedThread.gate();
        return (long) (scheduler.nowNanos() * speed);
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        SimulatedThread.gate();
        boolean[] cancelled = new boolean[1];
        // Up to the first instant at which this clock shows that the delay is over.
        long delay = delayNanos <= 0 ? 0 : (long) Math.ceil(Math.min(delayNanos, Long.MAX_VALUE / 4) / speed) + 2;
        scheduler.after(delay, () -> {
            if (!cancelled[0]) {
                run(() -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                });
            }
        });
        return () -> cancelled[0] = true;
    }
}
