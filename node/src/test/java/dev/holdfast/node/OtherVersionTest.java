package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.FailureFrame;
import dev.holdfast.client.v1.FailureKind;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.WelcomeFrame;
import dev.holdfast.node.support.RawClient;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Peers of releases that are not there yet, or are gone: what the user of a thin client is told. */
@Tag("long")
class OtherVersionTest {
    private final ScheduledExecutorService timers = TimerThread.newDaemon("test");
    private Server server;

    @AfterEach
    void stop() {
        server.shutdownNow();
        timers.shutdownNow();
    }

    /** A peer that answers a hello like that, and then ends the stream if it was a failure. */
    private void serve(Function<ClientFrame, ServerFrame> answer) throws IOException {
        server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .addService(new HoldfastGrpc.HoldfastImplBase() {
                    @Override
                    public StreamObserver<ClientFrame> connect(StreamObserver<ServerFrame> client) {
                        return new StreamObserver<>() {
                            @Override
                            public void onNext(ClientFrame frame) {
                                ServerFrame said = answer.apply(frame);
                                client.onNext(said);
                                if (said.hasFailure()) {
                                    client.onCompleted();
                                }
                            }

                            @Override
                            public void onError(Throwable cause) {}

                            @Override
                            public void onCompleted() {}
                        };
                    }
                })
                .build()
                .start();
    }

    private void assertToldWhy(Duration requestTimeout, String... words) {
        HostPort address = new HostPort("127.0.0.1", server.getPort());
        RemoteOptions patient = RemoteOptions.named("test").withConnectTimeout(RawClient.PATIENCE);
        try (HoldfastClient client = Holdfast.client(
                RemotePeers.peer(address, patient, timers),
                ClientOptions.defaults().requestTimeout(requestTimeout))) {
            assertThatThrownBy(() -> client.createLock().acquire(client.processOwner(), new Lockable("a", "a")))
                    .isInstanceOf(LockException.class)
                    .hasMessageContaining(address.toString())
                    .satisfies(e -> assertThat(e.getMessage()).contains(words));
        }
    }

    @Test
    void a_newer_peer_that_refuses_this_client_is_quoted() throws Exception {
        serve(hello -> ServerFrame.newBuilder()
                .setFailure(FailureFrame.newBuilder()
                        .setKind(FailureKind.FAILURE_KIND_REFUSED)
                        .setMessage("this peer speaks protocol versions 2 to 3, the client asks for version "
                                + hello.getHello().getProtocolVersion()))
                .build());
        assertToldWhy(RawClient.PATIENCE, "versions 2 to 3", "version 1");
    }

    @Test
    void a_peer_that_welcomes_in_a_version_unknown_here_is_left_alone() throws Exception {
        serve(hello -> ServerFrame.newBuilder()
                .setWelcome(WelcomeFrame.newBuilder()
                        .setProtocolVersion(2)
                        .setClusterId("c")
                        .setPeerId("p"))
                .build());
        assertToldWhy(RawClient.PATIENCE, "version 2", "this client 1");
    }

    @Test
    void a_peer_that_answers_with_a_frame_unknown_here_is_left_alone() throws Exception {
        serve(hello -> ServerFrame.getDefaultInstance());
        // The client tries again for as long as its caller allows.
        assertToldWhy(Duration.ofSeconds(5), "a frame that is not known here");
    }
}
