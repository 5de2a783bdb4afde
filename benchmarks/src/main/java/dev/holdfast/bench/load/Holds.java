package dev.holdfast.bench.load;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes distinct locks and keeps them. */
public final class Holds {
    private static final LockableDefinition KEPT = Holdfast.createLockable("kept", LockableOptions.plural());

    /**
     * Blocks until all are held.
     *
     * @return how many were taken per second
     */
    public static double take(HoldfastClient client, int count, int threads) throws InterruptedException {
        HoldfastLock lock = client.createLock();
        AtomicInteger next = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> takers = new ArrayList<>();
            long began = System.nanoTime();
            for (int i = 0; i < threads; i++) {
                takers.add(pool.submit(() -> {
                    LockOwner me = LockOwner.unique("keeper");
                    for (int n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                        var unused =
                                lock.acquire(me, KEPT.of(String.valueOf(n))).orThrow();
                    }
                }));
            }
            for (Future<?> taker : takers) {
                taker.get();
            }
            return count / ((System.nanoTime() - began) / 1e9);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a lock could not be taken", e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private Holds() {}
}
