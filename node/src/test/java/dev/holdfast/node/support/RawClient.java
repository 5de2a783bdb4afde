package dev.holdfast.node.support;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.HelloFrame;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.wire.Authorization;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client, or a stream among others of one connection, that sends whatever frames it likes, and reads when it likes. */
public final class RawClient implements AutoCloseable {
    /** Far longer than anything takes. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    public final CompletableFuture<Status> end = new CompletableFuture<>();
    public final BlockingQueue<ServerFrame> frames = new LinkedBlockingQueue<>();
    private final ManagedChannel channel;
    private ClientCallStreamObserver<byte[]> stream;

    public RawClient(HostPort address, boolean reads) {
        this(channel(address), reads);
    }

    /** One that says this of itself in the header {@code authorization}. */
    public static RawClient saying(HostPort address, @Nullable String authorization) {
        return new RawClient(channel(address), true, authorization);
    }

    /** {@link #close} closes the channel; without that, {@link #cancel} ends the stream alone. */
    public RawClient(ManagedChannel channel, boolean reads) {
        this(channel, reads, null);
    }

    private RawClient(ManagedChannel channel, boolean reads, @Nullable String authorization) {
        this.channel = channel;
        ClientCall<byte[], ServerFrame> call = saying(channel, authorization)
                .newCall(
                        HoldfastGrpc.getConnectMethod().toBuilder(
                                        new Bytes(),
                                        HoldfastGrpc.getConnectMethod().getResponseMarshaller())
                                .build(),
                        CallOptions.DEFAULT);
        var unused = ClientCalls.asyncBidiStreamingCall(call, new ClientResponseObserver<byte[], ServerFrame>() {
            @Override
            public void beforeStart(ClientCallStreamObserver<byte[]> requests) {
                stream = requests;
                if (!reads) {
                    requests.disableAutoRequestWithInitial(0);
                }
            }

            @Override
            public void onNext(ServerFrame frame) {
                frames.add(frame);
            }

            @Override
            public void onError(Throwable cause) {
                end.complete(Status.fromThrowable(cause));
            }

            @Override
            public void onCompleted() {
                end.complete(Status.OK);
            }
        });
    }

    /** The channel, with that header in each call. */
    public static Channel saying(Channel channel, @Nullable String authorization) {
        if (authorization == null) {
            return channel;
        }
        Metadata headers = new Metadata();
        headers.put(Authorization.HEADER, authorization);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    public static ManagedChannel channel(HostPort address) {
        return Grpc.newChannelBuilderForAddress(address.host(), address.port(), InsecureChannelCredentials.create())
                .build();
    }

    /** One that has said hello and was welcomed. */
    public static RawClient welcomed(HostPort address) throws InterruptedException {
        RawClient client = new RawClient(address, true);
        client.hello(1, "");
        if (!client.next().hasWelcome()) {
            throw new IllegalStateException("not welcomed");
        }
        return client;
    }

    public void hello(int version, String cluster) {
        send(ClientFrame.newBuilder()
                .setHello(HelloFrame.newBuilder()
                        .setProtocolVersion(version)
                        .setClusterId(cluster)
                        .setClientName("raw"))
                .build());
    }

    public void send(ClientFrame frame) {
        sendBytes(frame.toByteArray());
    }

    public void sendBytes(byte[] bytes) {
        stream.onNext(bytes);
    }

    public void finish() {
        stream.onCompleted();
    }

    public void read(int frameCount) {
        stream.request(frameCount);
    }

    public ServerFrame next() throws InterruptedException {
        ServerFrame frame = frames.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (frame == null) {
            throw new IllegalStateException("no frame came");
        }
        return frame;
    }

    public void cancel() {
        stream.cancel("enough", null);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            throw new UnsupportedOperationException();
        }
    }
}
