package dev.holdfast.node.gateway;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.leader.NotLeading;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The transport of callers in this process: straight to the local leader if this peer leads, otherwise over the network to
 * the peer that does. One attempt per call.
 */
public final class Gateway implements Transport {
    private final String selfId;
    private final LocalLeader local;
    private final Transport atThisPeer;
    private final Supplier<@Nullable LeaderHint> leader;
    private final Function<String, RemoteOptions> options;
    private final ScheduledExecutorService timers;
    private final Map<LeaderHint, Transport> peers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * The callers' way to the leader.
     *
     * @param local whether this peer leads
     * @param atThisPeer answers if it does
     * @param options how the peer of that id is reached
     * @param timers on which requests to other peers time out; they stay the caller's, and must outlive this
     */
    public Gateway(
            String selfId,
            LocalLeader local,
            Transport atThisPeer,
            Supplier<@Nullable LeaderHint> leader,
            Function<String, RemoteOptions> options,
            ScheduledExecutorService timers) {
        this.selfId = selfId;
        this.local = local;
        this.atThisPeer = atThisPeer;
        this.leader = leader;
        this.options = options;
        this.timers = timers;
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        return route(transport -> transport.submit(batch));
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return route(transport -> transport.query(query));
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        return route(transport -> transport.keepAlive(session));
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        Transport transport;
        try {
            transport = leading();
        } catch (TransportException e) {
            sink.onBroken(e);
            return () -> {};
        }
        return transport.subscribe(session, afterNumber, sink);
    }

    private <T> CompletableFuture<T> route(Function<Transport, CompletableFuture<T>> request) {
        Transport transport;
        try {
            transport = leading();
        } catch (TransportException e) {
            return CompletableFuture.failedFuture(e);
        }
        return request.apply(transport);
    }

    private Transport leading() {
        if (closed) {
            throw closed();
        }
        if (local.term() != null) {
            return atThisPeer;
        }
        LeaderHint hint = leader.get();
        if (hint == null) {
            throw NotLeading.because("this peer knows of no leader");
        }
        if (hint.peerId().equals(selfId)) {
            throw NotLeading.because("this peer is about to lead");
        }
        Transport peer = peers.computeIfAbsent(
                hint, named -> RemotePeers.peer(named.address(), options.apply(named.peerId()), timers));
        if (closed) {
            // close() may have run too early to see this peer.
            peer.close();
            throw closed();
        }
        return peer;
    }

    private static TransportException closed() {
        return new TransportException(TransportException.Kind.CLOSED, "the node is closed");
    }

    @Override
    public void close() {
        closed = true;
        peers.values().forEach(Transport::close);
    }
}
