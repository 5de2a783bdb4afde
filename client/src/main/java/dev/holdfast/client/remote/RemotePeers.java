package dev.holdfast.client.remote;

import dev.holdfast.client.internal.remote.LeaderTransport;
import dev.holdfast.client.internal.remote.RemoteCluster;
import dev.holdfast.client.internal.remote.RemotePeer;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** Transports that reach peers over gRPC. Making one does not connect: the first request does. */
public final class RemotePeers {

    /**
     * A cluster, through any of its peers: to each of its groups a transport that follows the leader. All of them keep to
     * one cluster, that of the options or else that of the first peer that answers.
     *
     * @param peers at least one; the first is asked first
     */
    public static ClusterTransport cluster(List<HostPort> peers, RemoteOptions options) {
        return new RemoteCluster(peers, options);
    }

    /**
     * The group that the options name, following its leader, with a timer thread of its own that ends with the transport.
     *
     * @param peers at least one; the first is asked first
     */
    public static RemoteTransport leader(List<HostPort> peers, RemoteOptions options) {
        return new LeaderTransport(peers, options);
    }

    /**
     * The group that the options name, following its leader.
     *
     * @param peers at least one; the first is asked first
     * @param timers where timeouts fire; stays the caller's, and must outlive the transport
     */
    public static RemoteTransport leader(List<HostPort> peers, RemoteOptions options, ScheduledExecutorService timers) {
        return new LeaderTransport(peers, options, timers);
    }

    /**
     * One peer, whether it leads or not.
     *
     * @param timers where timeouts fire; stays the caller's, and must outlive the transport
     */
    public static Transport peer(HostPort address, RemoteOptions options, ScheduledExecutorService timers) {
        return new RemotePeer(address, options, timers);
    }

    /**
     * One peer, whether it leads or not.
     *
     * @param timers where timeouts fire; stays the caller's, and must outlive the transport
     * @param onLeaderHint told of each leader that the peer names, before the request fails for which it did; must return
     *     quickly
     */
    public static Transport peer(
            HostPort address,
            RemoteOptions options,
            ScheduledExecutorService timers,
            Consumer<LeaderHint> onLeaderHint) {
        return new RemotePeer(address, options, timers, onLeaderHint);
    }

    private RemotePeers() {}
}
