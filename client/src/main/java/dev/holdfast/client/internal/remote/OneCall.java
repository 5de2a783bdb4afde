package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.HoldfastGrpc.HoldfastBlockingStub;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A single call to one peer, over a connection of its own. */
public final class OneCall {
    private static final int REPLY_BYTES_MAX = 4 << 20;

    /**
     * Makes it. Blocks.
     *
     * @param timeout for all of it
     * @throws TransportException if there is no answer. Unless it is {@code FORBIDDEN} or {@code REFUSED}, nothing is known of what
     *     became of it
     */
    public static <R> R to(
            HostPort peer, RemoteOptions options, Duration timeout, Function<HoldfastBlockingStub, R> call) {
        Context callers = Context.ROOT.attach();
        try (PeerChannel connection = PeerChannel.forCalls(peer, options, REPLY_BYTES_MAX)) {
            return call.apply(PeerChannel.authorized(HoldfastGrpc.newBlockingStub(connection.channel()), options)
                    .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (StatusRuntimeException e) {
            throw failure(peer, e);
        } catch (UnknownHostException e) {
            throw unreachable(peer, e);
        } finally {
            Context.ROOT.detach(callers);
        }
    }

    private static TransportException failure(HostPort peer, StatusRuntimeException e) {
        if (GrpcStatus.denied(e)) {
            return new TransportException(Kind.FORBIDDEN, GrpcStatus.describeDenial(e, peer), e);
        }
        if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
            return new TransportException(
                    Kind.REFUSED, peer + " does not know this request: it is of an older release, or no peer", e);
        }
        if (e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
            return new TransportException(Kind.BUSY, peer + ": " + FailureText.of(e), e);
        }
        return unreachable(peer, e);
    }

    private static TransportException unreachable(HostPort peer, Throwable why) {
        return new TransportException(Kind.UNREACHABLE, peer + " does not answer: " + FailureText.of(why), why);
    }

    private OneCall() {}
}
