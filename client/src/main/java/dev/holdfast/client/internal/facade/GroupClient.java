package dev.holdfast.client.internal.facade;

import dev.holdfast.client.ClientMetrics;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.internal.hold.HoldOperations;
import dev.holdfast.client.internal.hold.HoldRegistry;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.session.QueryRunner;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.Transport;
import java.util.concurrent.CompletableFuture;

/** A client's part in one group of the cluster: its session, the holds that the session keeps, and the way there. */
final class GroupClient {
    private final ClientContext context;
    private final SessionManager sessions;
    private final HoldRegistry registry;
    private final QueryRunner queries;
    private final HoldOperations holds;

    GroupClient(
            Transport transport,
            ClientOptions options,
            ClientMetrics metrics,
            Timers timers,
            ClientThreads threads,
            SessionListeners listeners) {
        context = ClientContext.create(transport, options, metrics, timers, threads.helper(), threads.callbacks());
        sessions = new SessionManager(context, listeners.of(this::registry));
        registry = new HoldRegistry(context, sessions);
        queries = new QueryRunner(context);
        holds = new HoldOperations(context, sessions, registry, queries);
    }

    private HoldRegistry registry() {
        return registry;
    }

    HoldOperations holds() {
        return holds;
    }

    QueryRunner queries() {
        return queries;
    }

    long nowNanos() {
        return context.nowNanos();
    }

    /** Closes it; completes when the cluster has closed the session, or the time is up. Never fails. */
    CompletableFuture<Void> close(long timeoutNanos) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        context.serial().execute(() -> {
            queries.close();
            CompletableFuture<Boolean> closing = sessions.close(context.nowNanos() + timeoutNanos);
            Futures.onDone(closing, (answered, failure) -> closed.complete(null));
            registry.close();
        });
        return closed;
    }
}
