package dev.holdfast.node.internal.port;

import dev.holdfast.client.wire.Authorization;
import dev.holdfast.node.internal.access.Credentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** What a call says of its caller. */
final class Calls {

    static Credentials credentials(ServerCall<?, ?> call, Metadata headers) {
        return new Credentials(
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION),
                headers.get(Authorization.HEADER),
                address(call));
    }

    private static String address(ServerCall<?, ?> call) {
        InetAddress address =
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress remote
                        ? remote.getAddress()
                        : null;
        return address == null ? "" : address.getHostAddress();
    }

    private Calls() {}
}
