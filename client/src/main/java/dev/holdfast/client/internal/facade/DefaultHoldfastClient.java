package dev.holdfast.client.internal.facade;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.ClientMetrics;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.SessionListener;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.access.AuditEntry;
import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.internal.election.Clockwork;
import dev.holdfast.client.internal.election.DefaultElection;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.serial.SerialExecutor;
import dev.holdfast.client.time.SystemTimers;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.ClusterTransport;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Assembles a client and takes it apart again. */
public final class DefaultHoldfastClient implements HoldfastClient {
    /** How long closing asks the cluster to close the sessions. */
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ClusterTransport cluster;
    private final ClientOptions options;
    private final ClientMetrics metrics;
    private final boolean threadless;
    private final Timers timers;
    private final ClientThreads threads;
    private final SessionListeners listeners;
    private final GroupClients groups;
    private final Inspection inspection;
    private final Administration administration;
    private final ClientOwners owners;
    private final @Nullable SystemTimers ownTimers;
    private final @Nullable ShutdownHook shutdownHook;
    private final ThreadHolds threadHolds = new ThreadHolds();
    private final AtomicBoolean closed = new AtomicBoolean();

    public DefaultHoldfastClient(ClusterTransport cluster, ClientOptions options) {
        this.cluster = cluster;
        this.options = options;
        MetricRegistry metricRegistry = options.metricRegistry();
        metrics = new ClientMetrics(metricRegistry == null ? new MetricRegistry() : metricRegistry);
        Timers givenTimers = options.timers();
        SystemTimers systemTimers = givenTimers == null ? new SystemTimers() : null;
        ownTimers = systemTimers;
        timers = firstOf(givenTimers, systemTimers);
        threadless = timers.threads() != null;
        threads = new ClientThreads(options, timers);
        listeners = new SessionListeners(threads.callbacks().sessions());
        groups = new GroupClients(
                cluster, transport -> new GroupClient(transport, options, metrics, timers, threads, listeners));
        inspection = new Inspection(groups, options.wallClock());
        administration = new Administration(groups);
        owners = new ClientOwners(options.host());
        shutdownHook = options.closeOnShutdown() ? ShutdownHook.closing(this, options.name()) : null;
    }

    private static <T> T firstOf(@Nullable T given, @Nullable T own) {
        return given != null ? given : Objects.requireNonNull(own);
    }

    @Override
    public HoldfastLock createLock() {
        return createLock(LockOptions.defaults());
    }

    @Override
    public HoldfastLock createLock(LockOptions lockOptions) {
        return new DefaultLock(operations(lockOptions), inspection, owners, lockOptions.isReentrant(), threadHolds);
    }

    @Override
    public HoldfastSemaphore createSemaphore(int max) {
        return createSemaphore(max, LockOptions.defaults());
    }

    @Override
    public HoldfastSemaphore createSemaphore(int max, LockOptions options) {
        return new DefaultSemaphore(
                operations(options), inspection, owners, RequestNumbers.permits("the size of a semaphore", max));
    }

    @Override
    public Election createElection(Lockable lockable) {
        return createElection(lockable, ElectionOptions.defaults(), term -> {});
    }

    @Override
    public Election createElection(Lockable lockable, ElectionListener listener) {
        return createElection(lockable, ElectionOptions.defaults(), listener);
    }

    @Override
    public Election createElection(Lockable lockable, ElectionOptions electionOptions, ElectionListener listener) {
        Clockwork clockwork = new Clockwork(options, timers, new SerialExecutor(threads.helper()), threads.callbacks());
        LockBallot ballot = new LockBallot(lockable, operations(LockOptions.defaults()), inspection, closed::get);
        return new DefaultElection(ballot, clockwork, electionOptions, listener);
    }

    private Operations operations(LockOptions lockOptions) {
        return new Operations(
                groups,
                threads.callbacks().usual(),
                new HookRunner(lockOptions.hooks(), options.hookErrorHandler()),
                options.requestTimeout());
    }

    @Override
    public LockOwner processOwner() {
        return owners.process();
    }

    @Override
    public Set<String> sessionIds() {
        return listeners.openSessions();
    }

    @Override
    public Registration onSession(SessionListener listener) {
        return listeners.add(listener);
    }

    @Override
    public Stream<LockableInfo> list(String keyPrefix) {
        return list(keyPrefix, options.requestTimeout());
    }

    @Override
    public Stream<ClientSessionInfo> sessions() {
        return sessions(options.requestTimeout());
    }

    @Override
    public ClientMetrics metrics() {
        return metrics;
    }

    @Override
    public boolean awaitConnected(Duration timeout) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return inspection.reach(timeout);
    }

    @Override
    public Stream<LockableInfo> list(String keyPrefix, Duration requestTimeout) {
        return inspection.lockables(
                keyPrefix, RequestNumbers.requestTimeout(requestTimeout).toNanos());
    }

    @Override
    public Stream<ClientSessionInfo> sessions(Duration requestTimeout) {
        return inspection.sessions(RequestNumbers.requestTimeout(requestTimeout).toNanos());
    }

    @Override
    public boolean closeSession(String id) {
        return closeSession(id, options.requestTimeout());
    }

    @Override
    public boolean closeSession(String id, Duration requestTimeout) {
        return inspection.endSession(
                id, RequestNumbers.requestTimeout(requestTimeout).toNanos());
    }

    @Override
    public List<AccessRule> rules() {
        return rules(options.requestTimeout());
    }

    @Override
    public List<AccessRule> rules(Duration requestTimeout) {
        return administration.rules(
                RequestNumbers.requestTimeout(requestTimeout).toNanos());
    }

    @Override
    public boolean putRule(AccessRule rule) {
        return putRule(rule, options.requestTimeout());
    }

    @Override
    public boolean putRule(AccessRule rule, Duration requestTimeout) {
        return administration.put(
                rule, RequestNumbers.requestTimeout(requestTimeout).toNanos());
    }

    @Override
    public boolean removeRule(AccessRule rule) {
        return removeRule(rule, options.requestTimeout());
    }

    @Override
    public boolean removeRule(AccessRule rule, Duration requestTimeout) {
        return administration.remove(
                rule, RequestNumbers.requestTimeout(requestTimeout).toNanos());
    }

    @Override
    public Stream<AuditEntry> audit() {
        return audit(options.requestTimeout());
    }

    @Override
    public Stream<AuditEntry> audit(Duration requestTimeout) {
        return administration.audit(
                RequestNumbers.requestTimeout(requestTimeout).toNanos());
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (shutdownHook != null) {
            shutdownHook.withdraw();
        }
        CompletableFuture<Void> sessionsClosed = groups.close(CLOSE_NANOS);
        if (threadless) {
            // Whoever closes it may be the only thread that there is.
            Futures.onDone(sessionsClosed, (done, failure) -> disassemble());
        } else {
            awaitBriefly(sessionsClosed);
            disassemble();
        }
    }

    private void disassemble() {
        cluster.close();
        if (ownTimers != null) {
            ownTimers.close();
        }
        threads.close();
    }

    // Bounded by real time too: nobody may be advancing manual timers now.
    private static void awaitBriefly(CompletableFuture<Void> sessionsClosed) {
        long deadline = System.nanoTime() + CLOSE_NANOS;
        boolean interrupted = false;
        while (true) {
            try {
                sessionsClosed.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                break;
            } catch (TimeoutException unanswered) {
                // The sessions lapse by themselves.
                break;
            } catch (InterruptedException e) {
                // Whoever is told to hurry wants others to have the locks all the more.
                interrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException("closing never fails", e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
