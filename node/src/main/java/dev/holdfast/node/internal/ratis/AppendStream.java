package dev.holdfast.node.internal.ratis;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallExecutorSupplier;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCallStreamObserver;
import org.apache.ratis.thirdparty.io.grpc.stub.MetadataUtils;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One stream of entries to one follower, over Ratis's own service. Both ends serve it on the threads of the network, which
 * saves a hand-over to a pool at each; that is allowed because its sender keeps few requests unanswered, so neither end can
 * fill a queue of the other's and block there.
 *
 * <p>Not thread-safe, except that {@link Listener} is called by a thread of the network.
 *
 * <p>See {@code docs/adr/006-an-appender-of-our-own.md}.
 */
final class AppendStream {
    /** Hears of one stream. */
    interface Listener {
        void onReply(AppendStream from, AppendEntriesReplyProto reply);

        /** The stream is over; nothing more is heard of it. */
        void onBroken(AppendStream from, Throwable cause);
    }

    /** Far more than are ever useful: entries are batches already, and one or two are in flight. */
    private static final int UNANSWERED_MAX = 16;

    private static final Metadata.Key<String> MARK =
            Metadata.Key.of("holdfast-eager", Metadata.ASCII_STRING_MARSHALLER);

    private final ClientCallStreamObserver<AppendEntriesRequestProto> requests;
    private final ArrayDeque<Long> unansweredSinceNanos = new ArrayDeque<>();

    AppendStream(ManagedChannel channel, Listener listener) {
        Metadata marked = new Metadata();
        marked.put(MARK, "1");
        this.requests = (ClientCallStreamObserver<AppendEntriesRequestProto>) RaftServerProtocolServiceGrpc.newStub(
                        channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(marked))
                .appendEntries(new StreamObserver<>() {
                    @Override
                    public void onNext(AppendEntriesReplyProto reply) {
                        listener.onReply(AppendStream.this, reply);
                    }

                    @Override
                    public void onError(Throwable cause) {
                        listener.onBroken(AppendStream.this, cause);
                    }

                    @Override
                    public void onCompleted() {
                        listener.onBroken(AppendStream.this, new IllegalStateException("ended by the follower"));
                    }
                });
    }

    /**
     * Has a server run such streams on the threads of the network; all else stays as it was.
     *
     * @param onEnd is called when a stream of entries, of any kind, has ended
     */
    static NettyServerBuilder served(NettyServerBuilder builder, Runnable onEnd) {
        return builder.intercept(new EndOfAppends(onEnd)).callExecutor(new ServerCallExecutorSupplier() {
            @Override
            public <Q, R> @Nullable Executor getExecutor(ServerCall<Q, R> call, Metadata metadata) {
                return metadata.containsKey(MARK) ? Runnable::run : null;
            }
        });
    }

    private record EndOfAppends(Runnable onEnd) implements ServerInterceptor {
        private static final String APPEND =
                RaftServerProtocolServiceGrpc.getAppendEntriesMethod().getFullMethodName();

        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            ServerCall.Listener<Q> listener = next.startCall(call, headers);
            if (!call.getMethodDescriptor().getFullMethodName().equals(APPEND)) {
                return listener;
            }
            return new SimpleForwardingServerCallListener<>(listener) {
                @Override
                public void onCancel() {
                    super.onCancel();
                    onEnd.run();
                }
            };
        }
    }

    boolean mayTakeMore() {
        return unansweredSinceNanos.size() < UNANSWERED_MAX;
    }

    boolean isAllAnswered() {
        return unansweredSinceNanos.isEmpty();
    }

    /** How long the oldest request has been unanswered. */
    long silentNanos(long nowNanos) {
        Long oldest = unansweredSinceNanos.peek();
        return oldest == null ? 0 : nowNanos - oldest;
    }

    void send(AppendEntriesRequestProto request, long nowNanos) {
        unansweredSinceNanos.add(nowNanos);
        requests.onNext(request);
    }

    /** Replies come in the order of requests. */
    void answered() {
        unansweredSinceNanos.poll();
    }

    void cancel() {
        requests.cancel("not used any more", null);
    }
}
