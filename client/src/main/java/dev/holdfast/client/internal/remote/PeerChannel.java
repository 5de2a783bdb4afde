package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.wire.WireLimits;
import io.grpc.CallCredentials;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.AbstractStub;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC channel to a peer, and its share of the threads that serve it.
 *
 * <p>See {@code docs/adr/024-grpc-stays-in-the-client.md}.
 */
public final class PeerChannel implements AutoCloseable {
    private static final long CONNECT_TIMEOUT_MS_MIN = 250;

    private final ManagedChannel channel;
    private final EventLoops.Lease lease;

    private PeerChannel(NettyChannelBuilder builder) {
        EventLoops.Lease taken = EventLoops.SHARED.lease();
        try {
            this.channel = builder.eventLoopGroup(taken.loops())
                    .channelType(NioSocketChannel.class)
                    .build();
        } catch (RuntimeException | LinkageError e) {
            taken.returnOnce(() -> true);
            throw e;
        }
        this.lease = taken;
    }

    /**
     * A channel for one connection. It is not used again after a break, so that gRPC's own reconnection, whose pauses grow
     * to minutes, never comes into play; nor do its retries, of which the transport promises none. Callbacks run on the
     * event loop: each is short.
     *
     * @param at one of the addresses of the host, {@code null} if it has only one. Certificates are checked for the host all the same
     * @param ofSo how many addresses the host has, which have the connect timeout together
     */
    static PeerChannel open(HostPort address, @Nullable InetAddress at, int ofSo, RemoteOptions options) {
        NettyChannelBuilder builder = at == null
                ? NettyChannelBuilder.forAddress(address.host(), address.port(), options.credentials())
                : NettyChannelBuilder.forAddress(new InetSocketAddress(at, address.port()), options.credentials())
                        .overrideAuthority(address.toString());
        builder.withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMs(options, ofSo))
                .keepAliveTime(options.pingInterval().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(options.pingTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .maxInboundMessageSize(WireLimits.SERVER_FRAME_BYTES_MAX)
                .disableRetry()
                .disableServiceConfigLookUp()
                .directExecutor();
        return new PeerChannel(builder);
    }

    /**
     * A channel for a call or two, which tries all addresses of the host. Looks it up, which may block.
     *
     * @param bytesMax how much the peer may send at once
     * @throws UnknownHostException if the host is not known; gRPC would log a stack trace of its own
     */
    public static PeerChannel forCalls(HostPort address, RemoteOptions options, int bytesMax)
            throws UnknownHostException {
        int addresses = InetAddress.getAllByName(address.host()).length;
        return new PeerChannel(NettyChannelBuilder.forAddress(address.host(), address.port(), options.credentials())
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMs(options, addresses))
                .maxInboundMessageSize(bytesMax));
    }

    private static int connectTimeoutMs(RemoteOptions options, int addresses) {
        long all = options.connectTimeout().toMillis();
        return Math.toIntExact(Math.min(all, Math.max(CONNECT_TIMEOUT_MS_MIN, all / addresses)));
    }

    /** A stub whose calls say who this client is, if the options do. */
    public static <S extends AbstractStub<S>> S authorized(S stub, RemoteOptions options) {
        CallCredentials credentials = options.callCredentials();
        return credentials == null ? stub : stub.withCallCredentials(credentials);
    }

    public Channel channel() {
        return channel;
    }

    /** Cancels what is under way. Does not block. */
    @Override
    public void close() {
        channel.shutdownNow();
        lease.returnOnce(channel::isTerminated);
    }
}
