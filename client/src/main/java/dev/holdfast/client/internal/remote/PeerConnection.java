package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.EventsFrame;
import dev.holdfast.client.v1.FailureFrame;
import dev.holdfast.client.v1.HelloFrame;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.SubscribeFrame;
import dev.holdfast.client.v1.SubscriptionBrokenFrame;
import dev.holdfast.client.v1.UnsubscribeFrame;
import dev.holdfast.client.v1.WelcomeFrame;
import dev.holdfast.client.wire.FailureCodec;
import dev.holdfast.client.wire.HostLookup;
import dev.holdfast.client.wire.MembersCodec;
import dev.holdfast.client.wire.Outbox;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.protocol.codec.OutcomeCodec;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.protocol.v1.NumberedEventProto;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one peer, from the attempt to the end.
 *
 * <table>
 *   <caption>States</caption>
 *   <tr><th>state</th><th>requests</th><th>next</th></tr>
 *   <tr><td>connecting</td><td>wait</td><td>open, when the peer's welcome is agreeable; ended, when it is not, or is late,
 *     or the connection fails</td></tr>
 *   <tr><td>open</td><td>are sent</td><td>ended, when the connection breaks, the peer ends it, the peer falls silent, or
 *     this end closes it</td></tr>
 *   <tr><td>ended</td><td>fail</td><td>none: a new connection is a new object</td></tr>
 * </table>
 */
final class PeerConnection {
    /** Hears of what concerns more than one request. Called before the requests concerned fail. */
    interface Listener {
        void welcomed(PeerConnection connection, String peerId);

        void ended(PeerConnection connection, Ending ending, boolean wasWelcomed);

        void leaderHinted(LeaderHint hint);

        /** The peer, which leads, told where clients reach the members. */
        void membersTold(List<HostPort> members);
    }

    private static final long UNSENT_BYTES_MAX = 32L * 1024 * 1024;

    private final HostPort address;
    private final RemoteOptions options;
    private final ScheduledExecutorService timers;
    private final HostLookup hosts;
    private final int turn;
    private final Admission admission;
    private final Listener listener;

    private final Outbox<ClientFrame> outbox = new Outbox<>(UNSENT_BYTES_MAX);
    private final Exchanges exchanges = new Exchanges();
    private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();
    private final CompletableFuture<Integer> groups = new CompletableFuture<>();
    /** The addresses of the host that were not tried yet. One attempt follows on the other. */
    private final Queue<InetAddress> untried = new ConcurrentLinkedQueue<>();

    private volatile int addressCount;
    private volatile @Nullable PeerChannel channel;
    private volatile @Nullable Future<?> welcomeTimer;
    /** The peer has welcomed this client; that may yet turn out to be the wrong peer. */
    private volatile boolean answered;

    private volatile boolean welcomed;
    private volatile long lastHeardNanos;

    /** @param turn at which of the addresses of the host to begin, modulo their number; the others follow if it cannot be reached */
    PeerConnection(
            HostPort address,
            RemoteOptions options,
            ScheduledExecutorService timers,
            HostLookup hosts,
            int turn,
            Admission admission,
            Listener listener) {
        this.address = address;
        this.options = options;
        this.timers = timers;
        this.hosts = hosts;
        this.turn = turn;
        this.admission = admission;
        this.listener = listener;
    }

    /**
     * Starts to connect, on a thread of the timers. Called once; other methods may be called before.
     *
     * <p>The connection outlives the call that needed it first, so it takes nothing over from there: a gRPC {@link Context}
     * ends with its own call, and threads that gRPC starts would keep the caller's class loader and thread locals.
     */
    void start() {
        try {
            welcomeTimer = timers.schedule(
                    this::welcomeIsLate, options.connectTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            TimerThread.runSoon(timers, () -> end(Ending.closed("the timers are shut down")));
            return;
        }
        hosts.lookUp(address.host(), admission.isListed(address))
                .whenComplete((found, failure) -> TimerThread.runSoon(timers, () -> lookedUp(found, failure)));
    }

    private void lookedUp(List<InetAddress> found, @Nullable Throwable failure) {
        if (failure != null) {
            end(Ending.broken("cannot connect to " + address + ": " + FailureText.of(failure), failure));
        } else if (ending.get() == null) {
            List<InetAddress> inTurn = new ArrayList<>(found);
            Collections.rotate(inTurn, -(turn % found.size()));
            untried.addAll(inTurn);
            addressCount = inTurn.size();
            Context.ROOT.run(this::open);
        }
    }

    private void open() {
        try {
            InetAddress next = untried.poll();
            PeerChannel opened = PeerChannel.open(address, addressCount == 1 ? null : next, addressCount, options);
            channel = opened;
            greet(opened);
            if (ending.get() != null) {
                opened.close();
            }
        } catch (RuntimeException | LinkageError e) {
            end(Ending.broken("cannot connect to " + address + ": " + FailureText.of(e), e));
        }
    }

    /** Nobody is at that address of the host. Another has perhaps more luck. */
    private void tryNext() {
        PeerChannel failed = channel;
        if (failed != null) {
            failed.close();
        }
        TimerThread.runSoon(timers, () -> {
            if (ending.get() == null) {
                Context.ROOT.run(this::open);
            }
        });
    }

    private void greet(PeerChannel opened) {
        StreamObserver<ClientFrame> stream = PeerChannel.authorized(HoldfastGrpc.newStub(opened.channel()), options)
                .connect(new Receiver());
        stream.onNext(ClientFrame.newBuilder()
                .setHello(HelloFrame.newBuilder()
                        .setProtocolVersion(ProtocolVersion.CLIENT)
                        .setClusterId(options.clusterId())
                        .setClusterName(options.clusterName())
                        .setGroup(options.group())
                        .setClientName(options.clientName()))
                .build());
    }

    /** How many groups the cluster has, as the welcome says; fails if there is none. */
    CompletableFuture<Integer> groups() {
        return groups.copy();
    }

    <R> CompletableFuture<R> request(LongFunction<ClientFrame> frame, PendingRequest.ReplyReader<R> reader) {
        PendingRequest<R> request = new PendingRequest<>(reader);
        long id = exchanges.add(request);
        startTimeout(id, request);
        if (!outbox.offer(frame.apply(id), request::claim)) {
            exchanges.takeRequest(id);
            request.fail(tooMuchUnsent());
        }
        failIfEnded();
        return request.future();
    }

    PeerSubscription subscribe(SessionId session, long afterNumber, SerialSink sink) {
        long id = exchanges.add(sink);
        boolean taken = outbox.offer(ClientFrame.newBuilder()
                .setSubscribe(SubscribeFrame.newBuilder()
                        .setSubscriptionId(id)
                        .setSession(TermCodec.encode(session))
                        .setAfterNumber(afterNumber))
                .build());
        Ending over = ending.get();
        TransportException failure = over != null ? over.ofUnsent() : taken ? null : tooMuchUnsent();
        if (failure != null && exchanges.takeSubscription(id) != null) {
            TimerThread.runSoon(timers, () -> sink.broken(failure));
        }
        return new PeerSubscription(sink, () -> unsubscribe(id));
    }

    private void unsubscribe(long id) {
        if (exchanges.takeSubscription(id) == null) {
            return;
        }
        boolean taken = outbox.offer(ClientFrame.newBuilder()
                .setUnsubscribe(UnsubscribeFrame.newBuilder().setSubscriptionId(id))
                .build());
        if (!taken) {
            end(Ending.broken(address + " does not read what is sent to it", null));
        }
    }

    /** Whether the peer has answered, agreeably or not. */
    boolean hasAnswered() {
        return answered;
    }

    /** Whether it is open, and nothing is under way. */
    boolean isIdle() {
        return welcomed && exchanges.isEmpty();
    }

    /** Ends it for that reason, unless it has ended already. */
    void end(Ending reason) {
        if (!ending.compareAndSet(null, reason)) {
            return;
        }
        outbox.discard();
        cancelWelcomeTimer();
        listener.ended(this, reason, welcomed);
        groups.completeExceptionally(reason.ofUnsent());
        PeerChannel opened = channel;
        if (opened != null) {
            opened.close();
        }
        exchanges.end(reason);
    }

    /** For requests that came too late for {@link #end} to see them. */
    private void failIfEnded() {
        Ending over = ending.get();
        if (over != null) {
            exchanges.end(over);
        }
    }

    private void startTimeout(long id, PendingRequest<?> request) {
        try {
            request.timeout(timers.schedule(
                    () -> timedOut(id, request), options.requestTimeout().toNanos(), TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException e) {
            end(Ending.closed("the timers are shut down"));
        }
    }

    /** A peer that answers nothing at all is gone, as far as this client can see: its subscriptions are dead as well. */
    private void timedOut(long id, PendingRequest<?> request) {
        exchanges.takeRequest(id);
        long timeoutNanos = options.requestTimeout().toNanos();
        boolean silent = welcomed && System.nanoTime() - lastHeardNanos >= timeoutNanos;
        String after = " within " + options.requestTimeout().toMillis() + " ms";
        if (silent) {
            end(Ending.broken("nothing came from " + address + after, null));
        }
        request.fail(Ending.broken("no answer from " + address + after, null));
    }

    private void cancelWelcomeTimer() {
        Future<?> timer = welcomeTimer;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void welcomeIsLate() {
        if (!welcomed) {
            long timeoutMs = options.connectTimeout().toMillis();
            end(Ending.broken("no connection to " + address + " within " + timeoutMs + " ms", null));
        }
    }

    private TransportException tooMuchUnsent() {
        return new TransportException(Kind.BUSY, "too much is queued to be sent to " + address);
    }

    private void onFrame(ClientCallStreamObserver<ClientFrame> stream, ServerFrame frame) {
        lastHeardNanos = System.nanoTime();
        if (frame.hasMembers() && welcomed) {
            listener.membersTold(MembersCodec.decode(frame.getMembers()));
        }
        switch (frame.getFrameCase()) {
            case WELCOME -> onWelcome(stream, frame.getWelcome());
            case FAILURE -> onFailure(frame.getFailure());
            case SUBMIT_REPLY -> onReply(frame.getSubmitReply().getRequestId(), frame);
            case QUERY_REPLY -> onReply(frame.getQueryReply().getRequestId(), frame);
            case KEEP_ALIVE_REPLY -> onReply(frame.getKeepAliveReply().getRequestId(), frame);
            case EVENTS -> onEvents(frame.getEvents());
            case SUBSCRIPTION_BROKEN -> onSubscriptionBroken(frame.getSubscriptionBroken());
            case FRAME_NOT_SET -> end(Ending.broken(address + " sent a frame that is not known here", null));
        }
    }

    private void onWelcome(ClientCallStreamObserver<ClientFrame> stream, WelcomeFrame welcome) {
        if (answered) {
            return;
        }
        int version = welcome.getProtocolVersion();
        if (version < 1 || version > ProtocolVersion.CLIENT) {
            end(Ending.refused(
                    address + " speaks protocol version " + version + ", this client " + ProtocolVersion.CLIENT, null));
            return;
        }
        // First: whoever finds that the peers disagree ends all connections that have answered.
        answered = true;
        Ending refusal =
                admission.admit(address, new ClusterIdentity(welcome.getClusterId(), welcome.getClusterName()));
        if (refusal != null) {
            end(refusal);
        } else if (ending.get() == null) {
            welcomed = true;
            cancelWelcomeTimer();
            listener.welcomed(this, welcome.getPeerId());
            groups.complete(Math.max(1, welcome.getGroups()));
            outbox.open(stream);
        }
    }

    private void onReply(long requestId, ServerFrame frame) {
        PendingRequest<?> request = exchanges.takeRequest(requestId);
        if (request != null) {
            request.reply(frame, address);
        }
    }

    private void onFailure(FailureFrame failure) {
        if (failure.getRequestId() == 0) {
            hintLeader(failure);
            end(endingOf(failure));
            return;
        }
        PendingRequest<?> request = exchanges.takeRequest(failure.getRequestId());
        if (request != null) {
            hintLeader(failure);
            request.fail(FailureCodec.decode(failure, address));
        }
    }

    /** What has not been sent can be asked elsewhere, unless this peer refuses this client altogether. */
    private Ending endingOf(FailureFrame failure) {
        Kind kind = FailureCodec.decode(failure.getKind());
        boolean told = kind == Kind.NO_LEADER || kind == Kind.BUSY || (Ending.refuses(kind) && !welcomed);
        String message = FailureCodec.describe(failure, address);
        return new Ending(told ? kind : Kind.UNREACHABLE, Kind.OUTCOME_UNKNOWN, message, null);
    }

    private void onEvents(EventsFrame frame) {
        SerialSink sink = exchanges.subscription(frame.getSubscriptionId());
        if (sink == null) {
            return;
        }
        try {
            List<NumberedEvent> events = new ArrayList<>(frame.getEventsCount());
            for (NumberedEventProto event : frame.getEventsList()) {
                events.add(OutcomeCodec.decode(event));
            }
            sink.events(events);
        } catch (MalformedMessageException e) {
            unsubscribe(frame.getSubscriptionId());
            sink.broken(new TransportException(
                    Kind.OUTCOME_UNKNOWN, address + " sent an event that cannot be read: " + e.getMessage(), e));
        }
    }

    private void onSubscriptionBroken(SubscriptionBrokenFrame frame) {
        SerialSink sink = exchanges.takeSubscription(frame.getSubscriptionId());
        if (sink != null) {
            hintLeader(frame.getFailure());
            sink.broken(FailureCodec.decode(frame.getFailure(), address));
        }
    }

    private void hintLeader(FailureFrame failure) {
        LeaderHint hint = FailureCodec.leader(failure);
        if (hint != null) {
            listener.leaderHinted(hint);
        }
    }

    private final class Receiver implements ClientResponseObserver<ClientFrame, ServerFrame> {
        private @Nullable ClientCallStreamObserver<ClientFrame> stream;

        @Override
        public void beforeStart(ClientCallStreamObserver<ClientFrame> requests) {
            stream = requests;
            requests.setOnReadyHandler(outbox::drain);
        }

        @Override
        public void onNext(ServerFrame frame) {
            ClientCallStreamObserver<ClientFrame> open = stream;
            if (open != null && ending.get() == null) {
                onFrame(open, frame);
            }
        }

        @Override
        public void onError(Throwable cause) {
            if (mayTryNext(cause)) {
                tryNext();
            } else {
                end(GrpcStatus.ending(cause, welcomed, address));
            }
        }

        private boolean mayTryNext(Throwable cause) {
            return !answered
                    && ending.get() == null
                    && !untried.isEmpty()
                    && Status.fromThrowable(cause).getCode() == Status.Code.UNAVAILABLE;
        }

        @Override
        public void onCompleted() {
            end(Ending.broken(address + " ended the connection", null));
        }
    }
}
