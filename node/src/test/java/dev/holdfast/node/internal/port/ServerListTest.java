package dev.holdfast.node.internal.port;

import static dev.holdfast.node.internal.port.PortFixture.CLUSTER;
import static dev.holdfast.node.internal.port.PortFixture.PATIENCE;
import static dev.holdfast.node.internal.port.PortFixture.SESSION;
import static dev.holdfast.node.internal.port.PortFixture.batch;
import static dev.holdfast.node.internal.port.PortFixture.failure;
import static dev.holdfast.node.internal.port.PortFixture.get;
import static dev.holdfast.node.internal.port.PortFixture.options;
import static dev.holdfast.node.internal.port.PortFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.remote.RemoteTransport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.SubmitReply;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of peers with wrong entries in them. */
final class ServerListTest {
    private static final String OTHER_CLUSTER = "cluster-2";

    /** Short, for entries that are waited for in vain. */
    private static final Duration SHORT = Duration.ofMillis(400);

    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    /** What may be at a wrong address. */
    private enum Wrong {
        UNKNOWN_HOST("unknown host"),
        NOBODY("connection refused"),
        MUTE("within"),
        HANGS_UP("hung up"),
        WEB_SERVER("does not speak HTTP/2"),
        OTHER_GRPC_SERVER("is not a port for Holdfast clients"),
        OTHER_CLUSTER_BY_ID("belongs to cluster");

        final String reason;

        Wrong(String reason) {
            this.reason = reason;
        }
    }

    private HostPort wrong(Wrong kind) throws IOException {
        return switch (kind) {
            case UNKNOWN_HOST -> new HostPort("no-such-host.invalid", 7201);
            case NOBODY -> local(freePort());
            case MUTE -> local(fixture.closing(socket()).getLocalPort());
            case HANGS_UP -> local(answering(""));
            case WEB_SERVER -> local(answering("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
            case OTHER_GRPC_SERVER -> local(otherGrpcServer());
            case OTHER_CLUSTER_BY_ID ->
                fixture.peer("x", OTHER_CLUSTER, limits -> limits).address();
        };
    }

    private static HostPort local(int port) {
        return new HostPort("127.0.0.1", port);
    }

    private static ServerSocket socket() throws IOException {
        return new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = socket()) {
            return socket.getLocalPort();
        }
    }

    private int answering(String text) throws IOException {
        ServerSocket server = fixture.closing(socket());
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    try (Socket socket = server.accept()) {
                        int unused = socket.getInputStream().read(new byte[1000]);
                        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
                    }
                }
            } catch (IOException e) {
                // The test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    private int otherGrpcServer() throws IOException {
        Server server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .build()
                .start();
        fixture.closing((AutoCloseable) server::shutdownNow);
        return server.getPort();
    }

    private RemoteTransport client(RemoteOptions options, HostPort... addresses) {
        return fixture.closing(RemotePeers.leader(List.of(addresses), options, fixture.timers));
    }

    /** Asks again and again, as callers do. Only an answer ends that; a refusal would have been final. */
    private static void answersWithoutRefusal(RemoteTransport client) {
        List<TransportException> failures = new ArrayList<>();
        soon().until(() -> {
            CompletableFuture<SubmitReply> reply = client.submit(batch(1));
            try {
                get(reply);
                return true;
            } catch (TransportException e) {
                failures.add(e);
                return false;
            }
        });
        assertThat(failures).noneMatch(failure -> failure.kind() == Kind.REFUSED);
    }

    @ParameterizedTest
    @EnumSource
    void a_wrong_entry_does_not_keep_anybody_from_the_right_one(Wrong kind) throws Exception {
        PortFixture.Peer right = fixture.peer("a");
        HostPort wrong = wrong(kind);
        RemoteOptions options = options().withConnectTimeout(SHORT).withClusterId(CLUSTER);

        answersWithoutRefusal(client(options, wrong, right.address()));
        answersWithoutRefusal(client(options, right.address(), wrong));
        answersWithoutRefusal(client(options, wrong, wrong(kind), right.address()));
    }

    @ParameterizedTest
    @EnumSource
    void what_is_wrong_with_an_entry_is_said(Wrong kind) throws Exception {
        HostPort wrong = wrong(kind);
        HostPort nobody = wrong(Wrong.NOBODY);
        RemoteOptions options =
                options().withClusterId(CLUSTER).withConnectTimeout(kind == Wrong.MUTE ? SHORT : PATIENCE);

        assertThat(failure(client(options, wrong, nobody).submit(batch(1))))
                .returns(Kind.UNREACHABLE, TransportException::kind)
                .hasMessageContaining(wrong.toString())
                .hasMessageContaining(kind.reason)
                .hasMessageContaining("cannot connect to " + nobody + ": connection refused");
    }

    @Test
    void a_right_entry_that_goes_away_for_a_while_is_not_given_up_for_a_wrong_one() throws Exception {
        PortFixture.Peer right = fixture.peer("a");
        RemoteTransport client = client(options(), wrong(Wrong.OTHER_GRPC_SERVER), right.address());
        answersWithoutRefusal(client);
        int port = right.port.port();
        right.port.close();
        List<Kind> kinds = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            kinds.add(failure(client.submit(batch(1))).kind());
        }
        assertThat(kinds).doesNotContain(Kind.REFUSED);

        right.listen(port, CLUSTER, PortLimits.defaults());
        answersWithoutRefusal(client);
    }

    @Test
    void if_all_refuse_the_caller_is_refused_and_told_each_reason() throws Exception {
        HostPort grpc = wrong(Wrong.OTHER_GRPC_SERVER);
        HostPort foreign = wrong(Wrong.OTHER_CLUSTER_BY_ID);
        RemoteTransport client = client(options().withClusterName("locks"), grpc, foreign);

        for (int i = 0; i < 3; i++) {
            assertThat(failure(client.submit(batch(1))))
                    .returns(Kind.REFUSED, TransportException::kind)
                    .hasMessageContaining(grpc + " is not a port for Holdfast clients")
                    .hasMessageContaining(foreign.toString())
                    .hasMessageContaining("'name-of-cluster-2'")
                    .hasMessageContaining("'locks'");
        }
    }

    @Test
    void a_cluster_is_found_by_its_name_among_others() {
        PortFixture.Peer foreign = fixture.peer("x", OTHER_CLUSTER, limits -> limits);
        PortFixture.Peer right = fixture.peer("a");
        RemoteOptions options = options().withClusterName("name-of-" + CLUSTER);

        answersWithoutRefusal(client(options, foreign.address(), right.address()));
        answersWithoutRefusal(client(options, right.address(), foreign.address()));

        assertThat(right.transport.submitted).hasSize(2);
        assertThat(foreign.transport.submitted).isEmpty();
    }

    @Test
    void a_list_of_two_clusters_is_refused_in_both_orders_and_neither_gets_anything() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b", OTHER_CLUSTER, limits -> limits);

        for (RemoteTransport client :
                List.of(client(options(), a.address(), b.address()), client(options(), b.address(), a.address()))) {
            for (int i = 0; i < 3; i++) {
                assertThat(failure(client.submit(batch(1))))
                        .returns(Kind.REFUSED, TransportException::kind)
                        .hasMessageContaining("two clusters")
                        .hasMessageContaining("'name-of-cluster-1' (cluster-1) at " + a.address())
                        .hasMessageContaining("'name-of-cluster-2' (cluster-2) at " + b.address());
                assertThat(failure(client.keepAlive(SESSION)).kind()).isEqualTo(Kind.REFUSED);
            }
            RecordingSink sink = new RecordingSink();
            client.subscribe(SESSION, 0, sink);
            soon().untilAsserted(() ->
                    assertThat(sink.breaks).singleElement().returns(Kind.REFUSED, TransportException::kind));
        }
        assertThat(a.transport.submitted).isEmpty();
        assertThat(b.transport.submitted).isEmpty();
        assertThat(a.transport.subscriptions).isEmpty();
        assertThat(b.transport.subscriptions).isEmpty();
    }

    @Test
    void an_entry_that_turns_out_later_to_be_of_another_cluster_ends_the_service_until_it_is_corrected()
            throws Exception {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b");
        int port = b.port.port();
        b.port.close();
        RemoteTransport client = client(options(), a.address(), local(port));
        get(client.submit(batch(1)));
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        soon().until(() -> a.transport.subscriptions.size() == 1);
        a.transport.onSubmit = batch -> new CompletableFuture<>();
        CompletableFuture<SubmitReply> underWay = client.submit(batch(2));
        soon().until(() -> a.transport.submitted.size() == 2);

        b.listen(port, OTHER_CLUSTER, PortLimits.defaults().withCloseGrace(Duration.ofMillis(50)));

        assertThat(failure(underWay)).returns(Kind.OUTCOME_UNKNOWN, TransportException::kind);
        soon().untilAsserted(
                        () -> assertThat(sink.breaks).singleElement().returns(Kind.REFUSED, TransportException::kind));
        assertThat(failure(client.submit(batch(3))))
                .returns(Kind.REFUSED, TransportException::kind)
                .hasMessageContaining("two clusters");
        b.port.close();
        assertThat(failure(client.submit(batch(4))).kind()).isEqualTo(Kind.REFUSED);
        assertThat(a.transport.submitted).hasSize(2);
        assertThat(b.transport.submitted).isEmpty();

        b.listen(port, CLUSTER, PortLimits.defaults());
        a.transport.onSubmit = batch -> CompletableFuture.completedFuture(FakeTransport.acknowledged(batch));
        soon().ignoreExceptions().until(() -> get(client.submit(batch(5))) != null);
    }

    @Test
    void a_dead_entry_does_not_hold_up_the_first_request_for_as_long_as_a_connection_may_take() throws Exception {
        PortFixture.Peer right = fixture.peer("a");
        PortFixture.Peer second = fixture.peer("b");
        RemoteTransport client = client(options(), right.address(), wrong(Wrong.MUTE), second.address());

        long start = System.nanoTime();
        get(client.submit(batch(1)));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE.dividedBy(2));
    }

    @Test
    void connections_that_only_served_the_greeting_are_closed() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b");
        RemoteTransport client = client(options().withConnectTimeout(Duration.ofSeconds(1)), a.address(), b.address());
        soon().ignoreExceptions().until(() -> get(client.submit(batch(1))) != null);
        PortFixture.Peer asked = client.believedLeader().equals(a.address()) ? a : b;
        PortFixture.Peer greeted = asked == a ? b : a;

        soon().until(() -> greeted.port.connections() == 0);
        assertThat(asked.port.connections()).isEqualTo(1);
        get(client.submit(batch(2)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-host.invalid", "fe80::1%nosuch0"})
    void an_unknown_host_makes_grpc_log_nothing(String host) {
        Logger grpc = Logger.getLogger("io.grpc");
        List<LogRecord> records = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                records.add(record);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        grpc.addHandler(handler);
        try {
            HostPort unknown = new HostPort(host, 7201);
            RemoteTransport client = client(options(), unknown);
            for (int i = 0; i < 5; i++) {
                assertThat(failure(client.submit(batch(1))))
                        .hasMessageContaining("cannot connect to " + unknown + ": unknown host");
            }
        } finally {
            grpc.removeHandler(handler);
        }
        assertThat(records).isEmpty();
    }
}
