package dev.holdfast.node.internal.transport;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.wire.HostLookup;
import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to one member on one lane. It is dialled when something is to be asked, and again after it broke: at once, and after
 * failures with pauses that stay short, since a member that comes back is to be heard without delay. Questions during a pause fail at
 * once.
 *
 * <p>Thread-safe. Nothing here blocks.
 *
 * <p>See {@code docs/adr/013-a-transport-of-our-own.md}.
 */
public final class Link implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MS = 1000;
    private static final long HANDSHAKE_TIMEOUT_MS = 10_000;
    private static final long PAUSE_MS_MIN = 10;
    private static final long PAUSE_MS_MAX = 250;

    private final Identity self;
    private final String other;
    private final Supplier<List<HostPort>> addresses;
    private final Lane lane;
    private final Host host;
    private final EventLoopGroup loops;
    private final HostLookup hosts;
    private final Refusals refusals;
    private final ReentrantLock lock = new ReentrantLock();
    private final Conversation.Listener listener = new Ends();

    /** Written under the lock, as are the following. */
    private volatile @Nullable Conversation current;

    private int failures;

    /** Moves on with each attempt that fails, and stays where one succeeded. */
    private int turn;

    private @Nullable Conversation lastProved;
    private long retryNanos = System.nanoTime();
    private @Nullable IOException lastFailure;
    private boolean closed;

    Link(
            Identity self,
            String other,
            Supplier<List<HostPort>> addresses,
            Lane lane,
            Host host,
            EventLoopGroup loops,
            HostLookup hosts,
            Refusals refusals) {
        this.self = self;
        this.other = other;
        this.addresses = addresses;
        this.lane = lane;
        this.host = host;
        this.loops = loops;
        this.hosts = hosts;
        this.refusals = refusals;
    }

    /**
     * Asks the member. Questions arrive in the order in which they were asked, for as long as the connection holds.
     *
     * @return the answer; it comes on a thread of the network, which must not be blocked. It fails with an {@link IOException} if
     *     there is none within the time, the connection breaks, or cannot be made; and with a {@link RefusedException} if the
     *     member refused. After any of them the question may or may not have arrived
     */
    public CompletableFuture<byte[]> ask(FrameKind question, byte[] body, long timeoutMs) {
        if (question.lane() != lane) {
            throw new IllegalArgumentException(question + " on lane " + lane);
        }
        Conversation conversation;
        try {
            conversation = conversation();
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        return conversation.ask(question, body, TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    }

    /** For how long nothing came from the member since it proved itself; 0 while it has not. */
    public long silentMs() {
        Conversation conversation = current;
        return conversation == null ? 0 : TimeUnit.NANOSECONDS.toMillis(conversation.silentNanos());
    }

    /** Ends the connection, if there is one; what was not answered fails. The next question dials anew. */
    public void reset(String why) {
        Conversation conversation = current;
        if (conversation != null) {
            conversation.endLater(new IOException(why));
        }
    }

    private Conversation conversation() throws IOException {
        Conversation known = current;
        if (known != null && !known.isOver()) {
            return known;
        }
        Conversation begun;
        int attempt;
        lock.lock();
        try {
            if (closed) {
                throw new IOException("this peer is being closed");
            }
            known = current;
            if (known != null && !known.isOver()) {
                return known;
            }
            if (System.nanoTime() - retryNanos < 0) {
                IOException last = lastFailure;
                throw last == null ? new IOException("member " + other + " cannot be reached") : again(last);
            }
            begun = new Conversation(self, Handshake.Cluster.of(self, host), other, lane, loops.next(), listener);
            current = begun;
            attempt = turn;
        } finally {
            lock.unlock();
        }
        dial(begun, attempt);
        return begun;
    }

    /** A new one, for each may be thrown to another caller. */
    private static IOException again(IOException last) {
        return last instanceof RefusedException refused
                ? new RefusedException(refused.reason(), String.valueOf(refused.getMessage()))
                : new IOException(last.getMessage(), last.getCause());
    }

    /** Each attempt is made at the next address: of those that are known of the member, and of those that each name has. */
    private void dial(Conversation conversation, int attempt) {
        List<HostPort> known = addresses.get();
        if (known.isEmpty()) {
            conversation.end(new IOException("it is not known where member " + other + " is"));
            return;
        }
        HostPort address = known.get(attempt % known.size());
        int round = attempt / known.size();
        var unused = hosts.lookUp(address.host())
                .thenAccept(found -> connect(
                        conversation, address, new InetSocketAddress(found.get(round % found.size()), address.port())))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                        conversation.end(new IOException("member " + other + " at " + address + ": " + cause, cause));
                    }
                });
    }

    private void connect(Conversation conversation, HostPort address, InetSocketAddress to) {
        ChannelFuture connected = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        MemberTls tls = self.tls();
                        if (tls != null) {
                            channel.pipeline().addLast(tls.dialling(channel));
                        }
                        channel.pipeline().addLast(new FrameDecoder(), conversation);
                    }
                })
                .connect(to);
        connected
                .channel()
                .eventLoop()
                .schedule(conversation::endUnlessProved, HANDSHAKE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        connected.addListener(done -> {
            Throwable failure = done.cause();
            if (failure != null) {
                conversation.end(new IOException("member " + other + " at " + address + " cannot be reached", failure));
            }
        });
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        reset("this peer is being closed");
    }

    private final class Ends implements Conversation.Listener {
        @Override
        public void onProved(Conversation conversation, Handshake.Cluster cluster) {
            if (lane != Lane.MEETING && !cluster.isOf(self)) {
                host.stranger(cluster.id(), cluster.formed());
                return;
            }
            lock.lock();
            try {
                failures = 0;
                lastProved = conversation;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onOver(Conversation conversation, IOException cause) {
            if (cause instanceof RefusedException refused) {
                refusals.refused("member " + other, refused.reason(), String.valueOf(refused.getMessage()));
            }
            lock.lock();
            try {
                long pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN << Math.min(failures, 10));
                failures++;
                if (conversation != lastProved) {
                    turn = (turn + 1) % Integer.MAX_VALUE;
                }
                lastProved = null;
                retryNanos = System.nanoTime()
                        + TimeUnit.MILLISECONDS.toNanos(
                                pauseMs / 2 + ThreadLocalRandom.current().nextLong(pauseMs));
                lastFailure = cause;
            } finally {
                lock.unlock();
            }
        }
    }
}
