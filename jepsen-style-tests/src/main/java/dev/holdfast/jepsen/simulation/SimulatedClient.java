package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Query;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** The real client in a process of its own. */
final class SimulatedClient {
    private static final LockOwnerType OWNERS = Holdfast.createLockOwner("caller");
    private static final int WAITERS_SEEN = 100;

    private final SimulatedProcess process;
    private final SimulatedLink link;
    private final HoldfastLock mutex;
    private final HoldfastLock reentrant;
    private final HoldfastSemaphore semaphore;

    SimulatedClient(String name, SimulatedCluster cluster, Random random, long sessionLeaseMs) {
        // As slow as Timers allows, or nearly; no leader's clock is faster than 1.
        process = new SimulatedProcess(cluster.scheduler(), name, 1 - 0.008 * random.nextDouble());
        link = new SimulatedLink(process, cluster, new Random(random.nextLong()));
        HoldfastClient client = Holdfast.client(
                link,
                ClientOptions.defaults()
                        .name(name)
                        .sessionLease(Duration.ofMillis(sessionLeaseMs))
                        .requestTimeout(Duration.ofMillis(1500))
                        .retryPause(Duration.ofMillis(10), Duration.ofMillis(10))
                        .wallClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                        .timers(process));
        mutex = client.createLock();
        reentrant = client.createLock(LockOptions.defaults().reentrant());
        semaphore = client.createSemaphore(SimulatedLockable.SEMAPHORE.limit());
    }

    SimulatedProcess process() {
        return process;
    }

    static LockOwner owner(int process) {
        return OWNERS.of(String.valueOf(process));
    }

    CompletableFuture<AcquireResult> acquire(
            LockOwner owner, SimulatedLockable what, int permits, AcquireOptions options) {
        Lockable lockable = Holdfast.createLockable(what.key()).of();
        return (switch (what) {
                    case MUTEX -> mutex.acquireAsync(owner, lockable, options);
                    case REENTRANT_MUTEX -> reentrant.acquireAsync(owner, lockable, options);
                    case SEMAPHORE -> semaphore.acquireAsync(owner, lockable, permits, options);
                })
                .toCompletableFuture();
    }

    CompletableFuture<Void> extend(LockOwner owner, SimulatedLockable what, Duration ttl) {
        Lockable lockable = Holdfast.createLockable(what.key()).of();
        return (switch (what) {
                    case MUTEX -> mutex.extendAsync(owner, lockable, ttl);
                    case REENTRANT_MUTEX -> reentrant.extendAsync(owner, lockable, ttl);
                    case SEMAPHORE -> semaphore.extendAsync(owner, lockable, ttl);
                })
                .toCompletableFuture();
    }

    /** @param peer whom to ask; -1 for the one that is believed to lead */
    CompletableFuture<Answer> look(SimulatedLockable what, int peer) {
        Query query = new Query.Inspect(what.lockableKey(), WAITERS_SEEN);
        return peer < 0 ? link.query(query) : link.queryAt(peer, query);
    }
}
