package dev.holdfast.client.internal.remote;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.KeepAliveFrame;
import dev.holdfast.client.v1.QueryFrame;
import dev.holdfast.client.v1.SubmitFrame;
import dev.holdfast.client.wire.HostLookup;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.QueryCodec;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.protocol.v1.QueryProto;
import dev.holdfast.protocol.v1.SessionIdProto;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One peer at a known address, whether it leads or not. It is connected to on first use, and again on the next use after a
 * break; while it cannot be reached, requests fail with {@code UNREACHABLE} without an attempt each. A request that comes
 * while the connection is being made waits for it.
 *
 * <p>A sent request without a reply within its timeout fails with {@code OUTCOME_UNKNOWN}; if nothing else came from the
 * peer in that time either, the connection is given up, and its subscriptions break. A peer of another cluster, or of a
 * protocol version that does not fit, is {@code REFUSED}.
 *
 * <p>On {@link #close} subscriptions break with {@code CLOSED}.
 */
public final class RemotePeer implements Transport {
    /** Hears what a peer says of others. Called before the request that made it say so ends; must return quickly. */
    interface Listener {
        /** It named the leader. */
        void leaderHinted(RemotePeer by, LeaderHint hint);

        /** As a leader, it told where clients reach the members. */
        default void membersTold(RemotePeer by, List<HostPort> members) {}
    }

    private final HostPort address;
    private final RemoteOptions options;
    private final ScheduledExecutorService timers;
    private final Admission admission;
    private final Listener listener;
    private final HostLookup hosts;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, like the next two. */
    private final Backoff backoff =
            new Backoff(System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());

    private @Nullable PeerConnection connection;
    private @Nullable Ending over;

    /** Moves on with each attempt that fails, so that the next one begins at another address of the host. Guarded as well. */
    private int turn;

    private volatile @Nullable String peerId;

    /**
     * A peer whose leader hints are ignored.
     *
     * @param timers where timeouts fire; stays the caller's, and must outlive this
     */
    public RemotePeer(HostPort address, RemoteOptions options, ScheduledExecutorService timers) {
        this(address, options, timers, hint -> {});
    }

    /**
     * A peer.
     *
     * @param timers where timeouts fire; stays the caller's, and must outlive this
     * @param onLeaderHint told of each leader that this peer names, before the request that made it do so fails;
     *     must return quickly
     */
    public RemotePeer(
            HostPort address,
            RemoteOptions options,
            ScheduledExecutorService timers,
            Consumer<LeaderHint> onLeaderHint) {
        this(address, options, timers, admissionOf(address, options), (peer, hint) -> onLeaderHint.accept(hint));
    }

    /** Nobody else is asked, so it is only compared with what it said before. */
    private static Admission admissionOf(HostPort address, RemoteOptions options) {
        Roster roster = new Roster(List.of(address), WantedCluster.of(options));
        return (at, said) -> roster.welcomed(at, said).refusal();
    }

    RemotePeer(
            HostPort address,
            RemoteOptions options,
            ScheduledExecutorService timers,
            Admission admission,
            Listener listener) {
        this(address, options, timers, admission, listener, HostLookup.shared());
    }

    RemotePeer(
            HostPort address,
            RemoteOptions options,
            ScheduledExecutorService timers,
            Admission admission,
            Listener listener,
            HostLookup hosts) {
        this.address = address;
        this.options = options;
        this.timers = timers;
        this.admission = admission;
        this.listener = listener;
        this.hosts = hosts;
    }

    public HostPort address() {
        return address;
    }

    /** What the peer called itself when it was last connected to; {@code null} if it never was. */
    @Nullable
    String peerId() {
        return peerId;
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        if (batch.commands().size() > Limits.COMMANDS_PER_BATCH_MAX) {
            return refused("a batch of " + batch.commands().size() + " commands exceeds the limit of "
                    + Limits.COMMANDS_PER_BATCH_MAX);
        }
        ByteString bytes = UnsafeByteOperations.unsafeWrap(BatchCodec.encode(batch));
        if (bytes.size() > Limits.BATCH_BYTES_MAX) {
            return refused("a batch of " + bytes.size() + " bytes exceeds the limit of " + Limits.BATCH_BYTES_MAX);
        }
        return request(
                id -> ClientFrame.newBuilder()
                        .setSubmit(SubmitFrame.newBuilder().setRequestId(id).setBatch(bytes))
                        .build(),
                ReplyReaders::submitReply);
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        QueryProto proto = QueryCodec.encode(query);
        if (proto.getSerializedSize() > Limits.BATCH_BYTES_MAX) {
            return refused("a query of " + proto.getSerializedSize() + " bytes exceeds the limit of "
                    + Limits.BATCH_BYTES_MAX);
        }
        return request(
                id -> ClientFrame.newBuilder()
                        .setQuery(QueryFrame.newBuilder().setRequestId(id).setQuery(proto))
                        .build(),
                ReplyReaders::answer);
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        SessionIdProto proto = TermCodec.encode(session);
        return request(
                id -> ClientFrame.newBuilder()
                        .setKeepAlive(
                                KeepAliveFrame.newBuilder().setRequestId(id).setSession(proto))
                        .build(),
                ReplyReaders::keepAliveReply);
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        return open(session, afterNumber, sink);
    }

    /** Connects, if it is not connected; whoever admits peers hears how that went. */
    void greet() {
        Ending notNow;
        lock.lock();
        try {
            notNow = over != null ? over : connection != null ? null : backoff.tooEarly();
        } finally {
            lock.unlock();
        }
        if (notNow != null) {
            admission.failed(address, notNow);
            return;
        }
        try {
            connection();
        } catch (TransportException closedMeanwhile) {
            admission.failed(address, Ending.broken(address + " is no longer asked", closedMeanwhile));
        }
    }

    /** Ends the connection if nothing is under way on it; the next request makes another. */
    void rest() {
        PeerConnection idle = current();
        if (idle != null && idle.isIdle()) {
            idle.end(Ending.broken("the connection to " + address + " was idle", null));
        }
    }

    /** Ends the connection for that reason, unless the peer has not answered yet. */
    void breakOff(Ending why) {
        PeerConnection open = current();
        if (open != null && open.hasAnswered()) {
            open.end(why);
        }
    }

    private @Nullable PeerConnection current() {
        lock.lock();
        try {
            return connection;
        } finally {
            lock.unlock();
        }
    }

    /** How many groups the peer's cluster has. */
    CompletableFuture<Integer> groups() {
        try {
            return connection().groups();
        } catch (TransportException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Subscribes; the sink is never called before this returns. */
    PeerSubscription open(SessionId session, long afterNumber, EventSink sink) {
        SerialSink serial = new SerialSink(sink);
        try {
            return connection().subscribe(session, afterNumber, serial);
        } catch (TransportException e) {
            TimerThread.runSoon(timers, () -> serial.broken(e));
            return new PeerSubscription(serial, () -> {});
        }
    }

    @Override
    public void close() {
        end(Ending.closed("the connection to " + address + " was closed"));
    }

    /** Ends like {@link #close}, but for callers who do not know of this peer and may well ask another. */
    void retire() {
        end(Ending.broken(address + " is no longer in use", null));
    }

    /** Whether the peer was reached last time and refused this client. */
    boolean refusesThisClient() {
        lock.lock();
        try {
            return backoff.lastWasRefused();
        } finally {
            lock.unlock();
        }
    }

    private <R> CompletableFuture<R> request(LongFunction<ClientFrame> frame, PendingRequest.ReplyReader<R> reader) {
        try {
            return connection().request(frame, reader);
        } catch (TransportException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private <R> CompletableFuture<R> refused(String message) {
        return CompletableFuture.failedFuture(new TransportException(Kind.REFUSED, message));
    }

    /** The connection, made if there is none; throws TransportException if now is not the time to try. */
    private PeerConnection connection() {
        PeerConnection fresh;
        lock.lock();
        try {
            if (over != null) {
                throw over.ofUnsent();
            }
            if (connection != null) {
                return connection;
            }
            Ending tooEarly = backoff.tooEarly();
            if (tooEarly != null) {
                throw new TransportException(tooEarly.unsent(), "not retried yet: " + tooEarly.message());
            }
            fresh = new PeerConnection(address, options, timers, hosts, turn, admission, new ConnectionListener());
            connection = fresh;
        } finally {
            lock.unlock();
        }
        fresh.start();
        return fresh;
    }

    private void end(Ending ending) {
        PeerConnection last;
        lock.lock();
        try {
            if (over != null) {
                return;
            }
            over = ending;
            last = connection;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.end(ending);
        }
    }

    private final class ConnectionListener implements PeerConnection.Listener {
        @Override
        public void welcomed(PeerConnection welcomed, String id) {
            peerId = id;
            lock.lock();
            try {
                backoff.succeeded();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void ended(PeerConnection ended, Ending ending, boolean wasWelcomed) {
            lock.lock();
            try {
                if (ended == connection) {
                    connection = null;
                }
                if (!wasWelcomed) {
                    backoff.failed(ending);
                    turn = (turn + 1) % Integer.MAX_VALUE;
                }
            } finally {
                lock.unlock();
            }
            if (!wasWelcomed) {
                admission.failed(address, ending);
            }
        }

        @Override
        public void leaderHinted(LeaderHint hint) {
            listener.leaderHinted(RemotePeer.this, hint);
        }

        @Override
        public void membersTold(List<HostPort> members) {
            listener.membersTold(RemotePeer.this, members);
        }
    }
}
