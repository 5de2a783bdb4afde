package dev.holdfast.node.internal.port;

import com.google.protobuf.MessageLite;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.KeepAliveFrame;
import dev.holdfast.client.v1.KeepAliveReplyFrame;
import dev.holdfast.client.v1.QueryFrame;
import dev.holdfast.client.v1.QueryReplyFrame;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.SubmitFrame;
import dev.holdfast.client.v1.SubmitReplyFrame;
import dev.holdfast.client.wire.WireLimits;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.protocol.codec.QueryCodec;
import dev.holdfast.protocol.codec.ReplyCodec;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.protocol.v1.EmptyProto;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection. Each is handed to the transport and answered once. Their number at a time is bounded, and that
 * of queries among them more tightly: each may ask for much, and all connections share the thread that answers them.
 */
final class Requests {
    private interface Call<R> {
        CompletableFuture<R> make() throws MalformedMessageException;
    }

    private final @Nullable Transport transport;
    private final Failures failures;
    private final PortLimits limits;
    private final ClientConnection connection;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger queriesUnderWay = new AtomicInteger();
    private final Map<Long, CompletableFuture<?>> replies = new ConcurrentHashMap<>();
    private volatile boolean draining;
    private volatile boolean abandoned;

    /** @param transport {@code null} for a client that is not welcomed yet, and has no requests */
    Requests(@Nullable Transport transport, Failures failures, PortLimits limits, ClientConnection connection) {
        this.transport = transport;
        this.failures = failures;
        this.limits = limits;
        this.connection = connection;
    }

    void submit(SubmitFrame frame) throws ProtocolViolationException {
        long id = frame.getRequestId();
        serve(
                id,
                () -> {
                    requireWithinLimits(frame.getBatch().size());
                    // The machine would reject a command that is too large as well, but only after it was replicated.
                    return transport()
                            .submit(BatchCodec.decode(
                                    frame.getBatch(), Limits.COMMANDS_PER_BATCH_MAX, WireLimits.REQUEST_BYTES_MAX));
                },
                reply -> submitReply(id, reply),
                connection::sendAsLeader);
    }

    void query(QueryFrame frame) throws ProtocolViolationException {
        long id = frame.getRequestId();
        serve(
                id,
                () -> {
                    requireWithinLimits("a query", frame.getQuery());
                    return ask(QueryCodec.decode(frame.getQuery()));
                },
                answer -> queryReply(id, answer),
                // An answer may be as large as a frame can be.
                connection::send);
    }

    private Transport transport() {
        return Objects.requireNonNull(transport);
    }

    private CompletableFuture<Answer> ask(Query query) {
        if (queriesUnderWay.getAndIncrement() >= limits.queriesMax()) {
            queriesUnderWay.decrementAndGet();
            throw new TransportException(Kind.BUSY, limits.queriesMax() + " queries are under way on this connection");
        }
        CompletableFuture<Answer> answer = make(() -> transport().query(query));
        var unused = answer.whenComplete((done, failure) -> queriesUnderWay.decrementAndGet());
        return answer;
    }

    void keepAlive(KeepAliveFrame frame) throws ProtocolViolationException {
        long id = frame.getRequestId();
        serve(
                id,
                () -> transport().keepAlive(TermCodec.decode(frame.getSession())),
                reply -> keepAliveReply(id, reply),
                connection::sendAsLeader);
    }

    /** Takes no more requests; the connection hears when none is under way, which may be now. */
    void drain() {
        draining = true;
        if (underWay.get() == 0) {
            connection.drained();
        }
    }

    /** Nobody is left to receive replies: outstanding ones are cancelled. Submitted batches still take effect. */
    void abandon() {
        abandoned = true;
        replies.values().forEach(reply -> reply.cancel(false));
    }

    private <R> void serve(long id, Call<R> call, Function<R, ServerFrame> encode, Consumer<ServerFrame> send)
            throws ProtocolViolationException {
        if (id == 0) {
            throw new ProtocolViolationException("a request has the id 0");
        }
        if (replies.containsKey(id)) {
            throw new ProtocolViolationException("request id " + id + " is in use");
        }
        int before = underWay.getAndIncrement();
        if (draining) {
            finish(failures.closing(id));
        } else if (before >= limits.requestsMax()) {
            finish(failures.frame(id, Kind.BUSY, limits.requestsMax() + " requests are under way on this connection"));
        } else {
            CompletableFuture<R> made = make(call);
            replies.put(id, made);
            var unused = made.whenComplete((reply, failure) -> {
                replies.remove(id);
                if (abandoned) {
                    underWay.decrementAndGet();
                } else if (failure == null) {
                    finish(encoded(id, reply, encode), send);
                } else {
                    finish(failures.frame(id, failure));
                }
            });
            if (abandoned) {
                made.cancel(false);
            }
        }
    }

    private static <R> CompletableFuture<R> make(Call<R> call) {
        try {
            return call.make();
        } catch (MalformedMessageException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(
                    new TransportException(Kind.REFUSED, "the request cannot be read: " + e.getMessage(), e));
        } catch (RuntimeException | LinkageError e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private <R> ServerFrame encoded(long id, R reply, Function<R, ServerFrame> encode) {
        try {
            return encode.apply(reply);
        } catch (RuntimeException | LinkageError e) {
            return failures.frame(id, e);
        }
    }

    private void finish(ServerFrame frame) {
        finish(frame, connection::send);
    }

    private void finish(ServerFrame frame, Consumer<ServerFrame> send) {
        send.accept(frame);
        if (underWay.decrementAndGet() == 0 && draining) {
            connection.drained();
        }
    }

    private static void requireWithinLimits(int batchBytes) {
        if (batchBytes > Limits.BATCH_BYTES_MAX) {
            throw new TransportException(
                    Kind.REFUSED,
                    "a batch of " + batchBytes + " bytes, where " + Limits.BATCH_BYTES_MAX + " is the most");
        }
    }

    private static void requireWithinLimits(String what, MessageLite request) {
        if (request.getSerializedSize() > WireLimits.REQUEST_BYTES_MAX) {
            throw new TransportException(
                    Kind.REFUSED,
                    what + " of " + request.getSerializedSize() + " bytes, where " + WireLimits.REQUEST_BYTES_MAX
                            + " is the most");
        }
    }

    private static ServerFrame submitReply(long id, SubmitReply reply) {
        return ServerFrame.newBuilder()
                .setSubmitReply(SubmitReplyFrame.newBuilder().setRequestId(id).setReply(ReplyCodec.encode(reply)))
                .build();
    }

    private ServerFrame queryReply(long id, Answer answer) {
        ServerFrame frame = ServerFrame.newBuilder()
                .setQueryReply(QueryReplyFrame.newBuilder().setRequestId(id).setAnswer(QueryCodec.encode(answer)))
                .build();
        return frame.getSerializedSize() <= WireLimits.SERVER_FRAME_BYTES_MAX
                ? frame
                : failures.frame(id, Kind.REFUSED, "the answer would be too large; ask for a smaller page");
    }

    private static ServerFrame keepAliveReply(long id, KeepAliveReply reply) {
        KeepAliveReplyFrame.Builder frame = KeepAliveReplyFrame.newBuilder().setRequestId(id);
        if (reply instanceof KeepAliveReply.Alive alive) {
            frame.setAliveLogTimeMs(alive.logTimeMs());
        } else {
            frame.setGone(EmptyProto.getDefaultInstance());
        }
        return ServerFrame.newBuilder().setKeepAliveReply(frame).build();
    }
}
