package dev.holdfast.node.internal.port;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** Hangs up on connections over the quota. Their ends are told of nothing: that would take as much as serving them. */
final class ConnectionGate extends ServerTransportFilter {
    private final ConnectionQuota quota;

    ConnectionGate(ConnectionQuota quota) {
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
