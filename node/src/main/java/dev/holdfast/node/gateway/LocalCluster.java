package dev.holdfast.node.gateway;

import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The gateways to all groups of the cluster, for callers in this process. */
public final class LocalCluster implements ClusterTransport {
    private final List<Transport> groups;

    /** @param groups in the order of their numbers */
    public LocalCluster(List<? extends Transport> groups) {
        this.groups = List.copyOf(groups);
    }

    /** The same for one of several clients: closing it does nothing. */
    public LocalCluster shared() {
        return new LocalCluster(groups.stream().map(SharedTransport::new).toList());
    }

    @Override
    public int groups() {
        return groups.size();
    }

    @Override
    public CompletableFuture<Integer> findGroups() {
        return CompletableFuture.completedFuture(groups.size());
    }

    @Override
    public Transport group(int number) {
        return groups.get(number);
    }

    @Override
    public void close() {
        groups.forEach(Transport::close);
    }
}
