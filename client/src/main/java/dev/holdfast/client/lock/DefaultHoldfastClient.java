package dev.holdfast.client.lock;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.ClientMetrics;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.ClientSessionInfo;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockableInfo;
import dev.holdfast.client.SessionListener;
import dev.holdfast.client.engine.ClientContext;
import dev.holdfast.client.engine.Futures;
import dev.holdfast.client.hold.HoldOperations;
import dev.holdfast.client.hold.HoldRegistry;
import dev.holdfast.client.pipeline.OutcomeHandler;
import dev.holdfast.client.session.QueryRunner;
import dev.holdfast.client.session.SessionManager;
import dev.holdfast.client.time.SystemTimers;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.Transport;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts one client together, and takes it apart. */
public final class DefaultHoldfastClient implements HoldfastClient {
    /** How long closing asks the cluster to close the session. */
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ClientContext context;
    private final ClientMetrics metrics;
    private final SessionListeners listeners;
    private final SessionManager sessions;
    private final HoldRegistry registry;
    private final QueryRunner queries;
    private final HoldOperations holds;
    private final Inspection inspection;
    private final LockOwner processOwner;
    private final @Nullable SystemTimers ownTimers;
    private final @Nullable ExecutorService ownCallbacks;
    private final AtomicBoolean closed = new AtomicBoolean();

    public DefaultHoldfastClient(Transport transport, ClientOptions options) {
        MetricRegistry metricRegistry = options.metricRegistry();
        metrics = new ClientMetrics(metricRegistry == null ? new MetricRegistry() : metricRegistry);
        Timers givenTimers = options.timers();
        SystemTimers systemTimers = givenTimers == null ? new SystemTimers() : null;
        Executor givenCallbacks = options.callbackExecutor();
        ExecutorService callbackThreads = givenCallbacks == null ? CallbackThreads.create() : null;
        ownTimers = systemTimers;
        ownCallbacks = callbackThreads;
        context = ClientContext.create(
                transport,
                options,
                metrics,
                firstOf(givenTimers, systemTimers),
                firstOf(givenCallbacks, callbackThreads));
        listeners = new SessionListeners(this::registry, context.callbacks());
        sessions = new SessionManager(context, listeners);
        registry = new HoldRegistry(
                context, sessions.logClock(), release -> sessions.submitInBackground(release, OutcomeHandler.IGNORING));
        queries = new QueryRunner(context);
        holds = new HoldOperations(context, sessions, registry, queries);
        inspection = new Inspection(queries, options.wallClock());
        processOwner = ProcessOwner.create(options.host());
    }

    private static <T> T firstOf(@Nullable T given, @Nullable T own) {
        return given != null ? given : Objects.requireNonNull(own);
    }

    private HoldRegistry registry() {
        return registry;
    }

    @Override
    public HoldfastLock createLock() {
        return createLock(LockOptions.defaults());
    }

    @Override
    public HoldfastLock createLock(LockOptions options) {
        return new DefaultLock(operations(options), inspection, options.isReentrant());
    }

    @Override
    public HoldfastSemaphore createSemaphore(int max) {
        return createSemaphore(max, LockOptions.defaults());
    }

    @Override
    public HoldfastSemaphore createSemaphore(int max, LockOptions options) {
        return new DefaultSemaphore(operations(options), inspection, Requests.permits("the size of a semaphore", max));
    }

    private Operations operations(LockOptions options) {
        return new Operations(
                context,
                holds,
                new HookRunner(options.hooks(), context.options().hookErrorHandler()));
    }

    @Override
    public LockOwner processOwner() {
        return processOwner;
    }

    @Override
    public Registration onSession(SessionListener listener) {
        return listeners.add(listener);
    }

    @Override
    public Stream<LockableInfo> list(String keyPrefix) {
        return inspection.lockables(keyPrefix);
    }

    @Override
    public Stream<ClientSessionInfo> sessions() {
        return inspection.sessions();
    }

    @Override
    public ClientMetrics metrics() {
        return metrics;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<Boolean> sessionClosed = new CompletableFuture<>();
        context.serial().execute(() -> {
            queries.close();
            CompletableFuture<Boolean> closing = sessions.close(context.nowNanos() + CLOSE_NANOS);
            Futures.onDone(closing, (answered, failure) -> sessionClosed.complete(Boolean.TRUE.equals(answered)));
            registry.close();
        });
        awaitBriefly(sessionClosed);
        context.transport().close();
        if (ownTimers != null) {
            ownTimers.close();
        }
        if (ownCallbacks != null) {
            ownCallbacks.shutdown();
        }
    }

    // Bounded by real time too: with timers that are driven by hand nobody may be driving them now.
    private static void awaitBriefly(CompletableFuture<Boolean> sessionClosed) {
        try {
            sessionClosed.get(CLOSE_NANOS, TimeUnit.NANOSECONDS);
        } catch (TimeoutException unanswered) {
            // The session lapses by itself.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("closing never fails", e);
        }
    }
}
