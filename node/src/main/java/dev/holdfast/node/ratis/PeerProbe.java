package dev.holdfast.node.ratis;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.ServerServiceDefinition;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;

/**
 * One question between peers, on the Raft port: which cluster are you of, and which term do you know? It serves two ends:
 * to confirm leadership, and to notice peers that were started as members of different clusters.
 */
final class PeerProbe implements AutoCloseable {
    private static final String SERVICE = "holdfast.PeerProbe";
    private static final long DEADLINE_MS = 1000;

    /**
     * What one peer tells another.
     *
     * @param cluster the cluster that it belongs to
     * @param term the latest term that it knows; no vote for a later one was given before this was said
     * @param formed whether it ever applied an entry of that cluster's log
     */
    record Greeting(UUID cluster, long term, boolean formed) {
        private static final int BYTES = 3 * Long.BYTES + 1;

        byte[] encode() {
            return ByteBuffer.allocate(BYTES)
                    .putLong(cluster.getMostSignificantBits())
                    .putLong(cluster.getLeastSignificantBits())
                    .putLong(term)
                    .put((byte) (formed ? 1 : 0))
                    .array();
        }

        static Greeting decode(byte[] bytes) {
            if (bytes.length != BYTES) {
                throw Status.INVALID_ARGUMENT
                        .withDescription("a greeting of " + bytes.length + " bytes")
                        .asRuntimeException();
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Greeting(new UUID(buffer.getLong(), buffer.getLong()), buffer.getLong(), buffer.get() != 0);
        }
    }

    /** Answers another peer's greeting with this peer's. */
    interface Host {
        Greeting greet(Greeting from);
    }

    private static final MethodDescriptor<Greeting, Greeting> GREET = MethodDescriptor.<Greeting, Greeting>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Greet"))
            .setRequestMarshaller(new GreetingMarshaller())
            .setResponseMarshaller(new GreetingMarshaller())
            .build();

    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    static ServerServiceDefinition service(Host host) {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(GREET, ServerCalls.asyncUnaryCall((greeting, reply) -> {
                    reply.onNext(host.greet(greeting));
                    reply.onCompleted();
                }))
                .build();
    }

    /** Greets the peer at that Raft address; fails if there is no answer within a second. */
    CompletableFuture<Greeting> greet(String address, Greeting greeting) {
        ManagedChannel channel = channels.computeIfAbsent(address, PeerProbe::newChannel);
        CompletableFuture<Greeting> answer = new CompletableFuture<>();
        ClientCalls.asyncUnaryCall(
                channel.newCall(GREET, CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_MS, TimeUnit.MILLISECONDS)),
                greeting,
                new StreamObserver<>() {
                    @Override
                    public void onNext(Greeting value) {
                        answer.complete(value);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new IOException("an answer without a greeting"));
                    }
                });
        return answer;
    }

    private static ManagedChannel newChannel(String address) {
        return NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .directExecutor()
                .build();
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }

    private static final class GreetingMarshaller implements MethodDescriptor.Marshaller<Greeting> {
        @Override
        public InputStream stream(Greeting greeting) {
            return new ByteArrayInputStream(greeting.encode());
        }

        @Override
        public Greeting parse(InputStream stream) {
            try {
                return Greeting.decode(stream.readNBytes(Greeting.BYTES + 1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
