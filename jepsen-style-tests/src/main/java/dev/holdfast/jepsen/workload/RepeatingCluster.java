package dev.holdfast.jepsen.workload;

import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** A {@link RepeatingTransport} to each group of a cluster. */
final class RepeatingCluster implements ClusterTransport {
    private final ClusterTransport cluster;
    private final long seed;
    private final Map<Integer, Transport> transports = new ConcurrentHashMap<>();

    RepeatingCluster(ClusterTransport cluster, long seed) {
        this.cluster = cluster;
        this.seed = seed;
    }

    @Override
    public int groups() {
        return cluster.groups();
    }

    @Override
    public CompletableFuture<Integer> findGroups() {
        return cluster.findGroups();
    }

    @Override
    public Transport group(int number) {
        return transports.computeIfAbsent(
                number,
                group -> new RepeatingTransport(
                        cluster.group(group), Executors.newSingleThreadScheduledExecutor(), new Random(seed + group)));
    }

    @Override
    public void close() {
        transports.values().forEach(Transport::close);
        cluster.close();
    }
}
