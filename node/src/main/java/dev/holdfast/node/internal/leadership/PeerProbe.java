package dev.holdfast.node.internal.leadership;

import dev.holdfast.node.Member;
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
import java.util.concurrent.atomic.AtomicLong;
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
 * Questions between peers, on the Raft port. The first: which group is this, which term do you know, and how far are
 * you? It serves to confirm leadership, to notice peers that were started as members of different clusters or that came
 * back, and to know when this peer has caught up. The second: do you miss the leader as well?
 *
 * <p>See {@code docs/adr/001-confirm-leadership-by-term-probe.md}.
 */
public final class PeerProbe implements AutoCloseable {
    private static final String SERVICE = "holdfast.PeerProbe";
    private static final long DEADLINE_MS = 1000;
    private static final long REDIAL_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** A connection, and when it was last told not to wait before it is tried again. */
    private static final class Line {
        final ManagedChannel channel;
        final AtomicLong redialledNanos = new AtomicLong(System.nanoTime());

        Line(ManagedChannel channel) {
            this.channel = channel;
        }

        /** gRPC would wait up to two minutes before it tries a peer again that was away for long. */
        void redialIfDue() {
            long last = redialledNanos.get();
            long now = System.nanoTime();
            if (now - last >= REDIAL_EVERY_NANOS && redialledNanos.compareAndSet(last, now)) {
                channel.resetConnectBackoff();
            }
        }
    }

    /**
     * What one peer tells another.
     *
     * @param group the Raft group of which it speaks; the first has the id of the cluster
     * @param term the latest term that it knows; no vote for a later one was given before this was said
     * @param applied the index up to which it applied that group's log; -1 if it never did
     */
    public record Greeting(UUID group, long term, long applied) {
        private static final int BYTES = 4 * Long.BYTES;

        public boolean formed() {
            return applied >= 0;
        }

        byte[] encode() {
            return ByteBuffer.allocate(BYTES)
                    .putLong(group.getMostSignificantBits())
                    .putLong(group.getLeastSignificantBits())
                    .putLong(term)
                    .putLong(applied)
                    .array();
        }

        static Greeting decode(byte[] bytes) {
            if (bytes.length != BYTES) {
                throw Status.INVALID_ARGUMENT
                        .withDescription("a greeting of " + bytes.length + " bytes")
                        .asRuntimeException();
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Greeting(new UUID(buffer.getLong(), buffer.getLong()), buffer.getLong(), buffer.getLong());
        }
    }

    /** Answers another peer's greeting with this peer's. */
    public interface Host {
        Greeting greeting(Greeting from);

        /** Called for each greeting once its answer is on its way. */
        void greeted(Greeting from);

        /** Whether this peer would rather have another leader than that of the greeting's term. */
        boolean missesLeader(Greeting from);
    }

    private static final MethodDescriptor<Greeting, Greeting> GREET = method("Greet");

    /** Answered with a greeting for a yes, and with a failure for a no. */
    private static final MethodDescriptor<Greeting, Greeting> MISS_LEADER = method("MissLeader");

    private final Map<String, Line> lines = new ConcurrentHashMap<>();

    public static ServerServiceDefinition service(Host host) {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(GREET, ServerCalls.asyncUnaryCall((greeting, reply) -> {
                    answer(host, greeting, reply);
                }))
                .addMethod(MISS_LEADER, ServerCalls.asyncUnaryCall((greeting, reply) -> {
                    if (host.missesLeader(greeting)) {
                        answer(host, greeting, reply);
                    } else {
                        reply.onError(Status.FAILED_PRECONDITION
                                .withDescription("it hears of a leader")
                                .asException());
                    }
                }))
                .build();
    }

    // The answer is on its way before the host hears of the greeting: it may stop because of it, and the other peer
    // is to know why as well.
    private static void answer(Host host, Greeting from, StreamObserver<Greeting> reply) {
        reply.onNext(host.greeting(from));
        reply.onCompleted();
        host.greeted(from);
    }

    private static MethodDescriptor<Greeting, Greeting> method(String name) {
        return MethodDescriptor.<Greeting, Greeting>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(new GreetingMarshaller())
                .setResponseMarshaller(new GreetingMarshaller())
                .build();
    }

    /** Where that member answers. */
    public static String address(Member member) {
        return member.raftAddress().toString();
    }

    /** Greets the peer at that Raft address; fails if there is no answer within a second. */
    public CompletableFuture<Greeting> greet(String address, Greeting greeting) {
        return ask(GREET, address, greeting);
    }

    /** Asks whether it misses the leader of the greeting's term; fails if it does not, or not say so within a second. */
    public CompletableFuture<Greeting> missLeader(String address, Greeting greeting) {
        return ask(MISS_LEADER, address, greeting);
    }

    private CompletableFuture<Greeting> ask(
            MethodDescriptor<Greeting, Greeting> question, String address, Greeting greeting) {
        CompletableFuture<Greeting> answer = new CompletableFuture<>();
        Line line;
        try {
            line = lines.computeIfAbsent(address, target -> new Line(newChannel(target)));
        } catch (RuntimeException e) {
            // An address to which no channel can be made is one that does not answer.
            answer.completeExceptionally(e);
            return answer;
        }
        line.redialIfDue();
        ClientCalls.asyncUnaryCall(
                line.channel.newCall(
                        question, CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_MS, TimeUnit.MILLISECONDS)),
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
        lines.values().forEach(line -> line.channel.shutdownNow());
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
