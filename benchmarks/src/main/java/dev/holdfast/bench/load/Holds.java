package dev.holdfast.bench.load;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Acquires distinct locks and keeps them. */
public final class Holds {
    private static final String KEPT_PREFIX = "kept";
    private static final LockableDefinition KEPT = Holdfast.createLockable(KEPT_PREFIX, LockableOptions.plural());

    /** For clients that must not give up, however slow the machine is. */
    public static final ClientOptions PATIENT = ClientOptions.defaults().requestTimeout(Duration.ofMinutes(5));

    /** How many callers acquire them. */
    public static final int CALLERS = 64;

    /** The one of that number. */
    public static Lockable lockable(int number) {
        return KEPT.of(String.valueOf(number));
    }

    /**
     * Acquires those from one number up to another, and blocks until all are held.
     *
     * @param to the first that is not acquired
     * @return how many were acquired per second
     */
    public static double take(HoldfastClient client, int from, int to) throws InterruptedException {
        HoldfastLock lock = client.createLock();
        AtomicInteger next = new AtomicInteger(from);
        ExecutorService pool = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<?>> takers = new ArrayList<>();
            long began = System.nanoTime();
            for (int i = 0; i < CALLERS; i++) {
                takers.add(pool.submit(() -> {
                    LockOwner me = LockOwner.unique("keeper");
                    for (int n = next.getAndIncrement(); n < to; n = next.getAndIncrement()) {
                        var unused = lock.acquire(me, lockable(n)).orThrow();
                    }
                }));
            }
            for (Future<?> taker : takers) {
                taker.get();
            }
            return (to - from) / ((System.nanoTime() - began) / 1e9);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a lock could not be acquired", e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    /**
     * Blocks until those of earlier clients are gone. A close that gets no answer in time leaves them to their lease.
     */
    public static void awaitNone(HoldfastClient client) throws IOException, InterruptedException {
        Patience.await(
                "the holds of an earlier client to end",
                () -> client.list(KEPT_PREFIX).findAny().isEmpty());
    }

    private Holds() {}
}
