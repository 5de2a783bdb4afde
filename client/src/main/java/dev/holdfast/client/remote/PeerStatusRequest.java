package dev.holdfast.client.remote;

import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.internal.remote.FailureText;
import dev.holdfast.client.internal.remote.GrpcStatus;
import dev.holdfast.client.internal.remote.PeerChannel;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.StatusReply;
import dev.holdfast.client.v1.StatusRequest;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;

/** Asks one peer about itself. */
public final class PeerStatusRequest {

    /**
     * Asks over a connection of its own, within the connect timeout and the request timeout of the options. Blocks.
     *
     * @throws TransportException if there is no answer, or one that cannot be understood
     */
    public static PeerStatus ask(HostPort peer, RemoteOptions options) {
        try {
            // gRPC would log a stack trace of its own.
            InetAddress[] unused = InetAddress.getAllByName(peer.host());
        } catch (UnknownHostException e) {
            throw unreachable(peer, e);
        }
        Context callers = Context.ROOT.attach();
        try {
            return askAlone(peer, options);
        } finally {
            Context.ROOT.detach(callers);
        }
    }

    private static PeerStatus askAlone(HostPort peer, RemoteOptions options) {
        ManagedChannel channel = Grpc.newChannelBuilderForAddress(peer.host(), peer.port(), options.credentials())
                .build();
        try {
            StatusReply reply = PeerChannel.authorized(HoldfastGrpc.newBlockingStub(channel), options)
                    .withDeadlineAfter(
                            options.connectTimeout()
                                    .plus(options.requestTimeout())
                                    .toMillis(),
                            TimeUnit.MILLISECONDS)
                    .status(StatusRequest.getDefaultInstance());
            return PeerStatus.of(reply);
        } catch (StatusRuntimeException e) {
            throw GrpcStatus.denied(e)
                    ? new TransportException(Kind.FORBIDDEN, GrpcStatus.describeDenial(e, peer), e)
                    : unreachable(peer, e);
        } catch (InvalidAddressException e) {
            throw new TransportException(Kind.REFUSED, peer + " sent a status that cannot be understood", e);
        } finally {
            channel.shutdownNow();
        }
    }

    private static TransportException unreachable(HostPort peer, Throwable why) {
        return new TransportException(Kind.UNREACHABLE, peer + " does not answer: " + FailureText.of(why), why);
    }

    private PeerStatusRequest() {}
}
