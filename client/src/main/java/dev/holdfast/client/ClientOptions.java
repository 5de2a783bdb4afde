package dev.holdfast.client;

import com.codahale.metrics.MetricRegistry;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.hooks.HookErrorHandler;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.protocol.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client's settings. Immutable; each setter returns a copy. */
@CheckReturnValue
public final class ClientOptions {
    /** The shortest session lease. */
    public static final Duration SESSION_LEASE_MIN = Duration.ofMillis(Limits.SESSION_LEASE_MS_MIN);

    /** The longest session lease. */
    public static final Duration SESSION_LEASE_MAX = Duration.ofMillis(Limits.SESSION_LEASE_MS_MAX);

    private static final Logger LOG = LoggerFactory.getLogger(ClientOptions.class);
    private static final Duration LONGEST_REQUEST_TIMEOUT = Duration.ofHours(1);
    private static final Duration LONGEST_RETRY_PAUSE = Duration.ofMinutes(1);

    private final Duration sessionLease;
    private final Duration requestTimeout;
    private final Duration retryPauseMin;
    private final Duration retryPauseMax;
    private final String name;
    private final String host;
    private final String clusterName;
    private final String clusterId;
    private final @Nullable Tls tls;
    private final @Nullable Supplier<String> token;
    private final boolean insecure;
    private final @Nullable MetricRegistry metricRegistry;
    private final @Nullable Executor callbackExecutor;
    private final HookErrorHandler hookErrorHandler;
    private final @Nullable Timers timers;
    private final boolean closeOnShutdown;
    private final Clock wallClock;

    private ClientOptions(Draft draft) {
        sessionLease = draft.sessionLease;
        requestTimeout = draft.requestTimeout;
        retryPauseMin = draft.retryPauseMin;
        retryPauseMax = draft.retryPauseMax;
        name = draft.name;
        host = draft.host;
        clusterName = draft.clusterName;
        clusterId = draft.clusterId;
        tls = draft.tls;
        token = draft.token;
        insecure = draft.insecure;
        metricRegistry = draft.metricRegistry;
        callbackExecutor = draft.callbackExecutor;
        hookErrorHandler = draft.hookErrorHandler;
        timers = draft.timers;
        closeOnShutdown = draft.closeOnShutdown;
        wallClock = draft.wallClock;
    }

    public static ClientOptions defaults() {
        return new ClientOptions(new Draft());
    }

    /** How long the client's session outlives its last renewal; 8 s by default. */
    public Duration sessionLease() {
        return sessionLease;
    }

    /**
     * A longer lease makes others wait longer for the locks of a client that crashed; a shorter one makes a client that cannot
     * reach the cluster lose its locks sooner.
     *
     * @param lease {@link #SESSION_LEASE_MIN} to {@link #SESSION_LEASE_MAX}
     * @throws LockRequestRejectedException if it is out of range
     */
    public ClientOptions sessionLease(Duration lease) {
        long ms = Names.checkMillis("a session lease", lease, Limits.SESSION_LEASE_MS_MAX);
        if (ms < Limits.SESSION_LEASE_MS_MIN) {
            throw Names.invalid(
                    "a session lease must be at least " + Limits.SESSION_LEASE_MS_MIN + " ms, but is " + lease);
        }
        Draft draft = draft();
        draft.sessionLease = Duration.ofMillis(ms);
        return new ClientOptions(draft);
    }

    /**
     * How long one operation is tried before it fails; 10 s by default. A {@linkplain HoldfastLock#withRequestTimeout lock},
     * a semaphore or a {@linkplain LockHandle#withRequestTimeout handle} may have another. An acquire may have a
     * {@linkplain AcquireOptions#timeout timeout} of its own, and one that waits for a bounded time ends with that.
     */
    public Duration requestTimeout() {
        return requestTimeout;
    }

    /** @throws LockRequestRejectedException if it is not positive, or more than an hour */
    public ClientOptions requestTimeout(Duration timeout) {
        Names.checkMillis("a request timeout", timeout, LONGEST_REQUEST_TIMEOUT.toMillis());
        Draft draft = draft();
        draft.requestTimeout = timeout;
        return new ClientOptions(draft);
    }

    /** The pause before an attempt is repeated for the first time; 20 ms by default. It grows with each failure, at random. */
    public Duration retryPauseMin() {
        return retryPauseMin;
    }

    /** The longest pause before an attempt is repeated; 500 ms by default. */
    public Duration retryPauseMax() {
        return retryPauseMax;
    }

    /** @throws LockRequestRejectedException unless {@code 0 < min <= max <= 1 min} */
    public ClientOptions retryPause(Duration min, Duration max) {
        Names.checkMillis("a retry pause", min, LONGEST_RETRY_PAUSE.toMillis());
        Names.checkMillis("a retry pause", max, LONGEST_RETRY_PAUSE.toMillis());
        if (min.compareTo(max) > 0) {
            throw Names.invalid("the shortest retry pause, " + min + ", is longer than the longest, " + max);
        }
        Draft draft = draft();
        draft.retryPauseMin = min;
        draft.retryPauseMax = max;
        return new ClientOptions(draft);
    }

    /** What the client calls itself, for people who look at locks. */
    public String name() {
        return name;
    }

    /** @throws LockRequestRejectedException if it is empty, too long, or has control characters */
    public ClientOptions name(String name) {
        Draft draft = draft();
        draft.name = Names.checkName("a client's name", name);
        return new ClientOptions(draft);
    }

    /** Where the client runs, for people who look at locks; the machine's host name by default. */
    public String host() {
        return host;
    }

    /** @throws LockRequestRejectedException if it is empty, too long, or has control characters */
    public ClientOptions host(String host) {
        Draft draft = draft();
        draft.host = Names.checkName("a host", host);
        return new ClientOptions(draft);
    }

    /** What the cluster is called that this client talks to; empty, the default, for any. */
    public String clusterName() {
        return clusterName;
    }

    /**
     * The name that the configuration of the cluster's members gives to it. A peer of a cluster with another name is passed over as
     * if it were down. Only for {@link Holdfast#connect}; a transport that is given knows its cluster.
     *
     * @throws LockRequestRejectedException if it is empty, too long, or has control characters
     */
    public ClientOptions clusterName(String name) {
        Draft draft = draft();
        draft.clusterName = Names.checkName("a cluster's name", name);
        return new ClientOptions(draft);
    }

    /** The id of the cluster that this client talks to; empty, the default, for any. */
    public String clusterId() {
        return clusterId;
    }

    /**
     * The id that {@code holdfast status} shows. Unlike a name it is unique. A peer of another cluster is passed over as if it were
     * down. Only for {@link Holdfast#connect}; a transport that is given knows its cluster.
     *
     * @throws LockRequestRejectedException if it is empty, too long, or has control characters
     */
    public ClientOptions clusterId(String id) {
        Draft draft = draft();
        draft.clusterId = Names.checkName("a cluster's id", id);
        return new ClientOptions(draft);
    }

    /** How connections are secured; {@code null}, the default, for not at all. */
    public @Nullable Tls tls() {
        return tls;
    }

    /**
     * Talks to peers over TLS, and verifies that they are those of the hosts in the list. A peer that speaks none is passed over as if it
     * were down. Only for {@link Holdfast#connect}; a transport that is given has its own.
     */
    public ClientOptions tls(Tls tls) {
        Draft draft = draft();
        draft.tls = tls;
        return new ClientOptions(draft);
    }

    /** Where the client gets the token by which peers know who it is; {@code null}, the default, if it has none. */
    public @Nullable Supplier<String> token() {
        return token;
    }

    /**
     * A token by which peers know who this client is: one from their file of tokens, or a JWT. Only for {@link Holdfast#connect}.
     * Without TLS it is sent to loopback only, unless the client is {@link #insecure}; elsewhere, every operation fails.
     *
     * @param token asked anew for each connection, so that a token can be replaced before it expires. Called on threads of the
     *     network, so it must return soon. If it throws, the connection fails and is tried again
     */
    public ClientOptions token(Supplier<String> token) {
        Draft draft = draft();
        draft.token = token;
        return new ClientOptions(draft);
    }

    /**
     * {@link #token(Supplier)} from a file that has nothing else in it. It is read anew for each connection.
     */
    public ClientOptions tokenFile(Path file) {
        return token(() -> {
            try {
                return Files.readString(file).strip();
            } catch (IOException e) {
                throw new UncheckedIOException(e.toString(), e);
            }
        });
    }

    /** Whether a token may travel without TLS to other machines; it must not by default. */
    public boolean isInsecure() {
        return insecure;
    }

    /**
     * Permits that a {@linkplain #token token} travels without TLS to other machines. Whoever can listen on the way can then pose as
     * this client.
     */
    public ClientOptions insecure() {
        Draft draft = draft();
        draft.insecure = true;
        return new ClientOptions(draft);
    }

    /** Where the client registers its {@link ClientMetrics}; {@code null} for a registry of its own. */
    public @Nullable MetricRegistry metricRegistry() {
        return metricRegistry;
    }

    public ClientOptions metricRegistry(MetricRegistry registry) {
        Draft draft = draft();
        draft.metricRegistry = registry;
        return new ClientOptions(draft);
    }

    /** Runs listeners, after-hooks and the dependents of stages; {@code null} for the client's own daemon threads. */
    public @Nullable Executor callbackExecutor() {
        return callbackExecutor;
    }

    /**
     * Runs listeners, after-hooks of asynchronous operations, and the dependents of stages. They may block on the client for as
     * long as they like: its sessions, timers and other callers go on.
     *
     * <p><b>Without an executor</b> the client runs them on daemon threads of its own, which end when idle: up to 64 at once,
     * and in addition up to 16 each for {@link SessionListener}s, for {@link LockHandle#onLost}, and for
     * {@link LockHandle#lossSignal}, so that losses are told however many others block; and up to 256 for the
     * {@linkplain dev.holdfast.client.election.ElectionListener listeners of elections}, one for each candidate whose listener
     * is being called. What comes beyond that waits. So a
     * callback may call methods that block, but should not wait for another stage of this client: if all 64 did, none could
     * complete.
     *
     * <p><b>An executor of yours</b> is called from such threads, one task after the other for each of these kinds, and never
     * from within the client. It may run a task on the thread that calls it, or block; then those threads and their bounds
     * are what there is. What it refuses, saturated or shut down, or whatever else it throws, runs on them too. It must not drop
     * tasks: their stages would never complete. If its threads are all busy, losses wait as everything else does. The client
     * does not shut it down. The listeners of elections never run on it, since they may run for as long as a candidate leads.
     */
    public ClientOptions callbackExecutor(Executor executor) {
        Draft draft = draft();
        draft.callbackExecutor = executor;
        return new ClientOptions(draft);
    }

    /** Receives what after-hooks throw; logs a warning by default. */
    public HookErrorHandler hookErrorHandler() {
        return hookErrorHandler;
    }

    public ClientOptions hookErrorHandler(HookErrorHandler handler) {
        Draft draft = draft();
        draft.hookErrorHandler = handler;
        return new ClientOptions(draft);
    }

    /** Whether the client closes itself when the JVM shuts down; it does not by default. */
    public boolean closeOnShutdown() {
        return closeOnShutdown;
    }

    /**
     * Closes the client when the JVM shuts down in order, after a SIGTERM or {@link System#exit}, so that nobody has to wait for
     * its locks until its session's lease ends. Other shutdown hooks run at the same time: whoever needs the locks in one of
     * those closes the client there instead, afterwards. So does whoever leads an {@linkplain dev.holdfast.client.election.Election
     * election} and has something to stop: a client that is closed gives the lead away at once, and not when the listener has
     * returned.
     */
    public ClientOptions closeOnShutdown(boolean close) {
        Draft draft = draft();
        draft.closeOnShutdown = close;
        return new ClientOptions(draft);
    }

    /** The client's source of time; {@code null} for the system's. */
    public @Nullable Timers timers() {
        return timers;
    }

    /** For tests that drive time by hand, with {@link dev.holdfast.client.time.ManualTimers}. */
    public ClientOptions timers(Timers timers) {
        Draft draft = draft();
        draft.timers = timers;
        return new ClientOptions(draft);
    }

    /** The clock for times that people read; nothing depends on it. */
    public Clock wallClock() {
        return wallClock;
    }

    public ClientOptions wallClock(Clock clock) {
        Draft draft = draft();
        draft.wallClock = clock;
        return new ClientOptions(draft);
    }

    private Draft draft() {
        Draft draft = new Draft();
        draft.sessionLease = sessionLease;
        draft.requestTimeout = requestTimeout;
        draft.retryPauseMin = retryPauseMin;
        draft.retryPauseMax = retryPauseMax;
        draft.name = name;
        draft.host = host;
        draft.clusterName = clusterName;
        draft.clusterId = clusterId;
        draft.tls = tls;
        draft.token = token;
        draft.insecure = insecure;
        draft.metricRegistry = metricRegistry;
        draft.callbackExecutor = callbackExecutor;
        draft.hookErrorHandler = hookErrorHandler;
        draft.closeOnShutdown = closeOnShutdown;
        draft.timers = timers;
        draft.wallClock = wallClock;
        return draft;
    }

    private static final class Draft {
        Duration sessionLease = Duration.ofSeconds(8);
        Duration requestTimeout = Duration.ofSeconds(10);
        Duration retryPauseMin = Duration.ofMillis(20);
        Duration retryPauseMax = Duration.ofMillis(500);
        String name = "holdfast-client";
        String host = LocalHost.NAME;
        String clusterName = "";
        String clusterId = "";
        boolean insecure;

        @Nullable
        Supplier<String> token;

        @Nullable
        Tls tls;

        @Nullable
        MetricRegistry metricRegistry;

        @Nullable
        Executor callbackExecutor;

        HookErrorHandler hookErrorHandler = (context, error) -> LOG.warn(
                "A hook failed after {} of '{}'.",
                context.operation(),
                context.lockable().key(),
                error);

        @Nullable
        Timers timers;

        boolean closeOnShutdown;
        Clock wallClock = Clock.systemUTC();
    }

    /** Looked up once, since a name service may be slow. */
    private static final class LocalHost {
        static final String NAME = lookUp();

        private static String lookUp() {
            try {
                return Names.checkName("a host", InetAddress.getLocalHost().getHostName());
            } catch (UnknownHostException | LockRequestRejectedException e) {
                return "unknown-host";
            }
        }
    }
}
