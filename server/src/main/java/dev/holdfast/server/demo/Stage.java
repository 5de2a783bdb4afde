package dev.holdfast.server.demo;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** What a scene works with: the cluster, clients that reach it over TCP, and the output. */
final class Stage implements AutoCloseable {
    private static final long PATIENCE_MS = 10_000;
    private static final LockOwnerType WORKER = Holdfast.createLockOwner("worker");

    private final DemoCluster cluster;
    private final Narrator out;
    private final List<HoldfastClient> clients = new ArrayList<>();

    Stage(DemoCluster cluster, Narrator out) {
        this.cluster = cluster;
        this.out = out;
    }

    DemoCluster cluster() {
        return cluster;
    }

    /** A client with a connection and a session of its own, as another process would have. */
    HoldfastClient client(String name) {
        HoldfastClient client = Holdfast.client(
                RemotePeers.leader(cluster.clientAddresses(), RemoteOptions.named(name)),
                ClientOptions.defaults().name(name));
        clients.add(client);
        return client;
    }

    static LockOwner worker(String id) {
        return WORKER.of(id);
    }

    void line(String what, String result) {
        out.line(what, result);
    }

    static void check(boolean asItShouldBe, String otherwise) {
        if (!asItShouldBe) {
            throw new SceneFailedException(otherwise);
        }
    }

    /** Waits for a stage to complete. */
    static <T> T await(CompletionStage<T> underWay, String what) throws InterruptedException {
        try {
            return underWay.toCompletableFuture().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new SceneFailedException(what + " took more than " + PATIENCE_MS + " ms", e);
        } catch (ExecutionException e) {
            throw new SceneFailedException(what + " failed: " + e.getCause(), e);
        }
    }

    /** Waits until the condition holds. */
    static void until(BooleanSupplier condition, String what) throws InterruptedException {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS)) {
                throw new SceneFailedException("this did not happen within " + PATIENCE_MS + " ms: " + what);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        clients.forEach(HoldfastClient::close);
    }
}
