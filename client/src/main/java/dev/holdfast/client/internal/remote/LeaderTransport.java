package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemoteTransport;
import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One group of a cluster, seen through a list of peers. Each request is one attempt at the peer that is believed to lead; a
 * failure tells it whom to ask next time. A leader that is named by a peer is believed even if it is not in the list, provided that
 * it belongs to the same cluster: the one of the options, or else that of the first peer that answers.
 *
 * <p>When another peer proves to lead, subscriptions at the former leader break with {@code NO_LEADER}: it may not have
 * noticed yet. On {@link #close} subscriptions break with {@code CLOSED}.
 */
public final class LeaderTransport implements RemoteTransport {
    private final LeaderBelief leader;
    private final @Nullable ScheduledExecutorService ownTimers;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private final Set<FollowedSubscription> subscriptions = new HashSet<>();

    /**
     * With a timer thread of its own, which ends with {@link #close}.
     *
     * @param peers at least one; the first is asked first
     */
    public LeaderTransport(List<HostPort> peers, RemoteOptions options) {
        this(
                peers,
                options,
                TimerThread.newDaemon("holdfast-timers-" + options.clientName()),
                true,
                new ClusterPin(options.clusterId()));
    }

    /**
     * With shared timers.
     *
     * @param peers at least one; the first is asked first
     * @param timers where timeouts fire; stays the caller's, and must outlive this
     */
    public LeaderTransport(List<HostPort> peers, RemoteOptions options, ScheduledExecutorService timers) {
        this(peers, options, timers, new ClusterPin(options.clusterId()));
    }

    LeaderTransport(List<HostPort> peers, RemoteOptions options, ScheduledExecutorService timers, ClusterPin cluster) {
        this(peers, options, timers, false, cluster);
    }

    private LeaderTransport(
            List<HostPort> peers,
            RemoteOptions options,
            ScheduledExecutorService timers,
            boolean timersAreOwn,
            ClusterPin cluster) {
        this.leader = new LeaderBelief(
                peers, address -> new RemotePeer(address, options, timers, cluster, this::leaderHinted));
        this.ownTimers = timersAreOwn ? timers : null;
    }

    @Override
    public HostPort believedLeader() {
        return leader.believed().address();
    }

    /** How many groups the cluster has; any peer that belongs to it knows, whether it leads or not. */
    CompletableFuture<Integer> groups() {
        RemotePeer peer = leader.believed();
        CompletableFuture<Integer> learned = new CompletableFuture<>();
        var unused = peer.groups().whenComplete((groups, failure) -> {
            if (failure == null) {
                learned.complete(groups);
            } else {
                Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                failed(peer, cause == null ? failure : cause);
                learned.completeExceptionally(cause == null ? failure : cause);
            }
        });
        return learned;
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        return ask(peer -> peer.submit(batch));
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return ask(peer -> peer.query(query));
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        return ask(peer -> peer.keepAlive(session));
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        lock.lock();
        try {
            RemotePeer peer = leader.believed();
            FollowedSubscription subscription = new FollowedSubscription(peer, sink);
            subscriptions.add(subscription);
            subscription.opened(peer.open(session, afterNumber, subscription));
            return subscription;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        leader.close();
        if (ownTimers != null) {
            ownTimers.shutdown();
        }
    }

    /** The future that is returned completes after the lesson is learned, so that a retry goes to the right peer. */
    private <R> CompletableFuture<R> ask(Function<RemotePeer, CompletableFuture<R>> request) {
        RemotePeer peer = leader.believed();
        CompletableFuture<R> learned = new CompletableFuture<>();
        var unused = request.apply(peer).whenComplete((reply, failure) -> {
            if (failure == null) {
                answered(peer);
                learned.complete(reply);
            } else {
                failed(peer, failure);
                learned.completeExceptionally(failure);
            }
        });
        return learned;
    }

    private void answered(RemotePeer peer) {
        if (leader.answered(peer)) {
            breakSubscriptionsElsewhere(peer);
        }
    }

    private void failed(RemotePeer peer, Throwable failure) {
        if (failure instanceof TransportException known) {
            leader.failed(peer, known);
        }
    }

    private void leaderHinted(RemotePeer by, LeaderHint hint) {
        leader.hinted(by, hint);
    }

    private void breakSubscriptionsElsewhere(RemotePeer leading) {
        List<FollowedSubscription> elsewhere;
        lock.lock();
        try {
            elsewhere = subscriptions.stream().filter(s -> s.peer != leading).toList();
        } finally {
            lock.unlock();
        }
        elsewhere.forEach(s ->
                s.breakOff(TransportException.noLongerLeads(s.peer.address().toString())));
    }

    private void forget(FollowedSubscription subscription) {
        lock.lock();
        try {
            subscriptions.remove(subscription);
        } finally {
            lock.unlock();
        }
    }

    /** A subscription at the peer that was believed to lead when it was made. */
    private final class FollowedSubscription implements Subscription, EventSink {
        private final RemotePeer peer;
        private final EventSink sink;
        private volatile @Nullable PeerSubscription atPeer;

        FollowedSubscription(RemotePeer peer, EventSink sink) {
            this.peer = peer;
            this.sink = sink;
        }

        void opened(PeerSubscription subscription) {
            atPeer = subscription;
        }

        void breakOff(TransportException cause) {
            PeerSubscription open = atPeer;
            if (open != null) {
                open.breakOff(cause);
            }
        }

        @Override
        public void onEvents(List<NumberedEvent> events) {
            sink.onEvents(events);
        }

        @Override
        public void onBroken(TransportException cause) {
            forget(this);
            leader.failed(peer, cause);
            sink.onBroken(cause);
        }

        @Override
        public void close() {
            forget(this);
            PeerSubscription open = atPeer;
            if (open != null) {
                open.close();
            }
        }
    }
}
