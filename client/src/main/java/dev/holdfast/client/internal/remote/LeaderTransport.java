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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One group of a cluster, seen through a list of peers. Each request is one attempt at the peer that is believed to lead; a
 * failure tells it whom to ask next time. A leader that is named by a peer is believed even if it is not in the list, provided that
 * it belongs to the same cluster. Members of which the leader told are asked in turn, after the list. Requests wait until enough of the
 * list was greeted to know that it is one ({@link Greeter}).
 *
 * <p>A peer that refuses this client is one that cannot be asked, like one that is down: the request fails with
 * {@code UNREACHABLE}, and with {@code REFUSED} or {@code FORBIDDEN} only if all refuse.
 *
 * <p>When another peer proves to lead, subscriptions at the former leader break with {@code NO_LEADER}: it may not have
 * noticed yet. On {@link #close} subscriptions break with {@code CLOSED}.
 */
public final class LeaderTransport implements RemoteTransport {
    private final LeaderBelief leader;
    private final Greeter greeter;
    private final ScheduledExecutorService timers;
    private final boolean timersAreOwn;
    private final boolean greeterIsOwn;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private final Set<FollowedSubscription> subscriptions = new HashSet<>();

    /**
     * With a timer thread of its own, which ends with {@link #close}.
     *
     * @param peers at least one; the first is asked first
     */
    public LeaderTransport(List<HostPort> peers, RemoteOptions options) {
        this(peers, options, TimerThread.newDaemon("holdfast-timers-" + options.clientName()), true, null);
    }

    /**
     * With shared timers.
     *
     * @param peers at least one; the first is asked first
     * @param timers where timeouts fire; stays the caller's, and must outlive this
     */
    public LeaderTransport(List<HostPort> peers, RemoteOptions options, ScheduledExecutorService timers) {
        this(peers, options, timers, false, null);
    }

    /** One of several groups, with a greeter for all of them; it stays the caller's. */
    LeaderTransport(List<HostPort> peers, RemoteOptions options, ScheduledExecutorService timers, Greeter greeter) {
        this(peers, options, timers, false, greeter);
    }

    private LeaderTransport(
            List<HostPort> peers,
            RemoteOptions options,
            ScheduledExecutorService timers,
            boolean timersAreOwn,
            @Nullable Greeter shared) {
        Greeter greeting = shared == null ? new Greeter(peers, options, timers) : shared;
        this.greeter = greeting;
        this.greeterIsOwn = shared == null;
        this.timers = timers;
        this.timersAreOwn = timersAreOwn;
        this.leader = new LeaderBelief(
                peers, address -> new RemotePeer(address, options, timers, greeting, new Hearing()), greeting::isAway);
        greeting.add(new Following());
    }

    @Override
    public HostPort believedLeader() {
        return leader.believed().address();
    }

    /** How many groups the cluster has; any peer that belongs to it knows, whether it leads or not. */
    CompletableFuture<Integer> groups() {
        return whenOpen(() -> ask(RemotePeer::groups, peer -> {}));
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        return askLeader(peer -> peer.submit(batch));
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return askLeader(peer -> peer.query(query));
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        return askLeader(peer -> peer.keepAlive(session));
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        if (greeter.isOpen()) {
            return follow(session, afterNumber, sink);
        }
        EarlySubscription early = new EarlySubscription();
        SerialSink later = new SerialSink(sink);
        // Not on this thread: the sink may not be called before this returns.
        TimerThread.runSoon(
                timers,
                () -> greeter.whenOpen(failure -> {
                    if (failure == null) {
                        early.opened(follow(session, afterNumber, sink));
                    } else if (!early.isClosed()) {
                        later.broken(failure);
                    }
                }));
        return early;
    }

    private Subscription follow(SessionId session, long afterNumber, EventSink sink) {
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
        if (greeterIsOwn) {
            greeter.close();
        }
        if (timersAreOwn) {
            timers.shutdown();
        }
    }

    private <R> CompletableFuture<R> askLeader(Function<RemotePeer, CompletableFuture<R>> request) {
        return whenOpen(() -> ask(request, this::answered));
    }

    private <R> CompletableFuture<R> whenOpen(Supplier<CompletableFuture<R>> asking) {
        if (greeter.isOpen()) {
            return asking.get();
        }
        CompletableFuture<R> result = new CompletableFuture<>();
        greeter.whenOpen(failure -> {
            if (failure == null) {
                pass(asking, result);
            } else {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    private static <R> void pass(Supplier<CompletableFuture<R>> asking, CompletableFuture<R> result) {
        try {
            var unused = asking.get().whenComplete((reply, failure) -> {
                if (failure == null) {
                    result.complete(reply);
                } else {
                    result.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    /** The future that is returned completes after the lesson is learned, so that a retry goes to the right peer. */
    private <R> CompletableFuture<R> ask(
            Function<RemotePeer, CompletableFuture<R>> request, Consumer<RemotePeer> onAnswer) {
        RemotePeer peer = leader.believed();
        CompletableFuture<R> learned = new CompletableFuture<>();
        var unused = request.apply(peer).whenComplete((reply, failure) -> {
            if (failure == null) {
                onAnswer.accept(peer);
                learned.complete(reply);
            } else {
                learned.completeExceptionally(lesson(peer, failure));
            }
        });
        return learned;
    }

    private void answered(RemotePeer peer) {
        if (leader.answered(peer)) {
            breakSubscriptionsElsewhere(peer);
        }
    }

    /** Learns from a failure whom to ask next, and tells what it means to the caller. */
    private Throwable lesson(RemotePeer peer, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof TransportException known ? lesson(peer, known) : failure;
    }

    private TransportException lesson(RemotePeer peer, TransportException failure) {
        boolean peerIsWrong = Ending.refuses(failure.kind()) && peer.refusesThisClient();
        leader.failed(peer, failure);
        return peerIsWrong ? greeter.refused(peer.address(), failure) : failure;
    }

    /** What peers say of others. */
    private final class Hearing implements RemotePeer.Listener {
        @Override
        public void leaderHinted(RemotePeer by, LeaderHint hint) {
            leader.hinted(by, hint);
        }

        /** Of a peer that is not asked any more, it may be late: the one that is asked now has told something newer. */
        @Override
        public void membersTold(RemotePeer by, List<HostPort> members) {
            if (by == leader.believed()) {
                greeter.learn(members);
            }
        }
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

    /** What the greeter wants of this transport. */
    private final class Following implements Greeter.Follower {
        @Override
        public void greet(HostPort address) {
            leader.all().stream().filter(peer -> peer.address().equals(address)).forEach(RemotePeer::greet);
        }

        @Override
        public void learned(List<HostPort> members) {
            List<RemotePeer> forgotten = leader.learn(members);
            // Not on this thread: what is under way there fails, and callers hear of it.
            TimerThread.runSoon(timers, () -> forgotten.forEach(RemotePeer::retire));
        }

        @Override
        public void rest() {
            RemotePeer believed = leader.believed();
            leader.all().stream().filter(peer -> peer != believed).forEach(RemotePeer::rest);
        }

        @Override
        public void open(HostPort first) {
            leader.beginWith(first);
        }

        @Override
        public void split(Ending why) {
            leader.all().forEach(peer -> peer.breakOff(why));
        }
    }

    /** A subscription that was asked for before it was known where. */
    private static final class EarlySubscription implements Subscription {
        private volatile @Nullable Subscription opened;
        private volatile boolean closed;

        void opened(Subscription subscription) {
            opened = subscription;
            if (closed) {
                subscription.close();
            }
        }

        boolean isClosed() {
            return closed;
        }

        @Override
        public void close() {
            closed = true;
            Subscription known = opened;
            if (known != null) {
                known.close();
            }
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
            sink.onBroken(lesson(peer, cause));
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
