package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.AcquireAllResult;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.SessionListener;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Query;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The real client in a process of its own. */
final class SimulatedClient {
    /** A lock that nobody watches. */
    private static final Lockable ASIDE = Holdfast.createLockable("aside").of();

    private static final LockOwnerType OWNERS = Holdfast.createLockOwner("caller");
    private static final int WAITERS_SEEN = 100;

    /** Beyond which a call must have ended, for the rounding of clocks. */
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(2);

    static final Duration REQUEST_TIMEOUT = Duration.ofMillis(1500);

    private final SimulatedProcess process;
    private final SimulatedLink link;
    private final @Nullable SimulatedExecutor users;
    private final Random random;
    private final HoldfastClient client;
    private final HoldfastLock mutex;
    private final HoldfastLock reentrant;
    private final HoldfastSemaphore semaphore;
    private final Set<CompletableFuture<?>> calls = new LinkedHashSet<>();
    private boolean closed;
    private int asides;

    /** A client of well-behaved users. */
    SimulatedClient(String name, SimulatedCluster cluster, Random random, long sessionLeaseMs) {
        this(name, cluster, random, sessionLeaseMs, null);
    }

    /** @param manner of its users' callback executor; {@code null} for the client's own threads */
    SimulatedClient(
            String name,
            SimulatedCluster cluster,
            Random random,
            long sessionLeaseMs,
            SimulatedExecutor.@Nullable Manner manner) {
        // As slow as Timers allows, or nearly; no leader's clock is faster than 1.
        process = new SimulatedProcess(cluster.scheduler(), name, 1 - 0.008 * random.nextDouble());
        link = new SimulatedLink(process, cluster, new Random(random.nextLong()));
        this.random = new Random(random.nextLong());
        ClientOptions options = ClientOptions.defaults()
                .name(name)
                .sessionLease(Duration.ofMillis(sessionLeaseMs))
                .requestTimeout(REQUEST_TIMEOUT)
                .retryPause(Duration.ofMillis(10), Duration.ofMillis(10))
                // Only the end of the simulation fails one.
                .hookErrorHandler((context, failure) -> {})
                .wallClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                .timers(process);
        users = manner == null ? null : new SimulatedExecutor(process, new Random(random.nextLong()), manner);
        client = Holdfast.client(link, users == null ? options : options.callbackExecutor(users));
        mutex = client.createLock();
        reentrant = client.createLock(LockOptions.defaults().reentrant());
        semaphore = client.createSemaphore(SimulatedLockable.SEMAPHORE.limit());
        if (users != null) {
            var unused = client.onSession(new MischievousListener());
        }
    }

    /** Whether its users' code does what it should not. */
    private boolean isMischievous() {
        return users != null;
    }

    /** What its users do in a callback: nothing, throw something, or call the client. */
    void mischief() {
        switch (random.nextInt(4)) {
            case 0 -> Mischief.any(random);
            case 1 -> {
                AcquireOptions wait = AcquireOptions.defaults()
                        .ttl(Duration.ofSeconds(2))
                        .wait(Duration.ofMillis(1 + random.nextInt(500)));
                var unused = mutex.acquireAsync(OWNERS.of(process.name() + ' ' + ++asides), ASIDE, wait)
                        .thenAccept(result -> result.handle().ifPresent(LockHandle::releaseAsync));
            }
            default -> {}
        }
    }

    private final class MischievousListener implements SessionListener {
        @Override
        public void onOpened() {
            mischief();
        }

        @Override
        public void onSuspect() {
            mischief();
        }

        @Override
        public void onRenewed() {
            mischief();
        }

        @Override
        public void onLost() {
            mischief();
        }
    }

    /** Adds listeners that do what they should not, if its users are like that. */
    void listenTo(LockHandle handle) {
        if (isMischievous()) {
            handle.onSuspect(this::mischief);
            handle.onLost(reason -> mischief());
            var unused = handle.lossSignal().thenRun(this::mischief);
        }
    }

    /** Closes it. Every call ends at once then. */
    void close() {
        process.run(() -> {
            closed = true;
            client.close();
            requireDone("closing", SLACK, List.copyOf(calls));
        });
    }

    /** Whether it is closed or its process is dead. */
    boolean isGone() {
        return closed || process.isDead();
    }

    /** What is left when the simulation is over: whoever still waits for this client need not. */
    void end() {
        client.close();
    }

    /** A lock with hooks that do this. */
    HoldfastLock lock(Runnable hook) {
        return client.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void beforeAcquire(HookContext context) {
                hook.run();
            }

            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                hook.run();
            }

            @Override
            public void beforeRelease(HookContext context) {
                hook.run();
            }

            @Override
            public void afterRelease(HookContext context, HookResult result) {
                hook.run();
            }
        }));
    }

    /**
     * A blocking call begins. It has to end by then, and at once if the client is closed.
     *
     * @param bound {@code null} if it may take as long as others keep what it waits for
     * @return to be completed when it has ended
     */
    CompletableFuture<Void> begin(String what, @Nullable Duration bound) {
        CompletableFuture<Void> call = new CompletableFuture<>();
        calls.add(call);
        if (bound != null) {
            requireDone(what, bound.toNanos(), List.of(call));
        }
        return call;
    }

    /** Requires that the call is done as good as now. */
    void requireDoneSoon(String what, CompletableFuture<?> call) {
        requireDone(what, SLACK, List.of(call));
    }

    private <T> CompletableFuture<T> timely(String what, Duration bound, CompletionStage<T> stage) {
        CompletableFuture<T> call = stage.toCompletableFuture();
        if (!call.isDone()) {
            calls.add(call);
            requireDone(what, bound.toNanos(), List.of(call));
        }
        return call;
    }

    /**
     * Requires that those calls are done by then. A process that was paused beyond that has a moment more, and a stage that
     * completes on an executor of users has until that one is not blocked.
     */
    private void requireDone(String what, long withinNanos, List<CompletableFuture<?>> asked) {
        process.schedule(() -> process.schedule(() -> requireDoneNow(what, withinNanos, asked), SLACK), withinNanos);
    }

    private void requireDoneNow(String what, long withinNanos, List<CompletableFuture<?>> asked) {
        calls.removeIf(CompletableFuture::isDone);
        if (asked.stream().allMatch(CompletableFuture::isDone)) {
            return;
        }
        long blocked = users == null ? 0 : users.blockedNanos();
        if (blocked == 0) {
            throw new SimulationFailure("deadline, " + process.name() + ": " + what + " has not ended within "
                    + TimeUnit.NANOSECONDS.toMillis(withinNanos) + " ms");
        }
        requireDone(what, blocked, asked);
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
        return timely(
                "acquire of " + lockable.key(),
                bound(options),
                switch (what) {
                    case MUTEX -> mutex.acquireAsync(owner, lockable, options);
                    case REENTRANT_MUTEX -> reentrant.acquireAsync(owner, lockable, options);
                    case SEMAPHORE -> semaphore.acquireAsync(owner, lockable, permits, options);
                });
    }

    /** Acquires all of these mutexes at once, none of them reentrantly. */
    CompletableFuture<AcquireAllResult> acquireAll(
            LockOwner owner, List<SimulatedLockable> mutexes, AcquireOptions options) {
        List<Lockable> lockables = mutexes.stream()
                .map(what -> Holdfast.createLockable(what.key()).of())
                .toList();
        return timely("acquire of " + mutexes, bound(options), mutex.acquireAllAsync(owner, lockables, options));
    }

    /** Of an acquire that waits for so long. */
    static Duration boundOfWait(long waitMs) {
        return Duration.ofMillis(waitMs).plus(REQUEST_TIMEOUT.dividedBy(AcquireOptions.GRACE_PART));
    }

    private static Duration bound(AcquireOptions options) {
        Duration usual = options.waitMs() == 0 ? REQUEST_TIMEOUT : boundOfWait(options.waitMs());
        Duration timeout = options.timeout().orElse(usual);
        return options.waitMs() == 0 || timeout.compareTo(usual) < 0 ? timeout : usual;
    }

    CompletableFuture<Void> extend(LockOwner owner, SimulatedLockable what, Duration ttl) {
        Lockable lockable = Holdfast.createLockable(what.key()).of();
        return timely(
                "extend",
                REQUEST_TIMEOUT,
                switch (what) {
                    case MUTEX -> mutex.extendAsync(owner, lockable, ttl);
                    case REENTRANT_MUTEX -> reentrant.extendAsync(owner, lockable, ttl);
                    case SEMAPHORE -> semaphore.extendAsync(owner, lockable, ttl);
                });
    }

    CompletableFuture<Void> extend(LockHandle handle, Duration ttl) {
        return timely("extend", REQUEST_TIMEOUT, handle.extendAsync(ttl));
    }

    CompletableFuture<Void> release(LockHandle handle) {
        return timely("release", REQUEST_TIMEOUT, handle.releaseAsync());
    }

    /** Takes it from whoever holds it. */
    CompletableFuture<Integer> force(SimulatedLockable what) {
        Lockable lockable = Holdfast.createLockable(what.key()).of();
        return timely(
                "forced release",
                REQUEST_TIMEOUT,
                what == SimulatedLockable.SEMAPHORE
                        ? semaphore.forceReleaseAsync(lockable)
                        : mutex.forceReleaseAsync(lockable).thenApply(taken -> taken ? 1 : 0));
    }

    /** @param peer whom to ask; -1 for the one that is believed to lead */
    CompletableFuture<Answer> look(SimulatedLockable what, int peer) {
        Query query = new Query.Inspect(what.lockableKey(), WAITERS_SEEN);
        return peer < 0 ? link.query(query) : link.queryAt(peer, query);
    }
}
