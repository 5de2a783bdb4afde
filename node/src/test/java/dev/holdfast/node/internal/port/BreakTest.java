package dev.holdfast.node.internal.port;

import static dev.holdfast.node.internal.port.PortFixture.CLUSTER;
import static dev.holdfast.node.internal.port.PortFixture.PATIENCE;
import static dev.holdfast.node.internal.port.PortFixture.SESSION;
import static dev.holdfast.node.internal.port.PortFixture.batch;
import static dev.holdfast.node.internal.port.PortFixture.event;
import static dev.holdfast.node.internal.port.PortFixture.failure;
import static dev.holdfast.node.internal.port.PortFixture.failureKind;
import static dev.holdfast.node.internal.port.PortFixture.get;
import static dev.holdfast.node.internal.port.PortFixture.options;
import static dev.holdfast.node.internal.port.PortFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SubmitReply;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connections that break, peers that are away, slow or silent, and ends that are closed. */
final class BreakTest {
    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    private Transport client(PortFixture.Peer peer, RemoteOptions options) {
        return fixture.closing(RemotePeers.peer(peer.address(), options, fixture.timers));
    }

    @Test
    void a_break_leaves_sent_requests_unknown_and_breaks_subscriptions_once() {
        PortFixture.Peer peer = fixture.peer("a");
        Transport client = client(peer, options());
        peer.transport.onSubmit = batch -> new CompletableFuture<>();
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        CompletableFuture<SubmitReply> submit = client.submit(batch(1));
        soon().until(() -> peer.transport.submitted.size() == 1 && peer.transport.subscriptions.size() == 1);

        peer.port.close();

        assertThat(failureKind(submit)).isEqualTo(Kind.OUTCOME_UNKNOWN);
        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        soon().until(() -> peer.transport.subscriptions.get(0).closed);
        client.close();
        assertThat(sink.breaks).hasSize(1);
        assertThat(sink.breaks.get(0).worthRetrying()).isTrue();
    }

    @Test
    void a_closing_port_lets_requests_under_way_finish_and_takes_no_others() throws Exception {
        PortFixture.Peer peer = fixture.peer("a", limits -> limits.withCloseGrace(PATIENCE));
        Transport client = client(peer, options());
        CompletableFuture<SubmitReply> applied = new CompletableFuture<>();
        peer.transport.onSubmit = batch -> applied;
        CompletableFuture<SubmitReply> submit = client.submit(batch(1));
        soon().until(() -> peer.transport.submitted.size() == 1);

        Thread closer = new Thread(peer.port::close);
        closer.start();
        soon().untilAsserted(
                        () -> assertThat(failureKind(client.keepAlive(SESSION))).isEqualTo(Kind.NO_LEADER));
        applied.complete(FakeTransport.acknowledged(batch(1)));

        assertThat(get(submit)).isEqualTo(FakeTransport.acknowledged(batch(1)));
        closer.join(PATIENCE.toMillis());
        assertThat(closer.isAlive()).isFalse();
        assertThat(peer.port.connections()).isZero();
    }

    @Test
    void closing_an_idle_port_takes_no_grace() {
        PortFixture.Peer peer = fixture.peer("a", limits -> limits.withCloseGrace(PATIENCE));
        Transport client = client(peer, options());
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        get(client.keepAlive(SESSION));

        long start = System.nanoTime();
        peer.port.close();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE.dividedBy(2));
        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
    }

    @Test
    void a_client_that_closes_fails_what_is_under_way() {
        PortFixture.Peer peer = fixture.peer("a");
        Transport client = client(peer, options());
        peer.transport.onSubmit = batch -> new CompletableFuture<>();
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        CompletableFuture<SubmitReply> submit = client.submit(batch(1));
        soon().until(() -> peer.transport.submitted.size() == 1);

        client.close();

        assertThat(failureKind(submit)).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failureKind(client.keepAlive(SESSION))).isEqualTo(Kind.CLOSED);
        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        assertThat(sink.breaks.get(0).kind()).isEqualTo(Kind.CLOSED);
        RecordingSink late = new RecordingSink();
        client.subscribe(SESSION, 0, late);
        soon().untilAsserted(() -> assertThat(late.breaks).hasSize(1));
        soon().until(() -> peer.port.connections() == 0 && peer.transport.subscriptions.get(0).closed);
    }

    @Test
    void a_peer_that_is_away_is_unreachable_until_it_is_back() {
        PortFixture.Peer peer = fixture.peer("a");
        Transport client = client(peer, options());
        get(client.submit(batch(1)));
        int number = peer.port.port();
        peer.port.close();

        soon().untilAsserted(
                        () -> assertThat(failureKind(client.submit(batch(2)))).isEqualTo(Kind.UNREACHABLE));
        long start = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            assertThat(failureKind(client.submit(batch(2)))).isEqualTo(Kind.UNREACHABLE);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE.dividedBy(2));

        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        assertThat(sink.breaks.get(0).kind()).isEqualTo(Kind.UNREACHABLE);

        peer.listen(number, CLUSTER, PortLimits.defaults());
        answersSoon(client);
    }

    private static void answersSoon(Transport client) {
        soon().ignoreExceptions().until(() -> get(client.keepAlive(SESSION)) instanceof KeepAliveReply.Alive);
    }

    @Test
    void silence_after_a_request_is_the_end_of_the_connection() {
        PortFixture.Peer peer = fixture.peer("a");
        Transport client = client(peer, options().withRequestTimeout(Duration.ofMillis(100)));
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        answersSoon(client);
        peer.transport.onSubmit = batch -> new CompletableFuture<>();

        assertThat(failure(client.submit(batch(1))))
                .hasMessageContaining("100 ms")
                .returns(Kind.OUTCOME_UNKNOWN, f -> f.kind());

        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        assertThat(sink.breaks.get(0).kind()).isEqualTo(Kind.UNREACHABLE);
        answersSoon(client);
    }

    @Test
    void a_slow_answer_costs_only_its_own_request_while_others_come() {
        PortFixture.Peer peer = fixture.peer("a");
        Duration timeout = Duration.ofSeconds(1);
        Transport client = client(peer, options().withRequestTimeout(timeout));
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        soon().until(() -> peer.transport.subscriptions.size() == 1);
        peer.transport.onSubmit = batch -> new CompletableFuture<>();

        CompletableFuture<SubmitReply> submit = client.submit(batch(1));
        AtomicLong number = new AtomicLong();
        soon().until(() -> {
            peer.transport.subscriptions.get(0).emit(event(number.incrementAndGet()));
            return submit.isDone();
        });

        assertThat(failureKind(submit)).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(sink.breaks).isEmpty();
        NumberedEvent last = event(number.incrementAndGet());
        peer.transport.subscriptions.get(0).emit(last);
        soon().until(() -> sink.events.contains(last));
    }

    @Test
    void a_port_that_accepts_and_says_nothing_is_unreachable_after_the_connect_timeout() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            Transport client = fixture.closing(RemotePeers.peer(
                    new HostPort("127.0.0.1", mute.getLocalPort()),
                    options().withConnectTimeout(Duration.ofMillis(100)),
                    fixture.timers));

            assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.UNREACHABLE);
        }
    }

    @Test
    void a_port_of_something_else_is_unreachable() throws Exception {
        try (ServerSocket web = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> answerLikeAWebServer(web));
            server.setDaemon(true);
            server.start();
            Transport client = fixture.closing(
                    RemotePeers.peer(new HostPort("127.0.0.1", web.getLocalPort()), options(), fixture.timers));

            assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.UNREACHABLE);
        }
    }

    @Test
    void many_requests_at_the_moment_of_a_break_all_end() {
        PortFixture.Peer peer = fixture.peer("a");
        Transport client = client(peer, options());
        List<CompletableFuture<SubmitReply>> replies = new ArrayList<>();
        Thread closer = new Thread(peer.port::close);
        for (int i = 1; i <= 2000; i++) {
            replies.add(client.submit(batch(i)));
            if (i == 1000) {
                closer.start();
            }
        }

        soon().until(() -> replies.stream().allMatch(CompletableFuture::isDone));
    }

    private static void answerLikeAWebServer(ServerSocket web) {
        try {
            while (true) {
                Socket socket = web.accept();
                OutputStream out = socket.getOutputStream();
                out.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                socket.close();
            }
        } catch (IOException e) {
            // The test is over.
        }
    }
}
