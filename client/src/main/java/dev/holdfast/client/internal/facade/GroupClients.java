package dev.holdfast.client.internal.facade;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.internal.hold.AcquireOutcome;
import dev.holdfast.client.internal.hold.AcquireRequest;
import dev.holdfast.client.internal.hold.AcquireTerms;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.hold.JointOutcome;
import dev.holdfast.client.internal.hold.JointRequest;
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
 * The client of each group of the cluster. If the transport does not know how many groups there are, the first operation
 * asks; until that is answered, operations wait, as they would for a connection, and then go on in the order in which they
 * came. Any thread may call it.
 *
 * <p>See docs/adr/009-groups-by-key.md and docs/adr/011-several-locks-at-once.md.
 */
final class GroupClients {
    private final ClusterTransport cluster;
    private final Function<Transport, GroupClient> makeGroup;
    private final GroupClient first;
    private final ReentrantLock lock = new ReentrantLock();

    /** The clients of all groups, once their number is known. Guarded by the lock. */
    private @Nullable List<GroupClient> made;

    /** Operations that came too early to know where to go, in the order in which they came. Guarded by the lock. */
    private final Queue<CompletableFuture<List<GroupClient>>> early = new ArrayDeque<>();

    /** The same as {@link #made}, but set only when no early operation is left, so that nobody overtakes one. */
    private volatile @Nullable List<GroupClient> all;

    /** Guarded by the lock. */
    private boolean closed;

    GroupClients(ClusterTransport cluster, Function<Transport, GroupClient> makeGroup) {
        this.cluster = cluster;
        this.makeGroup = makeGroup;
        this.first = makeGroup.apply(cluster.group(0));
        if (cluster.groups() > 0) {
            found(cluster.groups());
        }
    }

    private void found(int count) {
        List<GroupClient> groups;
        lock.lock();
        try {
            if (made != null) {
                return;
            }
            groups = make(count);
            made = groups;
        } finally {
            lock.unlock();
        }
        for (CompletableFuture<List<GroupClient>> next = nextEarly(); next != null; next = nextEarly()) {
            next.complete(groups);
        }
    }

    private List<GroupClient> make(int count) {
        List<GroupClient> groups = new ArrayList<>(List.of(first));
        while (groups.size() < count) {
            GroupClient group = makeGroup.apply(cluster.group(groups.size()));
            if (closed) {
                // From now on it refuses whatever still comes.
                var unused = group.close(0);
            }
            groups.add(group);
        }
        return List.copyOf(groups);
    }

    /** Once none is left, whoever comes later need not wait. */
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
     * All of them. Fails with {@link dev.holdfast.client.errors.LockException} within that time. Callers are answered in the
     * order in which they asked.
     */
    CompletableFuture<List<GroupClient>> all(String operation, long timeoutNanos) {
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
                .ask(cluster::findGroups, groups -> null, operation, timeoutNanos)
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

    /** What is to be done in one group, within a time. */
    interface Task<T> {
        CompletableFuture<T> run(GroupClient group, long timeoutNanos);
    }

    /**
     * Runs the task on the client of the lockable's group, within what is left of the time by then.
     *
     * @param operation what the task does, for messages
     */
    <T> CompletableFuture<T> with(LockableKey lockable, String operation, long timeoutNanos, Task<T> task) {
        List<GroupClient> known = all;
        if (known != null) {
            return task.run(of(lockable, known), timeoutNanos);
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        long beganNanos = first.nowNanos();
        Futures.onDone(all(operation, timeoutNanos), (groups, failure) -> {
            if (groups == null) {
                result.completeExceptionally(failure);
            } else {
                long leftNanos = timeoutNanos - (first.nowNanos() - beganNanos);
                Futures.pass(task.run(of(lockable, groups), Math.max(0, leftNanos)), result);
            }
        });
        return result;
    }

    /** Begins an acquire, at once or as soon as the number of groups is known. */
    PendingAcquire<AcquireOutcome> acquire(AcquireRequest request) {
        List<GroupClient> known = all;
        return known != null ? begin(request, known, 0) : early(request, GroupClients::begin);
    }

    private static PendingAcquire<AcquireOutcome> begin(
            AcquireRequest request, List<GroupClient> groups, long elapsedNanos) {
        return of(request.command().lockable(), groups).holds().acquire(request, elapsedNanos);
    }

    /** The same for several locks. They must be of one group; if not, it fails, and nothing is sent. */
    PendingAcquire<JointOutcome> acquireAll(JointRequest request) {
        List<GroupClient> known = all;
        return known != null ? begin(request, known, 0) : early(request, GroupClients::begin);
    }

    private static PendingAcquire<JointOutcome> begin(
            JointRequest request, List<GroupClient> groups, long elapsedNanos) {
        List<LockableKey> lockables = request.command().lockables();
        GroupClient group = of(lockables.get(0), groups);
        for (LockableKey lockable : lockables) {
            if (of(lockable, groups) != group) {
                EarlyAcquire<JointOutcome> refused = new EarlyAcquire<>();
                refused.result.completeExceptionally(crossing(lockables.get(0).key(), lockable.key(), groups.size()));
                return refused;
            }
        }
        return group.holds().acquireAll(request, elapsedNanos);
    }

    /** Releases these, which were acquired together: at least one. */
    List<CompletableFuture<Void>> releaseAll(List<HoldHandle> handles, long timeoutNanos) {
        List<GroupClient> known = all;
        if (known != null) {
            return of(handles.get(0).key(), known).holds().releaseAll(handles, timeoutNanos);
        }
        // They were early, and others that were are still to be told of the groups.
        List<CompletableFuture<Void>> results = new ArrayList<>(handles.size());
        for (HoldHandle handle : handles) {
            results.add(with(
                    handle.key(),
                    "release of '" + handle.key().key() + "' by " + handle.owner(),
                    timeoutNanos,
                    (group, leftNanos) -> group.holds().release(handle, leftNanos)));
        }
        return results;
    }

    private static LockException crossing(String one, String other, int groups) {
        return new LockRequestRejectedException(
                Reason.SEVERAL_GROUPS,
                "'" + one + "' belongs to Raft group " + KeyGroups.of(one, groups) + " of " + groups + ", and '" + other
                        + "' to group " + KeyGroups.of(other, groups)
                        + "; locks are acquired together only within one group. Acquire them one after the other, in"
                        + " an order that everybody keeps to, or run the cluster with one group.");
    }

    private interface Begin<R, O> {
        PendingAcquire<O> begin(R request, List<GroupClient> groups, long elapsedNanos);
    }

    private <R extends AcquireTerms, O> PendingAcquire<O> early(R request, Begin<R, O> begin) {
        EarlyAcquire<O> acquire = new EarlyAcquire<>();
        long beganNanos = first.nowNanos();
        Futures.onDone(all(request.describe(), request.patienceNanos()), (groups, failure) -> {
            if (groups == null) {
                acquire.result.completeExceptionally(failure);
            } else {
                acquire.begin(begin.begin(request, groups, first.nowNanos() - beganNanos));
            }
        });
        return acquire;
    }

    long nowNanos() {
        return first.nowNanos();
    }

    private static GroupClient of(LockableKey lockable, List<GroupClient> groups) {
        return groups.get(KeyGroups.of(lockable.key(), groups.size()));
    }

    /**
     * Closes all of them, which also fails what waits for the number of groups, since the first is asked for that. Completes when
     * the cluster has closed their sessions, or the time is up. Never fails.
     */
    CompletableFuture<Void> close(long timeoutNanos) {
        List<GroupClient> groups;
        lock.lock();
        try {
            closed = true;
            groups = made == null ? List.of(first) : made;
        } finally {
            lock.unlock();
        }
        return CompletableFuture.allOf(
                groups.stream().map(group -> group.close(timeoutNanos)).toArray(CompletableFuture<?>[]::new));
    }

    /** An acquire that came before the number of groups was known. */
    private static final class EarlyAcquire<O> implements PendingAcquire<O> {
        private final CompletableFuture<O> result = new CompletableFuture<>();
        private final AtomicReference<@Nullable PendingAcquire<O>> begun = new AtomicReference<>();
        private volatile boolean abandoned;

        void begin(PendingAcquire<O> acquire) {
            begun.set(acquire);
            if (abandoned) {
                acquire.abandon();
            }
            Futures.pass(acquire.result(), result);
        }

        @Override
        public CompletableFuture<O> result() {
            return result;
        }

        @Override
        public void abandon() {
            abandoned = true;
            PendingAcquire<O> acquire = begun.get();
            if (acquire != null) {
                acquire.abandon();
            }
        }
    }
}
