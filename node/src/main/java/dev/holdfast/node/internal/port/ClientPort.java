package dev.holdfast.node.internal.port;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.BackupReply;
import dev.holdfast.client.v1.BackupRequest;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.StatusReply;
import dev.holdfast.client.v1.StatusRequest;
import dev.holdfast.client.wire.WireLimits;
import dev.holdfast.node.NodeHealth;
import dev.holdfast.node.internal.access.Authenticator;
import dev.holdfast.node.internal.access.Credentials;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.transport.Refusals;
import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves clients over gRPC, as {@code service.proto} tells, from a {@link Transport} that answers at this peer alone. It
 * adds no queue and no retry of its own: a request is handed on at once, or fails.
 *
 * <p>Everything that a client can make it keep has a bound ({@link PortLimits}). What a client does wrong ends its own
 * request or connection and nothing else.
 *
 * <p>The transport is called on the threads of the network and must not block; it stays the caller's.
 */
public final class ClientPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientPort.class);

    /** How often a silent connection is asked for a sign of life, and how long that may take. */
    private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

    private static final Duration PING_TIMEOUT = Duration.ofSeconds(5);

    /** Clients that ping more often than this are disconnected. */
    private static final Duration CLIENT_PING_INTERVAL_MIN = Duration.ofSeconds(1);

    /** A client ends a stream now and then. One that does nothing else costs more than it sends. */
    private static final int RESETS_MAX = 200;

    private static final int RESETS_WITHIN_S = 10;
    private static final int STREAMS_PER_CONNECTION_MAX = 16;
    private static final Duration FORCED_CLOSE = Duration.ofSeconds(1);

    /** How often those who watch are told how this peer is, if that has changed. */
    private static final Duration HEALTH_EVERY = Duration.ofSeconds(1);

    private final List<Served> groups;
    private final Supplier<StatusReply> status;
    private final MembersDoor members;
    private final BackupSource backups;
    private final PortLimits limits;
    private final Entrance entrance;
    private final InetSocketAddress address;
    private final Server server;
    private final Set<ClientConnection> connections = ConcurrentHashMap.newKeySet();
    private final ConnectionHost host = new ConnectionHost();
    private final ReentrantLock makingRoom = new ReentrantLock();
    private final ScheduledThreadPoolExecutor timers;
    private final HealthService health;
    private volatile boolean closing;

    private ClientPort(Builder settings) {
        this.groups = settings.groups();
        this.status = settings.status;
        this.members = settings.members;
        this.backups = settings.backups;
        this.limits = settings.limits;
        this.entrance = new Entrance(settings.authenticator, settings.refusals);
        this.address = settings.address();
        this.timers = newTimers();
        this.health = new HealthService(settings.health);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address, settings.credentials)
                .addService(service())
                .addService(health.definition())
                .addStreamTracerFactory(new StreamReset())
                .directExecutor()
                .maxInboundMessageSize(WireLimits.CLIENT_FRAME_BYTES_MAX)
                .maxConcurrentCallsPerConnection(STREAMS_PER_CONNECTION_MAX)
                .keepAliveTime(PING_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(PING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .addTransportFilter(
                        new ConnectionGate(new ConnectionQuota(limits.socketsMax(), limits.socketsPerAddressMax())))
                // A connection without a stream is not counted among the clients, so it may not stay.
                .maxConnectionIdle(limits.helloTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(CLIENT_PING_INTERVAL_MIN.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true);
        Consumer<@Nullable SocketAddress> onRefused = settings.withoutCertificate;
        if (onRefused != null) {
            builder.intercept(new CertificateGate(onRefused));
        }
        boundResets(builder);
        this.server = builder.build();
    }

    /** Begins to describe a port. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Listens. Called once.
     *
     * @throws IOException if the address is not known here, or taken
     */
    public void start() throws IOException {
        if (address.isUnresolved()) {
            throw new IOException(
                    "the host " + address.getHostString() + ", on which this peer is to listen, is unknown."
                            + " Name an address of this machine, such as 0.0.0.0, as that on which it listens: 'listen' in the"
                            + " configuration, listen() on the builder");
        }
        QuietLogs.quieten();
        server.start();
        each(limits.readTimeout(), ClientConnection::endIfItDoesNotRead);
        each(limits.identityTimeout(), entrance::identifyAgain);
        Future<?> unused = timers.scheduleWithFixedDelay(
                health::tell, HEALTH_EVERY.toNanos(), HEALTH_EVERY.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** A connection that fails must not end these looks at the others. */
    private void each(Duration period, Consumer<ClientConnection> look) {
        Runnable looks = () -> connections.forEach(connection -> {
            try {
                look.accept(connection);
            } catch (RuntimeException | LinkageError e) {
                LOG.warn("A connection could not be ended", e);
            }
        });
        Future<?> unused =
                timers.scheduleWithFixedDelay(looks, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The port that it listens on, once started. */
    int port() {
        return server.getPort();
    }

    /** How many clients are connected. */
    public int connections() {
        return connections.size();
    }

    /** Takes no new connections from now on; those that are there are served on, until {@link #close}. */
    public void stopAccepting() {
        server.shutdown();
    }

    /**
     * Lets requests under way finish for a while, ends all connections and stops listening. Does not close the transport.
     * Blocks for some seconds at most, and hardly at all if nothing is under way; not to be called on the threads of the
     * network.
     */
    @Override
    public void close() {
        closing = true;
        health.close();
        server.shutdown();
        connections.forEach(ClientConnection::close);
        if (!terminates(limits.closeGrace())) {
            connections.forEach(ClientConnection::abort);
            server.shutdownNow();
            terminates(FORCED_CLOSE);
        }
        timers.shutdown();
    }

    private boolean terminates(Duration within) {
        try {
            return server.awaitTermination(within.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** As far as gRPC can: an application may bring one before 1.61, which has no such bound. */
    private static void boundResets(NettyServerBuilder builder) {
        try {
            var unused = builder.maxRstFramesPerWindow(RESETS_MAX, RESETS_WITHIN_S);
        } catch (NoSuchMethodError e) {
            LOG.debug("gRPC is too old to cut off clients that only reset streams", e);
        }
    }

    private ServerServiceDefinition service() {
        MethodDescriptor<ClientFrame, ServerFrame> connect = HoldfastGrpc.getConnectMethod();
        MethodDescriptor<ClientFrame, ServerFrame> lenient = connect.toBuilder(
                        new LenientMarshaller(connect.getRequestMarshaller()), connect.getResponseMarshaller())
                .build();
        return ServerServiceDefinition.builder(HoldfastGrpc.SERVICE_NAME)
                .addMethod(lenient, (call, headers) -> {
                    Credentials credentials = Calls.credentials(call, headers);
                    return ServerCalls.<ClientFrame, ServerFrame>asyncBidiStreamingCall(
                                    observer -> connect(observer, credentials))
                            .startCall(call, headers);
                })
                .addMethod(HoldfastGrpc.getStatusMethod(), (call, headers) -> {
                    Credentials credentials = Calls.credentials(call, headers);
                    return ServerCalls.<StatusRequest, StatusReply>asyncUnaryCall((request, reply) -> identified(
                                    credentials, reply, caller -> CompletableFuture.completedFuture(status.get())))
                            .startCall(call, headers);
                })
                .addMethod(HoldfastGrpc.getMembersMethod(), answered((caller, origin, request) -> members.members()))
                .addMethod(HoldfastGrpc.getChangeMembersMethod(), answered(members::change))
                .addMethod(HoldfastGrpc.getIssueJoinTokenMethod(), answered(members::issueJoinToken))
                .addMethod(
                        HoldfastGrpc.getJoinTokensMethod(),
                        answered((caller, origin, request) -> members.joinTokens(caller, origin)))
                .addMethod(HoldfastGrpc.getWithdrawJoinTokenMethod(), answered(members::withdrawJoinToken))
                .addMethod(HoldfastGrpc.getBackupMethod(), (call, headers) -> {
                    Credentials credentials = Calls.credentials(call, headers);
                    return ServerCalls.<BackupRequest, BackupReply>asyncServerStreamingCall(
                                    (request, reply) -> backup(credentials, request, reply))
                            .startCall(call, headers);
                })
                .build();
    }

    /** What answers one request. */
    private interface Answering<Q, R> {
        /** @param origin the address that the request came from */
        CompletableFuture<R> answer(Principal caller, String origin, Q request);
    }

    private <Q, R> ServerCallHandler<Q, R> answered(Answering<Q, R> how) {
        return (call, headers) -> {
            Credentials credentials = Calls.credentials(call, headers);
            return ServerCalls.<Q, R>asyncUnaryCall((request, reply) -> identified(
                            credentials, reply, caller -> how.answer(caller, Mandate.origin(credentials), request)))
                    .startCall(call, headers);
        };
    }

    /** Answers whoever is let in. */
    private <R> void identified(
            Credentials credentials, StreamObserver<R> reply, Function<Principal, CompletableFuture<R>> answer) {
        entrance.identify(
                credentials,
                caller -> answer.apply(caller).whenComplete((given, failure) -> {
                    if (failure == null) {
                        reply.onNext(given);
                        reply.onCompleted();
                    } else {
                        reply.onError(Failures.status(failure).asRuntimeException());
                    }
                }),
                refusal -> reply.onError(
                        refusal.status().withDescription(refusal.why()).asRuntimeException()));
    }

    private void backup(Credentials credentials, BackupRequest request, StreamObserver<BackupReply> reply) {
        BackupStream stream = new BackupStream(
                (ServerCallStreamObserver<BackupReply>) reply, limits.readTimeout(), StreamReset.ofCurrentStream());
        entrance.identify(
                credentials,
                caller -> {
                    var unused = backups.permit(
                                    caller, Mandate.origin(credentials), request.getClusterId(), request.getGroup())
                            .whenComplete((permission, failure) -> {
                                if (failure == null) {
                                    stream.start(permission);
                                } else {
                                    stream.refuse(failure);
                                }
                            });
                },
                refusal -> reply.onError(
                        refusal.status().withDescription(refusal.why()).asRuntimeException()));
    }

    private StreamObserver<ClientFrame> connect(StreamObserver<ServerFrame> observer, Credentials credentials) {
        ServerCallStreamObserver<ServerFrame> stream = (ServerCallStreamObserver<ServerFrame>) observer;
        boolean tooMany = connections.size() >= limits.connectionsMax();
        ClientConnection connection =
                new ClientConnection(stream, groups, credentials, limits, host, StreamReset.ofCurrentStream());
        connections.add(connection);
        if (tooMany) {
            connection.end(Kind.BUSY, limits.connectionsMax() + " clients are connected", Status.RESOURCE_EXHAUSTED);
        } else if (closing) {
            connection.close();
        } else {
            awaitHello(connection);
            identify(connection, stream);
        }
        return connection;
    }

    /** Until it is known who the client is, nothing of what it sends is read. */
    private void identify(ClientConnection connection, ServerCallStreamObserver<ServerFrame> stream) {
        Runnable read = () -> stream.request(Integer.MAX_VALUE);
        stream.disableAutoRequest();
        entrance.identify(
                connection.credentials(),
                principal -> {
                    connection.introduce(principal);
                    read.run();
                },
                refusal -> {
                    Entrance.end(connection, refusal);
                    read.run();
                });
    }

    private void awaitHello(ClientConnection connection) {
        try {
            Future<?> unused = timers.schedule(
                    () -> endUnlessWelcomed(connection), limits.helloTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            connection.close();
        }
    }

    private void endUnlessWelcomed(ClientConnection connection) {
        if (!connection.isWelcomed()) {
            long timeoutMs = limits.helloTimeout().toMillis();
            connection.end(Kind.REFUSED, "no hello within " + timeoutMs + " ms", Status.DEADLINE_EXCEEDED);
        }
    }

    /** Ends the connections with the most unread bytes until the rest are within the bound. */
    private void makeRoom() {
        if (!makingRoom.tryLock()) {
            return;
        }
        try {
            long tooMuch = host.unreadBytes().get() - limits.unreadBytesOfAllMax();
            // Copied first: they change while they are sorted.
            Map<ClientConnection, Long> unread = new HashMap<>();
            connections.forEach(connection -> unread.put(connection, connection.unreadBytes()));
            List<Map.Entry<ClientConnection, Long>> most = new ArrayList<>(unread.entrySet());
            most.sort(Map.Entry.<ClientConnection, Long>comparingByValue().reversed());
            for (Map.Entry<ClientConnection, Long> next : most) {
                if (tooMuch <= 0) {
                    return;
                }
                tooMuch -= next.getValue();
                next.getKey().makeRoom();
            }
        } finally {
            makingRoom.unlock();
        }
    }

    private final class ConnectionHost implements ClientConnection.Host {
        private final AtomicLong unreadBytes = new AtomicLong();

        @Override
        public AtomicLong unreadBytes() {
            return unreadBytes;
        }

        @Override
        public void crowded() {
            makeRoom();
        }

        @Override
        public void runSoon(Runnable task) {
            try {
                timers.execute(task);
            } catch (RejectedExecutionException e) {
                task.run();
            }
        }

        @Override
        public void ended(ClientConnection connection) {
            try {
                Future<?> unused =
                        timers.schedule(connection::reset, limits.endTimeout().toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                connection.reset();
            }
        }

        @Override
        public void gone(ClientConnection connection) {
            connections.remove(connection);
        }
    }

    private static ScheduledThreadPoolExecutor newTimers() {
        ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "holdfast-client-port");
            thread.setDaemon(true);
            return thread;
        });
        timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return timers;
    }

    /** Describes a port. Host, port, cluster, peer, transport and leader have no default. */
    public static final class Builder {
        private @Nullable String host;
        private int port = -1;
        private @Nullable Supplier<String> clusterId;
        private String clusterName = "";
        private @Nullable String peerId;
        private final List<Door> doors = new ArrayList<>();
        private final List<Supplier<@Nullable LeaderHint>> leaders = new ArrayList<>();
        private Supplier<List<HostPort>> addresses = List::of;
        private Supplier<StatusReply> status = StatusReply::getDefaultInstance;
        private MembersDoor members = MembersDoor.NONE;
        private Supplier<NodeHealth> health = () -> new NodeHealth(true, List.of());
        private BackupSource backups = BackupSource.none();
        private ServerCredentials credentials = InsecureServerCredentials.create();
        private @Nullable Consumer<@Nullable SocketAddress> withoutCertificate;
        private PortLimits limits = PortLimits.defaults();
        private Authenticator authenticator = Authenticator.open();
        private Refusals refusals = new Refusals("");

        private Builder() {}

        /** The address to listen on. */
        public Builder host(String bindHost) {
            host = bindHost;
            return this;
        }

        /** The port to listen on; 0 for any that is free. */
        public Builder port(int bindPort) {
            port = bindPort;
            return this;
        }

        /** The cluster's id; empty while there is none: clients are then told to come again. */
        public Builder clusterId(Supplier<String> id) {
            clusterId = id;
            return this;
        }

        /** What the cluster is called, for clients that ask for it by name. Empty if not given: such clients are then refused. */
        public Builder clusterName(String name) {
            clusterName = name;
            return this;
        }

        public Builder peerId(String id) {
            peerId = id;
            return this;
        }

        /**
         * Serves one more group of the cluster; to be called at least once, in the order of the groups' numbers.
         *
         * @param door what answers requests
         * @param leader who leads, and where clients reach it; {@code null} while this is not known
         */
        public Builder group(Door door, Supplier<@Nullable LeaderHint> leader) {
            doors.add(door);
            leaders.add(leader);
            return this;
        }

        /**
         * How clients are known; without, none has to say who it is.
         *
         * @param judge stays the caller's
         * @param denied counts whom it denies
         */
        public Builder access(Authenticator judge, Refusals denied) {
            authenticator = judge;
            refusals = denied;
            return this;
        }

        /** What this peer says of itself; an empty reply if not given. It must not block. */
        public Builder status(Supplier<StatusReply> ofThisPeer) {
            status = ofThisPeer;
            return this;
        }

        /** How this peer is; well, if not given. It must not block. */
        public Builder health(Supplier<NodeHealth> ofThisPeer) {
            health = ofThisPeer;
            return this;
        }

        /** Who the members are, and who changes that; nobody if not given. */
        public Builder members(MembersDoor ofThisPeer) {
            members = ofThisPeer;
            return this;
        }

        /** Where clients reach the members of the cluster, of which a leader tells them; if not given, nothing. It must not block. */
        public Builder addresses(Supplier<List<HostPort>> ofMembers) {
            addresses = ofMembers;
            return this;
        }

        /** Where backups come from; without, none are given. */
        public Builder backups(BackupSource source) {
            backups = source;
            return this;
        }

        /** How connections are secured; without, they are not. */
        public Builder credentials(ServerCredentials secured) {
            credentials = secured;
            return this;
        }

        /**
         * Serves only clients that have shown a certificate, over TLS.
         *
         * @param whenRefused told from where another came; must return quickly
         */
        public Builder requireCertificate(Consumer<@Nullable SocketAddress> whenRefused) {
            withoutCertificate = whenRefused;
            return this;
        }

        Builder limits(PortLimits bounds) {
            limits = bounds;
            return this;
        }

        /**
         * A port that does not listen yet.
         *
         * @throws IllegalStateException if something is missing
         */
        public ClientPort build() {
            return new ClientPort(this);
        }

        private InetSocketAddress address() {
            if (port < 0) {
                throw new IllegalStateException("a client port needs a port");
            }
            return new InetSocketAddress(required(host, "host"), port);
        }

        private List<Served> groups() {
            if (doors.isEmpty()) {
                throw new IllegalStateException("a client port needs something to serve");
            }
            Supplier<String> cluster = clusterId;
            if (cluster == null) {
                throw new IllegalStateException("a client port needs a cluster id");
            }
            String peer = required(peerId, "peer id");
            return IntStream.range(0, doors.size())
                    .mapToObj(number ->
                            new Served(cluster, clusterName, peer, doors.get(number), leaders.get(number), addresses))
                    .toList();
        }

        private static String required(@Nullable String value, String name) {
            if (value == null || value.isEmpty()) {
                throw new IllegalStateException("a client port needs a " + name);
            }
            return value;
        }
    }
}
