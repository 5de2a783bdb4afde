package dev.holdfast.node.internal.port;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.FailureFrame;
import dev.holdfast.client.v1.HelloFrame;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.SubscribeFrame;
import dev.holdfast.client.v1.SubscriptionBrokenFrame;
import dev.holdfast.client.v1.WelcomeFrame;
import dev.holdfast.client.wire.MembersCodec;
import dev.holdfast.client.wire.Outbox;
import dev.holdfast.node.internal.access.Credentials;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.codec.TermCodec;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's stream, at the peer's end. Frames come one at a time; replies and events leave from any thread.
 *
 * <p>It ends once, whatever the reason: the client went away, does not keep to the conversation, does not read, or the
 * port closes.
 */
final class ClientConnection implements StreamObserver<ClientFrame> {
    /** What the connections of a port share. */
    interface Host {
        /** How much waits in all connections for clients to read. */
        AtomicLong unreadBytes();

        /** More waits in all connections together than is allowed. */
        void crowded();

        /** Runs soon, on another thread, what may have to wait for a delivery under way. */
        void runSoon(Runnable task);

        /** The client was told of the end; whether it reads that is another question. */
        void ended(ClientConnection connection);

        /** Nothing is left of the stream. Called once. */
        void gone(ClientConnection connection);
    }

    private static final int CLIENT_NAME_LENGTH_MAX = Limits.NAME_BYTES_MAX;

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private static final Status PORT_CLOSES = Status.UNAVAILABLE.withDescription("the peer is closing");

    private final List<Served> groups;
    private final Credentials credentials;
    private final PortLimits limits;
    private final Host host;
    private final Runnable reset;
    private final Outbox<ServerFrame> outbox;
    private final Map<Long, EventRelay> subscriptions = new ConcurrentHashMap<>();

    /** Whether a subscription was told that there is no room. */
    private final AtomicBoolean eventsWait = new AtomicBoolean();

    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean gone = new AtomicBoolean();
    private final Object telling = new Object();

    /** Which members the client was told of last, on this stream. Written under the lock of telling. */
    private volatile List<HostPort> membersTold = List.of();

    private volatile Served served;
    private volatile Failures failures;

    /** Who the client is; {@code null} until that is known. */
    private volatile @Nullable Principal principal;

    /** Once it is known who the client is, and which group it means. */
    private volatile @Nullable Transport transport;

    private volatile Requests requests;
    private volatile boolean clientIsDone;
    private volatile boolean welcomed;
    private volatile String clientName = "a client";

    /** Touched by those looks only. */
    private boolean waitedAtLastLook;

    private long takenAtLastLook;

    /**
     * The peer's end of that stream.
     *
     * @param groups what clients may ask for, in the order of their numbers
     * @param credentials what the client shows of itself
     * @param reset ends the stream at once, without a word, whether the client reads or not
     */
    ClientConnection(
            ServerCallStreamObserver<ServerFrame> stream,
            List<Served> groups,
            Credentials credentials,
            PortLimits limits,
            Host host,
            Runnable reset) {
        this.groups = groups;
        this.credentials = credentials;
        // Until the client says which one it means.
        this.served = groups.get(0);
        this.limits = limits;
        this.host = host;
        this.reset = reset;
        this.failures = new Failures(served);
        this.requests = new Requests(null, failures, limits, this);
        this.outbox = new Outbox<>(limits.unreadBytesMax(), host.unreadBytes(), this::resumeIfRoom);
        stream.setOnReadyHandler(outbox::drain);
        stream.setOnCancelHandler(this::gone);
        stream.setOnCloseHandler(this::gone);
        outbox.open(stream);
    }

    @Override
    public void onNext(ClientFrame frame) {
        if (ended.get()) {
            return;
        }
        try {
            if (welcomed) {
                serve(frame);
            } else {
                greet(frame);
            }
        } catch (ProtocolViolationException e) {
            end(Kind.REFUSED, e.getMessage(), Status.INVALID_ARGUMENT);
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("A frame of {} could not be served", clientName, e);
            end(Kind.OUTCOME_UNKNOWN, Failures.unforeseen(e), Status.INTERNAL);
        }
    }

    @Override
    public void onError(Throwable cause) {
        gone();
    }

    @Override
    public void onCompleted() {
        clientIsDone = true;
        List.copyOf(subscriptions.keySet()).forEach(this::unsubscribe);
        requests.drain();
    }

    /** It is known who the client is. To be called before any frame comes. */
    void introduce(Principal known) {
        principal = known;
    }

    /** Who the client is; {@code null} until that is known. */
    @Nullable
    Principal principal() {
        return principal;
    }

    /** What the client showed of itself. */
    Credentials credentials() {
        return credentials;
    }

    /** Whether the client has said hello, and is welcome. */
    boolean isWelcomed() {
        return welcomed;
    }

    /**
     * Sends what only a leader says, and beside it, once, who the members are. Two that are sent at the same time must not leave the
     * client with the older of two lists.
     */
    void sendAsLeader(ServerFrame frame) {
        List<HostPort> members = served.members().get();
        if (members.isEmpty() || members.equals(membersTold)) {
            send(frame);
            return;
        }
        synchronized (telling) {
            List<HostPort> newest = served.members().get();
            membersTold = newest;
            send(frame.toBuilder().setMembers(MembersCodec.encode(newest)).build());
        }
    }

    /** Sends the frame after those before it, unless the client is too far behind: then the connection ends. */
    void send(ServerFrame frame) {
        if (ended.get()) {
            return;
        }
        if (!outbox.offer(frame)) {
            end(
                    Kind.BUSY,
                    "more than " + limits.unreadBytesMax() + " bytes wait for the client to read its stream",
                    Status.RESOURCE_EXHAUSTED);
        } else if (host.unreadBytes().get() > limits.unreadBytesOfAllMax()) {
            host.crowded();
        }
    }

    /**
     * Whether a page of events may be added to what waits. If not, all subscriptions are resumed once it may: what the client does
     * not read stays in the replicated state, and replies and keep-alives do not queue up behind it.
     */
    boolean hasRoomForEvents() {
        if (isRoom()) {
            return true;
        }
        eventsWait.set(true);
        // It may have become empty meanwhile, without a word.
        return isRoom();
    }

    private boolean isRoom() {
        long unread = outbox.unsentBytes();
        return unread == 0
                || (unread < limits.eventBytesMax() && host.unreadBytes().get() < limits.unreadBytesOfAllMax() / 2);
    }

    private void resumeIfRoom() {
        if (eventsWait.get() && isRoom() && eventsWait.compareAndSet(true, false)) {
            subscriptions.values().forEach(this::resumeSoon);
        }
    }

    /** Page by page, in turn with others, and not on the network's threads: each page is read from the state. */
    private void resumeSoon(EventRelay relay) {
        host.runSoon(() -> {
            if (!ended.get() && resume(relay)) {
                resumeSoon(relay);
            }
        });
    }

    private boolean resume(EventRelay relay) {
        try {
            return relay.resume();
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("Events of {} could not be delivered", clientName, e);
            end(Kind.OUTCOME_UNKNOWN, Failures.unforeseen(e), Status.INTERNAL);
            return false;
        }
    }

    /** To be called from time to time, always with as long between: ends it if the client took nothing meanwhile of what waits. */
    void endIfItDoesNotRead() {
        long taken = outbox.framesTaken();
        boolean waits = outbox.unsentBytes() > 0;
        if (waits && waitedAtLastLook && taken == takenAtLastLook) {
            end(
                    Kind.BUSY,
                    "the client did not read its stream for "
                            + limits.readTimeout().toMillis() + " ms",
                    Status.RESOURCE_EXHAUSTED);
        }
        waitedAtLastLook = waits;
        takenAtLastLook = taken;
    }

    /** How much waits for the client to read. */
    long unreadBytes() {
        return outbox.unsentBytes();
    }

    /** Makes room for others: ends it, or, if it has ended and the client does not read that either, resets it. */
    void makeRoom() {
        if (ended.get()) {
            reset();
        } else {
            end(
                    Kind.BUSY,
                    "more than " + limits.unreadBytesOfAllMax()
                            + " bytes wait for clients to read their streams, most of them for this one",
                    Status.RESOURCE_EXHAUSTED);
        }
    }

    /** To be called when it has ended and the client had time to read that. */
    void reset() {
        if (!gone.get()) {
            reset.run();
        }
    }

    void subscriptionBroken(long subscriptionId, TransportException cause) {
        if (subscriptions.remove(subscriptionId) != null) {
            send(broken(subscriptionId, failures.failure(0, cause)));
        }
    }

    /** Ends it when no request is under way any more, and takes none until then. */
    void close() {
        requests.drain();
    }

    /** Nothing is under way, and nothing will be. */
    void drained() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        if (clientIsDone) {
            outbox.endWhenSent(Status.OK);
        } else {
            outbox.offer(failures.closing(0));
            outbox.endWhenSent(PORT_CLOSES);
        }
        closeSubscriptions();
    }

    /** Ends it now, because the port closes. */
    void abort() {
        ended.set(true);
        outbox.endNow(failures.closing(0), PORT_CLOSES);
        closeSubscriptions();
    }

    /** Ends it now, and tells the client why. */
    void end(Kind kind, @Nullable String reason, Status status) {
        if (ended.compareAndSet(false, true)) {
            LOG.debug("the connection of {} ends: {}", clientName, reason);
            FailureFrame failure = failures.failure(0, kind, reason);
            // The reason may quote the client; in the frame it is cut short.
            outbox.endNow(Failures.frame(failure), status.withDescription(failure.getMessage()));
            requests.abandon();
            closeSubscriptions();
            host.ended(this);
        }
    }

    private void gone() {
        ended.set(true);
        outbox.discard();
        closeSubscriptions();
        if (gone.compareAndSet(false, true)) {
            LOG.debug("{} is gone", clientName);
            requests.abandon();
            host.gone(this);
        }
    }

    /** On another thread: this one may be delivering events, and the transport may not let it close others meanwhile. */
    private void closeSubscriptions() {
        for (Long id : List.copyOf(subscriptions.keySet())) {
            EventRelay relay = subscriptions.remove(id);
            if (relay != null) {
                host.runSoon(relay::close);
            }
        }
    }

    private void greet(ClientFrame frame) throws ProtocolViolationException {
        if (!frame.hasHello()) {
            throw new ProtocolViolationException("the first frame must be a hello");
        }
        HelloFrame hello = frame.getHello();
        clientName = "'" + shortened(hello.getClientName()) + "'";
        int version = hello.getProtocolVersion();
        if (version < 1 || version > ProtocolVersion.CLIENT) {
            throw new ProtocolViolationException("this peer speaks protocol version " + ProtocolVersion.CLIENT
                    + ", the client asks for version " + version);
        }
        if (served.clusterId().isEmpty()) {
            end(Kind.NO_LEADER, "this peer has no cluster yet", Status.UNAVAILABLE);
            return;
        }
        if (!hello.getClusterId().isEmpty() && !hello.getClusterId().equals(served.clusterId())) {
            throw new ProtocolViolationException("this peer belongs to " + served.description()
                    + ", the client wants the one with the id '" + hello.getClusterId() + "'");
        }
        if (!hello.getClusterName().isEmpty() && !hello.getClusterName().equals(served.clusterName())) {
            throw new ProtocolViolationException("this peer belongs to " + served.description() + ", the client wants '"
                    + hello.getClusterName() + "'");
        }
        int group = hello.getGroup();
        if (group < 0 || group >= groups.size()) {
            throw new ProtocolViolationException("the locks of this cluster are spread over " + groups.size()
                    + " groups, numbered from 0; the client asks for group " + group);
        }
        Principal known = principal;
        if (known == null) {
            throw new ProtocolViolationException("a frame came before it was known from whom");
        }
        served = groups.get(group);
        Transport own = served.door().of(known, Mandate.origin(credentials));
        transport = own;
        failures = new Failures(served);
        requests = new Requests(own, failures, limits, this);
        welcomed = true;
        send(ServerFrame.newBuilder()
                .setWelcome(WelcomeFrame.newBuilder()
                        .setProtocolVersion(version)
                        .setClusterId(served.clusterId())
                        .setClusterName(served.clusterName())
                        .setPeerId(served.peerId())
                        .setGroups(groups.size()))
                .build());
    }

    private void serve(ClientFrame frame) throws ProtocolViolationException {
        switch (frame.getFrameCase()) {
            case SUBMIT -> requests.submit(frame.getSubmit());
            case QUERY -> requests.query(frame.getQuery());
            case KEEP_ALIVE -> requests.keepAlive(frame.getKeepAlive());
            case SUBSCRIBE -> subscribe(frame.getSubscribe());
            case UNSUBSCRIBE -> unsubscribe(frame.getUnsubscribe().getSubscriptionId());
            case HELLO -> throw new ProtocolViolationException("a second hello");
            case FRAME_NOT_SET ->
                throw new ProtocolViolationException("bytes that are not a frame, or a frame that is not known here");
        }
    }

    private void subscribe(SubscribeFrame frame) throws ProtocolViolationException {
        long id = frame.getSubscriptionId();
        if (id == 0) {
            throw new ProtocolViolationException("a subscription has the id 0");
        }
        if (subscriptions.size() >= limits.subscriptionsMax()) {
            String reason = limits.subscriptionsMax() + " subscriptions are open on this connection";
            send(broken(id, failures.failure(0, Kind.BUSY, reason)));
            return;
        }
        Transport own = Objects.requireNonNull(transport);
        EventRelay relay = new EventRelay(id, this);
        if (subscriptions.putIfAbsent(id, relay) != null) {
            throw new ProtocolViolationException("subscription id " + id + " is in use");
        }
        relay.opened(own.subscribe(TermCodec.decode(frame.getSession()), frame.getAfterNumber(), relay));
        if (ended.get() && subscriptions.remove(id) != null) {
            host.runSoon(relay::close);
        } else {
            resumeSoon(relay);
        }
    }

    private void unsubscribe(long id) {
        EventRelay relay = subscriptions.remove(id);
        if (relay != null) {
            host.runSoon(relay::close);
        }
    }

    /** It is kept for as long as the connection lasts. */
    private static String shortened(String name) {
        return name.length() <= CLIENT_NAME_LENGTH_MAX ? name : name.substring(0, CLIENT_NAME_LENGTH_MAX);
    }

    private static ServerFrame broken(long subscriptionId, FailureFrame failure) {
        return ServerFrame.newBuilder()
                .setSubscriptionBroken(SubscriptionBrokenFrame.newBuilder()
                        .setSubscriptionId(subscriptionId)
                        .setFailure(failure))
                .build();
    }
}
