package dev.holdfast.bench.load;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Waiters queue for one lock; whoever is granted it releases it and queues again, so the queue keeps its length. */
public final class HandOvers {
    private static final AcquireOptions PATIENTLY = AcquireOptions.defaults().waitForever();

    private final Lockable lockable =
            new Lockable("handed over", UUID.randomUUID().toString());
    private final HoldfastLock lock;
    private final AtomicLong grants = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean over;

    private HandOvers(HoldfastClient client) {
        this.lock = client.createLock();
    }

    /**
     * Blocks until it is done. The waiters end with the client.
     *
     * @return how often the lock was handed over per second
     */
    public static double perSecond(
            HoldfastClient client, int waiters, int warmUpSeconds, int windowSeconds, int windows)
            throws IOException, InterruptedException {
        return new HandOvers(client).run(waiters, warmUpSeconds, windowSeconds, windows);
    }

    private double run(int waiters, int warmUpSeconds, int windowSeconds, int windows)
            throws IOException, InterruptedException {
        LockOwner first = LockOwner.unique("first");
        LockHandle held = lock.acquire(first, lockable).orThrow();
        for (int i = 0; i < waiters; i++) {
            queue(LockOwner.unique("waiter"));
        }
        Patience.await(
                waiters + " waiters in the queue",
                () -> lock.get(lockable).map(LockInfo::waiterCount).orElse(waiters) >= waiters);
        held.release();
        queue(first);
        TimeUnit.SECONDS.sleep(warmUpSeconds);
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < windows; i++) {
            long before = grants.get();
            long began = System.nanoTime();
            TimeUnit.SECONDS.sleep(windowSeconds);
            rates.add((grants.get() - before) / ((System.nanoTime() - began) / 1e9));
        }
        over = true;
        if (failure.get() != null) {
            throw new IllegalStateException("a waiter failed: " + failure.get(), failure.get());
        }
        return Median.of(rates);
    }

    private void queue(LockOwner owner) {
        var unused = lock.acquireAsync(owner, lockable, PATIENTLY)
                .thenCompose(result -> {
                    grants.incrementAndGet();
                    return result.orThrow().releaseAsync();
                })
                .whenComplete((released, problem) -> {
                    if (over) {
                        return;
                    }
                    if (problem == null) {
                        queue(owner);
                    } else {
                        failure.compareAndSet(null, problem);
                    }
                });
    }
}
