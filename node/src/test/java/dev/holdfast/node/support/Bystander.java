package dev.holdfast.node.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that behaves: it keeps one lock and acquires and releases another, again and again. All of that must succeed,
 * whatever others do meanwhile.
 */
public final class Bystander implements AutoCloseable {
    /** Leaves the processor to others now and then. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final HoldfastClient client;
    private final LockHandle kept;
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<LossReason> losses = new CopyOnWriteArrayList<>();
    private final AtomicLong rounds = new AtomicLong();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final Thread thread = new Thread(this::work, "bystander");
    private volatile boolean working = true;

    public Bystander(String servers) throws InterruptedException {
        this(servers, ClientOptions.defaults());
    }

    public Bystander(String servers, ClientOptions options) throws InterruptedException {
        client = Holdfast.connect(servers, options.name("bystander"));
        LockOwner owner = LockOwner.unique("bystander");
        kept = client.createLock()
                .hold(owner, Holdfast.createLockable("kept-by-a-bystander").of(), AcquireOptions.defaults());
        kept.onLost(losses::add);
        thread.start();
    }

    private void work() {
        HoldfastLock lock = client.createLock();
        LockOwner owner = LockOwner.unique("bystander");
        Lockable lockable = Holdfast.createLockable("used-by-a-bystander").of();
        while (working) {
            try {
                long start = System.nanoTime();
                lock.acquire(owner, lockable).orThrow().release();
                slowestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
                rounds.incrementAndGet();
            } catch (LockException e) {
                failures.add(e);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    public HoldfastClient client() {
        return client;
    }

    /** The slowest acquire and release since the last call. */
    public Duration slowest() {
        return Duration.ofNanos(slowestNanos.getAndSet(0));
    }

    /** What has gone on for so long has survived what was done to the peer before. */
    public void goesOn() {
        long before = rounds.get();
        await("the bystander's next rounds")
                .atMost(RawClient.PATIENCE)
                .until(() -> rounds.get() >= before + 20 || !failures.isEmpty());
        noticedNothing();
    }

    public void noticedNothing() {
        assertThat(failures).isEmpty();
        assertThat(losses).isEmpty();
    }

    @Override
    public void close() {
        working = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}
