package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.wire.WireLimits;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.stub.AbstractStub;
import java.util.concurrent.TimeUnit;

/** Makes gRPC channels. */
public final class PeerChannel {

    /**
     * A channel for one connection. It is not used again after a break, so that gRPC's own reconnection, whose pauses grow
     * to minutes, never comes into play; nor do its retries, of which the transport promises none. Callbacks run on the
     * event loop: each is short.
     */
    static ManagedChannel open(HostPort address, RemoteOptions options) {
        return NettyChannelBuilder.forAddress(address.host(), address.port(), options.credentials())
                .withOption(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(options.connectTimeout().toMillis()))
                .keepAliveTime(options.pingInterval().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(options.pingTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .maxInboundMessageSize(WireLimits.SERVER_FRAME_BYTES_MAX)
                .disableRetry()
                .disableServiceConfigLookUp()
                .directExecutor()
                .build();
    }

    /** A stub whose calls say who this client is, if the options do. */
    public static <S extends AbstractStub<S>> S authorized(S stub, RemoteOptions options) {
        CallCredentials credentials = options.callCredentials();
        return credentials == null ? stub : stub.withCallCredentials(credentials);
    }

    private PeerChannel() {}
}
