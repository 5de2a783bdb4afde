package dev.holdfast.client.remote;

import dev.holdfast.client.internal.remote.LeaderTransport;
import dev.holdfast.client.internal.remote.RemoteCluster;
import dev.holdfast.client.internal.remote.RemotePeer;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** Transports that reach peers over gRPC. Creating one does not connect; the first request does. Any thread may call any method. */
public final class RemotePeers {

    /**
     * A cluster, reached through any of its peers: each of its groups has a transport that follows the leader. All of them keep
     * to one cluster: the one that the options name, or else that of the peers that answer. If these are of several clusters,
     * whichever answers first, every request is {@code REFUSED} until they agree. It has a timer thread of its own, which ends
     * with the transport.
     *
     * <p>The first request has all peers greeted at once. It waits until more than half of them agree, or all that can be reached
     * do; for those of which nothing is heard, half of the connect timeout after the first has answered. These are greeted
     * later, in the background. Beside the list, it asks the members of which the leader told. If the options have the cluster's id, nobody is waited for.
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
     * @param timers where timeouts fire; the caller keeps ownership, and must shut it down after the transport
     */
    public static RemoteTransport leader(List<HostPort> peers, RemoteOptions options, ScheduledExecutorService timers) {
        return new LeaderTransport(peers, options, timers);
    }

    /**
     * One peer, whether it leads or not.
     *
     * @param timers where timeouts fire; the caller keeps ownership, and must shut it down after the transport
     */
    public static Transport peer(HostPort address, RemoteOptions options, ScheduledExecutorService timers) {
        return new RemotePeer(address, options, timers);
    }

    /**
     * One peer, whether it leads or not.
     *
     * @param timers where timeouts fire; the caller keeps ownership, and must shut it down after the transport
     * @param onLeaderHint told of each leader that the peer names, before the request that made it do so fails; must return
     *     quickly and throw nothing
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
