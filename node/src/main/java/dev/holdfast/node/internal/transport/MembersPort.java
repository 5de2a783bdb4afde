package dev.holdfast.node.internal.transport;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.flow.FlowControlHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where the other members dial in. Whoever does has a short time to prove to be a member, and only so many may be about it at
 * once: beyond that, the one that has taken longest is cut off. A member has one connection for each lane; another takes its
 * place.
 */
final class MembersPort implements AutoCloseable {
    private record Place(String member, Lane lane) {}

    private final Identity self;
    private final Host host;
    private final EventLoopGroup loops;
    private final Executor pool;
    private final Refusals refusals;
    private final int unprovedMax;
    private final long handshakeTimeoutMs;
    private final Set<Channel> unproved = new LinkedHashSet<>();
    private final Map<Place, Channel> proved = new HashMap<>();
    private @Nullable Channel listening;
    private boolean closed;

    /** @param pool answers the questions that may block */
    MembersPort(
            Identity self,
            Host host,
            EventLoopGroup loops,
            Executor pool,
            Refusals refusals,
            int unprovedMax,
            long handshakeTimeoutMs) {
        this.self = self;
        this.host = host;
        this.loops = loops;
        this.pool = pool;
        this.refusals = refusals;
        this.unprovedMax = unprovedMax;
        this.handshakeTimeoutMs = handshakeTimeoutMs;
    }

    /**
     * Takes the port. Who dials in waits until the others are {@linkplain #accept accepted}.
     *
     * @throws IOException if the port is taken, or the address is not this host's
     */
    void open(InetSocketAddress address) throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 256)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted(channel);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        Throwable failure = bound.cause();
        if (failure != null) {
            throw new IOException("the Raft port " + address + " cannot be opened: " + failure.getMessage(), failure);
        }
        synchronized (this) {
            listening = bound.channel();
        }
    }

    void accept() {
        Channel port;
        synchronized (this) {
            port = listening;
        }
        if (port != null) {
            port.config().setAutoRead(true);
        }
    }

    /** Where it listens. */
    synchronized @Nullable InetSocketAddress address() {
        return listening == null ? null : (InetSocketAddress) listening.localAddress();
    }

    private void accepted(Channel channel) {
        Channel longest = enter(channel);
        if (longest != null) {
            refusals.refused(
                    String.valueOf(longest.remoteAddress()),
                    Reason.BUSY,
                    "too many connections at once have not proved to be a member's");
            longest.close();
        }
        channel.closeFuture().addListener(closed -> left(channel));
        MemberTls tls = self.tls();
        channel.pipeline().addLast(new WrongPort(tls != null, refusals));
        if (tls != null) {
            channel.pipeline().addLast(tls.accepting(channel));
        }
        channel.pipeline()
                .addLast(
                        new FrameDecoder(),
                        // What came with one read is not all handed on once no more is to be read.
                        new FlowControlHandler(),
                        new Answering(self, host, pool, refusals, this));
        var unused =
                channel.eventLoop().schedule(() -> lateIfUnproved(channel), handshakeTimeoutMs, TimeUnit.MILLISECONDS);
    }

    /** The connection that has to go for it; {@code null} if none has to. */
    private synchronized @Nullable Channel enter(Channel channel) {
        if (closed) {
            return channel;
        }
        unproved.add(channel);
        if (unproved.size() <= unprovedMax) {
            return null;
        }
        Iterator<Channel> oldest = unproved.iterator();
        Channel longest = oldest.next();
        oldest.remove();
        return longest;
    }

    private synchronized boolean left(Channel channel) {
        return unproved.remove(channel);
    }

    private void lateIfUnproved(Channel channel) {
        if (left(channel)) {
            refusals.refused(
                    String.valueOf(channel.remoteAddress()),
                    Reason.NOT_PROVED,
                    "it did not prove to be a member in time");
            channel.close();
        }
    }

    /** The connection is that member's. */
    void proved(Channel channel, String member, Lane lane) {
        Channel before;
        synchronized (this) {
            unproved.remove(channel);
            before = proved.put(new Place(member, lane), channel);
        }
        if (before != null) {
            before.close();
        }
    }

    /** It has ended. Whether it was the member's latest of that lane. */
    synchronized boolean ended(Channel channel, String member, Lane lane) {
        return proved.remove(new Place(member, lane), channel);
    }

    @Override
    public void close() {
        Channel port;
        Set<Channel> open = new LinkedHashSet<>();
        synchronized (this) {
            closed = true;
            port = listening;
            open.addAll(unproved);
            open.addAll(proved.values());
        }
        if (port != null) {
            port.close().awaitUninterruptibly();
        }
        open.forEach(Channel::close);
    }
}
