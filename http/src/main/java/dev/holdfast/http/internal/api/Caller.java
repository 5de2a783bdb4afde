package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.node.Visit;
import dev.holdfast.protocol.KeyGroups;
import dev.holdfast.protocol.LockableKey;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Somebody with a request. */
final class Caller {
    final Visit visit;
    final ClusterTransport cluster;
    final Asking asking;

    private final Executor executor;
    private final InstantSource clock;
    private final String host;
    private final Parking parking;

    /**
     * The time of the request begins now.
     *
     * @param host where this is, for people to read
     */
    Caller(Visit visit, Executor executor, InstantSource clock, String host, Parking parking) {
        this.visit = visit;
        this.cluster = visit.cluster();
        this.asking = new Asking(executor);
        this.executor = executor;
        this.clock = clock;
        this.host = host;
        this.parking = parking;
    }

    Listings listings() {
        return new Listings(cluster, asking, clock);
    }

    String host() {
        return host;
    }

    Parking parking() {
        return parking;
    }

    /** Asks with time of its own: for what comes behind a wait. */
    Asking askingAnew() {
        return new Asking(executor);
    }

    /** Begins it on a thread that may be held up for a moment. */
    <T> CompletionStage<T> elsewhere(Supplier<CompletionStage<T>> work) {
        return CompletableFuture.supplyAsync(work, executor).thenCompose(begun -> begun);
    }

    ShortSession at(int group) {
        return new ShortSession(asking, cluster.group(group));
    }

    int groupOf(LockableKey lockable) {
        return KeyGroups.of(lockable.key(), cluster.groups());
    }

    Transport leaderOf(LockableKey lockable) {
        return cluster.group(groupOf(lockable));
    }

    /** The session that a parameter names. */
    HttpSession session(Parameters parameters) {
        return HttpSession.parse(parameters.required("session"), cluster.groups());
    }
}
