package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Validity;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.tls.TlsMaterial;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.WelcomeFrame;
import dev.holdfast.client.wire.HostLookup;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer is reached by a name, of which a name service of the test's own says what it means. */
final class HostNamesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String DEAD = "127.0.0.2";
    private static final String ALIVE = "127.0.0.1";

    /** Something takes connections there, and says nothing. */
    private static final String MUTE = "127.0.0.3";

    @TempDir
    private Path folder;

    private final Map<String, List<String>> names = new ConcurrentHashMap<>();
    private final HostLookup hosts = new HostLookup(this::find, Runnable::run);
    private final ScheduledExecutorService timers = TimerThread.newDaemon("test");
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        timers.shutdownNow();
    }

    private InetAddress[] find(String host) throws UnknownHostException {
        List<String> addresses = names.getOrDefault(host, List.of());
        InetAddress[] found = new InetAddress[addresses.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = InetAddress.getByName(addresses.get(i));
        }
        return found;
    }

    /** Welcomes whoever says hello. */
    private static final class Welcoming extends HoldfastGrpc.HoldfastImplBase {
        private final String peerId;

        Welcoming(String peerId) {
            this.peerId = peerId;
        }

        @Override
        public StreamObserver<ClientFrame> connect(StreamObserver<ServerFrame> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(ClientFrame frame) {
                    answers.onNext(ServerFrame.newBuilder()
                            .setWelcome(WelcomeFrame.newBuilder()
                                    .setProtocolVersion(1)
                                    .setClusterId("cluster")
                                    .setPeerId(peerId)
                                    .setGroups(1))
                            .build());
                }

                @Override
                public void onError(Throwable cause) {}

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }

    private int serve(String address, int port, String peerId, ServerCredentials credentials) throws IOException {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(address, port), credentials)
                .addService(new Welcoming(peerId))
                .build()
                .start();
        open.push(server::shutdownNow);
        return server.getPort();
    }

    private int serve(String address, int port, String peerId) throws IOException {
        return serve(address, port, peerId, InsecureServerCredentials.create());
    }

    private static RemoteOptions options() {
        return RemoteOptions.named("test").withConnectTimeout(PATIENCE).withRequestTimeout(PATIENCE);
    }

    private RemotePeer peer(String host, int port, RemoteOptions options) {
        RemotePeer peer = new RemotePeer(
                new HostPort(host, port), options, timers, (address, said) -> null, (by, hint) -> {}, hosts);
        open.push(peer::close);
        return peer;
    }

    private static void reach(RemotePeer peer) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .ignoreExceptions()
                .until(() -> peer.groups().join() == 1);
    }

    @Test
    void a_name_that_is_not_known_yet_is_looked_up_again() throws Exception {
        RemotePeer peer = peer("db1.test", serve(ALIVE, 0, "a"), options());
        assertThatThrownBy(() -> peer.groups().join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("unknown host");

        names.put("db1.test", List.of(ALIVE, DEAD));
        reach(peer);
    }

    @Test
    void a_name_may_come_to_mean_another_address() throws Exception {
        int port = serve(ALIVE, 0, "before");
        serve(DEAD, port, "after");
        names.put("db1.test", List.of(ALIVE, ALIVE));
        RemotePeer peer = peer("db1.test", port, options());
        reach(peer);
        assertThat(peer.peerId()).isEqualTo("before");

        names.put("db1.test", List.of(DEAD, DEAD));
        peer.rest();
        reach(peer);
        assertThat(peer.peerId()).isEqualTo("after");
    }

    @Test
    void of_several_addresses_one_that_refuses_is_passed_over_at_once() throws Exception {
        names.put("db1.test", List.of(DEAD, ALIVE));
        RemotePeer peer = peer("db1.test", serve(ALIVE, 0, "a"), options());

        assertThat(peer.groups().join()).isOne();
    }

    @Test
    void if_all_addresses_refuse_the_peer_cannot_be_reached() throws Exception {
        int port = serve(ALIVE, 0, "a");
        names.put("db1.test", List.of(DEAD, MUTE));
        RemotePeer peer = peer("db1.test", port, options());

        assertThatThrownBy(() -> peer.groups().join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("connection refused");
    }

    @Test
    void of_several_addresses_one_that_says_nothing_is_passed_over_the_next_time() throws Exception {
        int port = serve(ALIVE, 0, "a");
        ServerSocket mute = new ServerSocket(port, 50, InetAddress.getByName(MUTE));
        open.push(mute);
        names.put("db1.test", List.of(MUTE, ALIVE));
        RemotePeer peer = peer("db1.test", port, options().withConnectTimeout(Duration.ofMillis(500)));

        reach(peer);
        assertThat(peer.peerId()).isEqualTo("a");
    }

    /** Not for the address, and not for whatever name the address has. */
    @Test
    void certificates_are_checked_for_the_name_whichever_of_its_addresses_answers() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("ours", Validity.ofDays(2));
        Path roots = Files.writeString(
                folder.resolve("ca.pem"), authority.credentials().certificatePem());
        Path certificate = folder.resolve("a.pem");
        Path key = folder.resolve("a.key");
        authority.member("a", List.of("db1.test"), Validity.ofDays(1)).writePem(certificate, key);
        int port = serve(
                ALIVE,
                0,
                "a",
                TlsMaterial.load(Tls.pem(certificate, key).trust(roots)).serverCredentials(null, refusal -> {}));
        names.put("db1.test", List.of(DEAD, ALIVE));
        names.put("db2.test", List.of(DEAD, ALIVE));
        RemoteOptions options = options().withTls(Tls.trusting(roots));

        assertThat(peer("db1.test", port, options).groups().join()).isOne();
        assertThatThrownBy(() -> peer("db2.test", port, options).groups().join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("db2.test");
    }
}
