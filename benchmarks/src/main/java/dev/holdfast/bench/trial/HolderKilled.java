package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ClientProcess;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.Holds;
import dev.holdfast.bench.load.Patience;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A process that holds a lock is killed: how long until the next waiter is granted it. */
public final class HolderKilled implements Trial {
    private static final Lockable LOCKABLE = Holds.lockable(0);
    private static final AcquireOptions PATIENTLY = AcquireOptions.defaults().waitForever();
    private static final long BEYOND_LEASE_MS = TimeUnit.MINUTES.toMillis(1);
    private static final int ATTEMPTS = 5;

    private final List<Integer> leasesMs;
    private final int times;
    private final Consumer<String> progress;

    /** @param leasesMs session leases of the process that is killed */
    public HolderKilled(List<Integer> leasesMs, int times, Consumer<String> progress) {
        this.leasesMs = leasesMs;
        this.times = times;
        this.progress = progress;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        List<Findings> rows = new ArrayList<>();
        try (HoldfastClient client = cluster.connect()) {
            for (int leaseMs : leasesMs) {
                List<Double> waits = new ArrayList<>();
                for (int i = 0; i < times; i++) {
                    // A lease is renewed when a third of it has passed: the kills are spread over that time.
                    double wait = measured(cluster, client, leaseMs, leaseMs / 3 * i / times);
                    waits.add(wait);
                    progress.accept(String.format(
                            Locale.ROOT,
                            "lease %d ms, kill %d of %d: granted after %.0f ms",
                            leaseMs,
                            i + 1,
                            times,
                            wait));
                }
                List<Figure> figures = new ArrayList<>();
                figures.add(new Figure("lease", leaseMs, "ms"));
                figures.add(Figure.count("kills", times));
                figures.addAll(Figure.spread("kill to grant", waits, "ms"));
                rows.add(new Findings(1, figures));
            }
        }
        return rows;
    }

    private static double measured(ProcessCluster cluster, HoldfastClient client, int leaseMs, long delayMs)
            throws IOException, InterruptedException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            OptionalDouble wait = once(cluster, client, leaseMs, delayMs);
            if (wait.isPresent()) {
                return wait.getAsDouble();
            }
        }
        throw new IllegalStateException("a lease of " + leaseMs + " ms is too short here: its holder lost the lock "
                + ATTEMPTS + " times before it was killed");
    }

    /** Empty if the holder lost the lock before it was killed: on a busy machine it may be late to renew a short lease. */
    private static OptionalDouble once(ProcessCluster cluster, HoldfastClient client, int leaseMs, long delayMs)
            throws IOException, InterruptedException {
        HoldfastLock lock = client.createLock();
        try (ClientProcess holder = cluster.startClient(Duration.ofMillis(leaseMs))) {
            var unused = holder.take(0, 1);
            CompletableFuture<Granted> grant = lock.acquireAsync(LockOwner.unique("waiter"), LOCKABLE, PATIENTLY)
                    .thenApply(result -> new Granted(result.orThrow(), System.nanoTime()))
                    .toCompletableFuture();
            Patience.await(
                    "the waiter in the queue",
                    () -> grant.isDone()
                            || lock.get(LOCKABLE).map(LockInfo::waiterCount).orElse(0) > 0);
            TimeUnit.MILLISECONDS.sleep(delayMs);
            if (grant.isDone()) {
                grant.get().handle.release();
                return OptionalDouble.empty();
            }
            long killed = System.nanoTime();
            holder.kill();
            Granted granted = grant.get(leaseMs + BEYOND_LEASE_MS, TimeUnit.MILLISECONDS);
            granted.handle.release();
            return OptionalDouble.of((granted.nanoTime - killed) / 1e6);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the waiter was not granted the lock: " + e, e);
        }
    }

    private record Granted(LockHandle handle, long nanoTime) {}
}
