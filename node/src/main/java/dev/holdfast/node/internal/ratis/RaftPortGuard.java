package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.port.ConnectionQuota;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.grpc.Attributes;
import org.apache.ratis.thirdparty.io.grpc.Grpc;
import org.apache.ratis.thirdparty.io.grpc.ServerTransportFilter;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps strangers from using up the Raft port: bounds how many connections there are, for how long one may say nothing, and how
 * many streams one may begin and reset. The members have about ten connections to each other.
 *
 * @param connectionsMax how many connections there may be; one more is cut off
 * @param perAddressMax the same for those from one address
 * @param handshakeTimeout how long a connection may take to begin to speak HTTP/2
 * @param resetsMax how many streams a connection may reset within ten seconds. A question that is not answered in time is
 *     such a stream, and a member that was suspended receives all that were put to it at once
 */
record RaftPortGuard(int connectionsMax, int perAddressMax, Duration handshakeTimeout, int resetsMax) {
    static final RaftPortGuard DEFAULT = new RaftPortGuard(1000, 250, Duration.ofSeconds(10), 50_000);

    private static final int RESETS_WITHIN_S = 10;

    /** So long after its last stream has ended, a connection is closed. A member makes another when it needs one. */
    private static final long IDLE_MIN = 10;

    /** How often a silent connection is asked for a sign of life, and how long that may take: its host may be gone. */
    private static final long PING_INTERVAL_S = 60;

    private static final long PING_TIMEOUT_S = 20;

    NettyServerBuilder guard(NettyServerBuilder builder) {
        return builder.handshakeTimeout(handshakeTimeout.toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(IDLE_MIN, TimeUnit.MINUTES)
                .keepAliveTime(PING_INTERVAL_S, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_S, TimeUnit.SECONDS)
                .maxRstFramesPerWindow(resetsMax, RESETS_WITHIN_S)
                .addTransportFilter(new Gate(new ConnectionQuota(connectionsMax, perAddressMax)));
    }

    /** As the client port's, for the gRPC inside Ratis. */
    private static final class Gate extends ServerTransportFilter {
        private final ConnectionQuota quota;

        Gate(ConnectionQuota quota) {
            this.quota = quota;
        }

        @Override
        public Attributes transportReady(Attributes transport) {
            if (!quota.enter(transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))) {
                // What is thrown here ends the connection.
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription("too many connections")
                        .asRuntimeException();
            }
            return transport;
        }

        /** @param transport {@code null} if it was not let in */
        @Override
        public void transportTerminated(@Nullable Attributes transport) {
            if (transport != null) {
                quota.leave(transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
            }
        }
    }
}
