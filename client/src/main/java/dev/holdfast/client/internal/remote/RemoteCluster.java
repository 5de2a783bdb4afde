package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A cluster, seen through a list of peers: to each of its groups a {@link LeaderTransport}, with connections of its own.
 * All keep to one cluster, which settles how many groups there are: the number is part of what makes a cluster's id.
 */
public final class RemoteCluster implements ClusterTransport {
    private final List<HostPort> peers;
    private final RemoteOptions options;
    private final ScheduledExecutorService timers;
    private final Greeter greeter;
    private final Map<Integer, LeaderTransport> transports = new ConcurrentHashMap<>();
    private volatile int groups;
    private volatile boolean closed;

    /** @param peers at least one; the first is asked first */
    public RemoteCluster(List<HostPort> peers, RemoteOptions options) {
        this.peers = List.copyOf(peers);
        this.options = options;
        this.timers = TimerThread.newDaemon("holdfast-timers-" + options.clientName());
        this.greeter = new Greeter(this.peers, options, timers);
    }

    @Override
    public int groups() {
        return groups;
    }

    @Override
    public CompletableFuture<Integer> findGroups() {
        int known = groups;
        return known > 0
                ? CompletableFuture.completedFuture(known)
                : transport(0).groups().thenApply(found -> {
                    groups = found;
                    return found;
                });
    }

    @Override
    public Transport group(int number) {
        return transport(number);
    }

    private LeaderTransport transport(int number) {
        LeaderTransport transport = transports.computeIfAbsent(
                number, group -> new LeaderTransport(peers, options.withGroup(group), timers, greeter));
        if (closed) {
            transport.close();
        }
        return transport;
    }

    @Override
    public void close() {
        closed = true;
        transports.values().forEach(LeaderTransport::close);
        greeter.close();
        timers.shutdown();
    }
}
