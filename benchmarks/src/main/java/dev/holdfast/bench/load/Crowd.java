package dev.holdfast.bench.load;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.time.SystemTimers;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Many clients, each with a session of its own, that share threads and connections: otherwise so many would not fit
 * into one process.
 */
public final class Crowd implements AutoCloseable {
    private static final int HELPERS = 64;
    private static final long CLOSE_TIMEOUT_S = 60;
    private static final LockableDefinition FIRST = Holdfast.createLockable("first", LockableOptions.plural());

    private final SystemTimers timers = new SystemTimers();
    private final ExecutorService callbacks = Executors.newCachedThreadPool(Crowd::daemon);
    private final ExecutorService helpers = Executors.newFixedThreadPool(HELPERS, Crowd::daemon);
    private final ClientOptions options =
            Holds.PATIENT.timers(timers).callbackExecutor(callbacks).metricRegistry(new MetricRegistry());
    private final List<ClusterTransport> connected = new ArrayList<>();
    private final List<HoldfastClient> clients = new ArrayList<>();

    /** @param connections how many to each group of the cluster */
    public Crowd(String addresses, int connections) {
        for (int i = 0; i < connections; i++) {
            connected.add(RemotePeers.cluster(HostPort.parseList(addresses), RemoteOptions.named(options.name())));
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "crowd");
        thread.setDaemon(true);
        return thread;
    }

    /** Blocks until that many more have a session. */
    public void open(int count) throws InterruptedException {
        List<Future<?>> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            HoldfastClient client =
                    Holdfast.client(new Shared(connected.get(clients.size() % connected.size())), options);
            clients.add(client);
            opened.add(helpers.submit(() -> haveSession(client)));
        }
        for (Future<?> each : opened) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a session could not be opened: " + e.getCause(), e);
            }
        }
    }

    /** A session is opened by the first operation that needs one. */
    private static void haveSession(HoldfastClient client) {
        LockOwner me = LockOwner.unique("crowd");
        client.createLock().acquire(me, FIRST.of(me.id())).orThrow().release();
    }

    @Override
    public void close() {
        clients.forEach(client -> helpers.execute(client::close));
        helpers.shutdown();
        try {
            var unused = helpers.awaitTermination(CLOSE_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        helpers.shutdownNow();
        connected.forEach(ClusterTransport::close);
        timers.close();
        callbacks.shutdownNow();
    }

    /** One client's use of a connection that others go on using. */
    private record Shared(ClusterTransport cluster) implements ClusterTransport {
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
            return cluster.group(number);
        }

        @Override
        public void close() {}
    }
}
