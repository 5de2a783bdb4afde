package dev.holdfast.client.internal.facade;

import dev.holdfast.client.internal.hold.AcquireOutcome;
import dev.holdfast.client.internal.hold.AcquireRequest;
import dev.holdfast.client.internal.hold.PendingAcquire;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.KeyGroups;
import dev.holdfast.protocol.LockableKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The engine of each group of the cluster. How many groups there are is asked for by the first operation, if the transport
 * does not know it; until that is answered operations wait, as they would for a connection, and then go on in the order in
 * which they came. Any thread may call it.
 */
final class GroupClients {
    private final ClusterTransport cluster;
    private final Function<Transport, GroupClient> makeEngine;
    private final GroupClient first;
    private final ReentrantLock lock = new ReentrantLock();

    /** Those of all groups, once their number is known. Guarded by the lock. */
    private @Nullable List<GroupClient> made;

    /** Operations that came too early to know where to go, in the order in which they came. Guarded by the lock. */
    private final Queue<CompletableFuture<List<GroupClient>>> early = new ArrayDeque<>();

    /** What was made; set when no early operation is left, so that nobody overtakes one. */
    private volatile @Nullable List<GroupClient> all;

    /** Guarded by the lock. */
    private boolean closed;

    GroupClients(ClusterTransport cluster, Function<Transport, GroupClient> makeEngine) {
        this.cluster = cluster;
        this.makeEngine = makeEngine;
        this.first = makeEngine.apply(cluster.group(0));
        if (cluster.groups() > 0) {
            found(cluster.groups());
        }
    }

    private void found(int groups) {
        List<GroupClient> engines;
        lock.lock();
        try {
            if (made != null) {
                return;
            }
            engines = make(groups);
            made = engines;
        } finally {
            lock.unlock();
        }
        for (CompletableFuture<List<GroupClient>> next = nextEarly(); next != null; next = nextEarly()) {
            next.complete(engines);
        }
    }

    private List<GroupClient> make(int groups) {
        List<GroupClient> engines = new ArrayList<>(List.of(first));
        while (engines.size() < groups) {
            GroupClient engine = makeEngine.apply(cluster.group(engines.size()));
            if (closed) {
                // It refuses whatever still comes.
                var unused = engine.close(0);
            }
            engines.add(engine);
        }
        return List.copyOf(engines);
    }

    /** When there is none left, whoever comes from now on need not wait. */
    private @Nullable CompletableFuture<List<GroupClient>> nextEarly() {
        lock.lock();
        try {
            CompletableFuture<List<GroupClient>> next = early.poll();
            if (next == null) {
                all = made;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * All of them; fails with {@link dev.holdfast.client.errors.LockException}, not later than the request timeout. Who asked
     * first has its answer first.
     */
    CompletableFuture<List<GroupClient>> all(String operation) {
        CompletableFuture<List<GroupClient>> waiting = new CompletableFuture<>();
        lock.lock();
        try {
            List<GroupClient> known = all;
            if (known != null) {
                return CompletableFuture.completedFuture(known);
            }
            early.add(waiting);
        } finally {
            lock.unlock();
        }
        CompletableFuture<Void> asked = first.queries()
                .ask(cluster::findGroups, groups -> null, operation)
                .thenAccept(this::found);
        Futures.onDone(asked, (done, failure) -> {
            if (failure != null) {
                giveUp(waiting, failure);
            }
        });
        return waiting;
    }

    private void giveUp(CompletableFuture<List<GroupClient>> waiting, Throwable failure) {
        waiting.completeExceptionally(failure);
        lock.lock();
        try {
            early.removeIf(CompletableFuture::isDone);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has the engine of the lockable's group do something.
     *
     * @param operation what it does, for messages
     */
    <T> CompletableFuture<T> with(
            LockableKey lockable, String operation, Function<GroupClient, CompletableFuture<T>> task) {
        List<GroupClient> known = all;
        if (known != null) {
            return task.apply(of(lockable, known));
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        Futures.onDone(all(operation), (engines, failure) -> {
            if (engines == null) {
                result.completeExceptionally(failure);
            } else {
                pass(task.apply(of(lockable, engines)), result);
            }
        });
        return result;
    }

    /** Begins an acquire, at once or as soon as it is known where. */
    PendingAcquire acquire(AcquireRequest request) {
        List<GroupClient> known = all;
        LockableKey lockable = request.command().lockable();
        if (known != null) {
            return of(lockable, known).holds().acquire(request);
        }
        EarlyAcquire acquire = new EarlyAcquire();
        Futures.onDone(all(request.describe()), (engines, failure) -> {
            if (engines == null) {
                acquire.result.completeExceptionally(failure);
            } else {
                acquire.begin(of(lockable, engines).holds().acquire(request));
            }
        });
        return acquire;
    }

    private static GroupClient of(LockableKey lockable, List<GroupClient> engines) {
        return engines.get(KeyGroups.of(lockable.key(), engines.size()));
    }

    private static <T> void pass(CompletableFuture<T> from, CompletableFuture<T> to) {
        Futures.onDone(from, (value, failure) -> {
            if (failure == null) {
                to.complete(value);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    /** Ends all of them; completes when the cluster has closed their sessions, or the time is up. Never fails. */
    CompletableFuture<Void> close(long timeoutNanos) {
        List<GroupClient> engines;
        lock.lock();
        try {
            closed = true;
            engines = made == null ? List.of(first) : made;
        } finally {
            lock.unlock();
        }
        return CompletableFuture.allOf(
                engines.stream().map(engine -> engine.close(timeoutNanos)).toArray(CompletableFuture<?>[]::new));
    }

    /** An acquire that was asked for before it was known where. */
    private static final class EarlyAcquire implements PendingAcquire {
        private final CompletableFuture<AcquireOutcome> result = new CompletableFuture<>();
        private final AtomicReference<@Nullable PendingAcquire> begun = new AtomicReference<>();
        private volatile boolean abandoned;

        void begin(PendingAcquire acquire) {
            begun.set(acquire);
            if (abandoned) {
                acquire.abandon();
            }
            pass(acquire.result(), result);
        }

        @Override
        public CompletableFuture<AcquireOutcome> result() {
            return result;
        }

        @Override
        public void abandon() {
            abandoned = true;
            PendingAcquire acquire = begun.get();
            if (acquire != null) {
                acquire.abandon();
            }
        }
    }
}
