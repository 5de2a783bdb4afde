package dev.holdfast.jepsen.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** What users pass as the callback executor, with the manners that such executors have. */
final class SimulatedExecutor implements Executor {
    private static final long BLOCKED_MAX = TimeUnit.SECONDS.toNanos(3);
    private static final int BLOCKS_ONE_IN = 30;
    private static final int REFUSES_ONE_IN = 3;

    enum Manner {
        /** Runs each task soon. */
        PROMPT,

        /** Has one thread, and now and then a callback that blocks it. */
        BLOCKED,

        /** Runs each task in the thread that brings it, as a policy of pools that are full does. */
        IN_PLACE,

        /** Is often too full to take a task. */
        REFUSING,

        /** Fails with an error, sometimes after it took the task. */
        FAILING
    }

    private final SimulatedProcess process;
    private final Random random;
    private final Manner manner;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private long blockedUntilNanos;

    SimulatedExecutor(SimulatedProcess process, Random random, Manner manner) {
        this.process = process;
        this.random = random;
        this.manner = manner;
        this.blockedUntilNanos = process.nanoTime();
    }

    /** For how long it runs nothing, from now on. */
    long blockedNanos() {
        return Math.max(0, blockedUntilNanos - process.nanoTime());
    }

    @Override
    public void execute(Runnable task) {
        switch (manner) {
            case PROMPT -> process.execute(task);
            case BLOCKED -> {
                tasks.add(task);
                process.schedule(() -> tasks.remove().run(), blockedNanos());
                if (random.nextInt(BLOCKS_ONE_IN) == 0) {
                    blockedUntilNanos = process.nanoTime() + blockedNanos() + random.nextLong(BLOCKED_MAX);
                }
            }
            case IN_PLACE -> task.run();
            case REFUSING -> {
                if (random.nextInt(REFUSES_ONE_IN) == 0) {
                    throw new RejectedExecutionException("full");
                }
                process.execute(task);
            }
            case FAILING -> {
                boolean takesIt = random.nextBoolean();
                if (takesIt) {
                    process.execute(task);
                }
                if (!takesIt || random.nextBoolean()) {
                    throw new Mischief();
                }
            }
        }
    }
}
