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

import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.FailureFrame;
import dev.holdfast.client.v1.FailureKind;
import dev.holdfast.client.v1.HelloFrame;
import dev.holdfast.client.v1.KeepAliveFrame;
import dev.holdfast.client.v1.QueryFrame;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.SubmitFrame;
import dev.holdfast.client.v1.SubscribeFrame;
import dev.holdfast.node.support.RawClient;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.protocol.v1.EmptyProto;
import dev.holdfast.protocol.v1.SequencedCommandProto;
import dev.holdfast.protocol.v1.SessionBatchProto;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that do what they should not, while another one, which behaves, notices nothing. */
final class HostileClientTest {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final SessionId OTHER_SESSION = new SessionId(33, 44);
    private static final Logger ROOT = Logger.getLogger("");

    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    private final List<LogRecord> logged = new CopyOnWriteArrayList<>();
    private final Handler recorder = new RecordingHandler(logged);
    private final RecordingSink otherSink = new RecordingSink();
    private PortFixture.Peer peer;
    private Transport other;

    /** A peer with a well-behaved client on it. */
    private void start(PortLimits limits) {
        peer = fixture.peer("a", CLUSTER, defaults -> limits);
        other = fixture.closing(RemotePeers.peer(peer.address(), options(), fixture.timers));
        other.subscribe(OTHER_SESSION, 0, otherSink);
        soon().until(() -> !peer.transport.subscriptions.isEmpty());
        peer.transport.subscriptions.clear();
    }

    private void start() {
        start(PortLimits.defaults().withCloseGrace(Duration.ofMillis(50)));
    }

    private RawClient welcomed() throws InterruptedException {
        return fixture.closing(RawClient.welcomed(peer.address()));
    }

    @BeforeEach
    void record_what_grpc_logs() {
        ROOT.addHandler(recorder);
    }

    @AfterEach
    void the_other_client_and_the_log_noticed_nothing() {
        ROOT.removeHandler(recorder);
        assertThat(logged).extracting(LogRecord::getMessage).isEmpty();
        assertThat(get(other.keepAlive(SESSION))).isEqualTo(new KeepAliveReply.Alive(42));
        assertThat(otherSink.breaks).isEmpty();
    }

    @Test
    void a_newer_protocol_version_is_refused_by_name() throws Exception {
        start();
        RawClient client = fixture.closing(new RawClient(peer.address(), true));
        client.hello(2, "");

        assertRefusedAltogether(client, "version 1", "version 2");
    }

    @Test
    void another_cluster_is_refused_by_name() throws Exception {
        start();
        RawClient client = fixture.closing(new RawClient(peer.address(), true));
        client.hello(1, "cluster-2");

        assertRefusedAltogether(client, "cluster-1", "cluster-2");
    }

    @Test
    void a_client_of_another_cluster_hears_both_names_and_is_not_admitted_later() {
        start();
        Transport stranger =
                fixture.closing(RemotePeers.peer(peer.address(), options().withClusterId("cluster-2"), fixture.timers));

        assertThat(failure(stranger.submit(batch(1))))
                .returns(Kind.REFUSED, f -> f.kind())
                .hasMessageContaining("cluster-1")
                .hasMessageContaining("cluster-2");
        assertThat(failureKind(stranger.submit(batch(1)))).isEqualTo(Kind.REFUSED);
        assertThat(peer.transport.submitted).isEmpty();
    }

    @Test
    void a_client_that_wants_a_cluster_of_another_name_is_refused_by_the_peer_itself() throws Exception {
        start();
        RawClient client = fixture.closing(new RawClient(peer.address(), true));
        client.send(ClientFrame.newBuilder()
                .setHello(HelloFrame.newBuilder().setProtocolVersion(1).setClusterName("billing"))
                .build());

        assertRefusedAltogether(client, "'name-of-cluster-1' (cluster-1)", "'billing'");
    }

    @Test
    void the_welcome_tells_what_the_cluster_is_called() throws Exception {
        start();
        RawClient client = fixture.closing(new RawClient(peer.address(), true));
        client.send(ClientFrame.newBuilder()
                .setHello(HelloFrame.newBuilder().setProtocolVersion(1).setClusterName("name-of-cluster-1"))
                .build());

        assertThat(client.next().getWelcome())
                .returns("cluster-1", welcome -> welcome.getClusterId())
                .returns("name-of-cluster-1", welcome -> welcome.getClusterName());
    }

    @Test
    void a_request_before_the_hello_ends_the_connection() throws Exception {
        start();
        RawClient client = fixture.closing(new RawClient(peer.address(), true));
        client.send(keepAlive(1));

        assertRefusedAltogether(client, "hello");
    }

    @Test
    void breaches_of_the_conversation_end_the_connection() throws Exception {
        start();
        ClientFrame hello = ClientFrame.newBuilder()
                .setHello(HelloFrame.newBuilder().setProtocolVersion(1))
                .build();
        for (ClientFrame breach : List.of(hello, ClientFrame.getDefaultInstance(), keepAlive(0), subscribe(0))) {
            RawClient client = welcomed();
            client.send(breach);
            assertRefusedAltogether(client, "");
        }
        RawClient twice = welcomed();
        twice.send(subscribe(5));
        twice.send(subscribe(5));
        assertRefusedAltogether(twice, "5");
        soon().until(() -> peer.transport.subscriptions.stream().allMatch(s -> s.closed));
    }

    @Test
    void a_client_that_never_says_hello_is_sent_away() throws Exception {
        start(PortLimits.defaults().withHelloTimeout(Duration.ofMillis(50)));
        RawClient client = fixture.closing(new RawClient(peer.address(), true));

        assertThat(client.next().getFailure().getMessage()).contains("no hello within 50 ms");
        assertThat(status(client).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        soon().until(() -> peer.port.connections() == 1);
    }

    @Test
    void a_malformed_request_is_refused_and_the_connection_goes_on() throws Exception {
        start();
        RawClient client = welcomed();
        client.send(submit(1, SessionBatchProto.newBuilder().addCommands(SequencedCommandProto.getDefaultInstance())));
        client.send(ClientFrame.newBuilder()
                .setQuery(QueryFrame.newBuilder().setRequestId(2))
                .build());
        client.send(keepAlive(3));

        assertRefused(client.next(), 1);
        assertRefused(client.next(), 2);
        assertThat(client.next().getKeepAliveReply().getRequestId()).isEqualTo(3);
    }

    @Test
    void a_batch_over_the_limits_is_refused_and_the_connection_goes_on() throws Exception {
        start();
        RawClient client = welcomed();
        SessionBatchProto.Builder many = SessionBatchProto.newBuilder();
        for (int i = 0; i <= Limits.COMMANDS_PER_BATCH_MAX; i++) {
            many.addCommands(
                    SequencedCommandProto.newBuilder().setSequence(i).setAcknowledge(EmptyProto.getDefaultInstance()));
        }
        client.send(submit(1, many));
        client.send(submit(2, hugeBatch(Limits.BATCH_BYTES_MAX)));
        client.send(keepAlive(3));

        assertRefused(client.next(), 1);
        assertRefused(client.next(), 2);
        assertThat(client.next().getKeepAliveReply().getRequestId()).isEqualTo(3);
        assertThat(peer.transport.submitted).isEmpty();
    }

    @Test
    void a_frame_beyond_all_bounds_ends_only_its_own_stream() throws Exception {
        start();
        RawClient client = welcomed();
        client.send(submit(1, hugeBatch(5 * 1024 * 1024)));

        assertThat(status(client).getCode()).isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
        soon().until(() -> peer.port.connections() == 1);
    }

    @Test
    void more_requests_than_are_allowed_fail_as_busy_and_the_rest_go_on() {
        start(PortLimits.defaults().withRequestsMax(4).withCloseGrace(Duration.ofMillis(50)));
        CompletableFuture<SubmitReply> applied = new CompletableFuture<>();
        peer.transport.onSubmit = batch -> applied;
        List<CompletableFuture<SubmitReply>> replies = LongStream.rangeClosed(1, 10)
                .mapToObj(sequence -> other.submit(batch(sequence)))
                .toList();

        soon().until(() -> replies.stream().filter(CompletableFuture::isDone).count() == 6);
        assertThat(replies.subList(4, 10))
                .allSatisfy(reply -> assertThat(failureKind(reply)).isEqualTo(Kind.BUSY));
        assertThat(peer.transport.submitted).hasSize(4);
        applied.complete(FakeTransport.acknowledged(batch(1)));
        replies.subList(0, 4).forEach(PortFixture::get);
    }

    @Test
    void more_queries_than_are_allowed_fail_as_busy_and_other_requests_go_on() {
        start(PortLimits.defaults().withQueriesMax(2).withCloseGrace(Duration.ofMillis(50)));
        CompletableFuture<Answer> listed = new CompletableFuture<>();
        peer.transport.onQuery = query -> listed;
        List<CompletableFuture<Answer>> answers = LongStream.rangeClosed(1, 5)
                .mapToObj(number -> other.query(new Query.Summary()))
                .toList();

        soon().until(() -> answers.stream().filter(CompletableFuture::isDone).count() == 3);
        assertThat(answers.subList(2, 5))
                .allSatisfy(answer -> assertThat(failureKind(answer)).isEqualTo(Kind.BUSY));
        get(other.submit(batch(1)));
        listed.complete(new Answer.LockablePage(List.of(), false));
        answers.subList(0, 2).forEach(PortFixture::get);
        get(other.query(new Query.Summary()));
    }

    @Test
    void more_subscriptions_than_are_allowed_break_as_busy() {
        start(PortLimits.defaults().withSubscriptionsMax(2));
        RecordingSink first = new RecordingSink();
        RecordingSink second = new RecordingSink();
        other.subscribe(SESSION, 0, first);
        other.subscribe(SESSION, 0, second);

        soon().untilAsserted(() -> assertThat(second.breaks).hasSize(1));
        assertThat(second.breaks.get(0).kind()).isEqualTo(Kind.BUSY);
        assertThat(first.breaks).isEmpty();
    }

    @Test
    void more_connections_than_are_allowed_are_told_that_the_peer_is_busy() throws Exception {
        start(PortLimits.defaults().withConnectionsMax(1));
        Transport surplus = fixture.closing(RemotePeers.peer(peer.address(), options(), fixture.timers));

        assertThat(failureKind(surplus.keepAlive(SESSION))).isEqualTo(Kind.BUSY);
        soon().until(() -> peer.port.connections() == 1);
    }

    @Test
    void a_client_that_never_reads_loses_its_connection_and_nothing_else() throws Exception {
        start(PortLimits.defaults().withUnreadBytesMax(100_000).withCloseGrace(Duration.ofMillis(50)));
        RawClient client = fixture.closing(new RawClient(peer.address(), false));
        client.hello(1, "");
        client.send(subscribe(5));
        soon().until(() -> peer.transport.subscriptions.size() == 1);
        NumberedEvent[] events =
                LongStream.rangeClosed(1, 1000).mapToObj(PortFixture::event).toArray(NumberedEvent[]::new);

        soon().until(() -> {
            peer.transport.subscriptions.get(0).emit(events);
            return peer.transport.subscriptions.get(0).closed;
        });

        get(other.keepAlive(SESSION));
        client.read(1_000_000);
        assertThat(status(client).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        List<ServerFrame> frames = new ArrayList<>(client.frames);
        assertThat(frames.get(frames.size() - 1).getFailure().getMessage()).contains("read its stream");
        soon().until(() -> peer.port.connections() == 1);
    }

    @Test
    void a_client_that_reads_nothing_for_long_loses_its_connection_however_little_waits() throws Exception {
        start(PortLimits.defaults().withReadTimeout(Duration.ofMillis(50)).withCloseGrace(Duration.ofMillis(50)));
        RawClient client = fixture.closing(new RawClient(peer.address(), false));
        client.hello(1, "");
        client.send(subscribe(5));
        soon().until(() -> peer.transport.subscriptions.size() == 1);
        NumberedEvent[] events =
                LongStream.rangeClosed(1, 1000).mapToObj(PortFixture::event).toArray(NumberedEvent[]::new);
        // More than the network takes by itself, and far less than may wait.
        for (int i = 0; i < 100; i++) {
            peer.transport.subscriptions.get(0).emit(events);
        }

        soon().until(() -> peer.transport.subscriptions.get(0).closed);

        client.read(1_000_000);
        assertThat(status(client).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        List<ServerFrame> frames = new ArrayList<>(client.frames);
        assertThat(frames.get(frames.size() - 1).getFailure().getMessage()).contains("did not read its stream");
    }

    @Test
    void a_client_that_ends_its_half_still_gets_its_replies() throws Exception {
        start();
        CompletableFuture<KeepAliveReply> late = new CompletableFuture<>();
        peer.transport.onKeepAlive = session -> late;
        RawClient client = welcomed();
        client.send(subscribe(5));
        client.send(keepAlive(1));
        client.finish();
        soon().until(() -> peer.transport.subscriptions.size() == 1 && peer.transport.subscriptions.get(0).closed);

        late.complete(new KeepAliveReply.Gone());

        assertThat(client.next().getKeepAliveReply().hasGone()).isTrue();
        assertThat(status(client).isOk()).isTrue();
        peer.transport.onKeepAlive = session -> CompletableFuture.completedFuture(new KeepAliveReply.Alive(42));
    }

    @Test
    void a_client_that_disappears_leaves_nothing_behind() throws Exception {
        start();
        RawClient client = welcomed();
        client.send(subscribe(5));
        soon().until(() -> peer.transport.subscriptions.size() == 1);

        client.close();

        soon().until(() -> peer.port.connections() == 1 && peer.transport.subscriptions.get(0).closed);
        peer.transport.subscriptions.get(0).emit(event(1));
    }

    @Test
    void garbage_on_the_port_disturbs_nobody() throws Exception {
        start();
        Random random = new Random(7);
        for (int i = 0; i < 30; i++) {
            byte[] garbage = new byte[1 + random.nextInt(5000)];
            random.nextBytes(garbage);
            spill(i % 2 == 0 ? garbage : concatenated(PREFACE, garbage));
        }
        spill("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        spill(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
        for (int length = 1; length <= PREFACE.length; length++) {
            spill(Arrays.copyOf(PREFACE, length));
        }
        spill(concatenated(PREFACE, new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0}));
        get(other.keepAlive(SESSION));
        soon().until(() -> peer.port.connections() == 1);
    }

    @Test
    void bytes_that_are_no_frame_end_only_their_own_stream() throws Exception {
        start();
        byte[] whole = submit(1, hugeBatch(100)).toByteArray();
        byte[] truncated = Arrays.copyOf(whole, 50);
        byte[] garbage = new byte[200];
        new Random(3).nextBytes(garbage);

        for (byte[] bytes : List.of(truncated, garbage, new byte[0])) {
            RawClient client = welcomed();
            client.sendBytes(bytes);
            assertRefusedAltogether(client, "not a frame");
        }
    }

    /** Returns when the peer has hung up. */
    private void spill(byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), peer.port.port())) {
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            // It was quicker than this end.
        }
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static void assertRefused(ServerFrame frame, long requestId) {
        assertThat(frame.getFailure().getRequestId()).isEqualTo(requestId);
        assertThat(frame.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_REFUSED);
    }

    private static void assertRefusedAltogether(RawClient client, String... words) throws Exception {
        ServerFrame frame = client.next();
        FailureFrame failure = frame.getFailure();
        assertThat(frame.hasFailure()).as("%s", frame).isTrue();
        assertThat(failure.getRequestId()).isZero();
        assertThat(failure.getKind()).isEqualTo(FailureKind.FAILURE_KIND_REFUSED);
        assertThat(failure.getMessage()).contains(words);
        assertThat(status(client).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    private static Status status(RawClient client) throws Exception {
        return client.end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static ClientFrame keepAlive(long requestId) {
        return ClientFrame.newBuilder()
                .setKeepAlive(
                        KeepAliveFrame.newBuilder().setRequestId(requestId).setSession(TermCodec.encode(SESSION)))
                .build();
    }

    private static ClientFrame subscribe(long id) {
        return ClientFrame.newBuilder()
                .setSubscribe(SubscribeFrame.newBuilder().setSubscriptionId(id).setSession(TermCodec.encode(SESSION)))
                .build();
    }

    private static ClientFrame submit(long requestId, SessionBatchProto.Builder batch) {
        return ClientFrame.newBuilder()
                .setSubmit(SubmitFrame.newBuilder()
                        .setRequestId(requestId)
                        .setBatch(batch.build().toByteString()))
                .build();
    }

    private static SessionBatchProto.Builder hugeBatch(int bytes) {
        SequencedCommandProto.Builder command =
                SequencedCommandProto.newBuilder().setSequence(1);
        command.getOpenSessionBuilder().setName("x".repeat(bytes));
        return SessionBatchProto.newBuilder().addCommands(command);
    }

    private static final class RecordingHandler extends Handler {
        private final List<LogRecord> records;

        RecordingHandler(List<LogRecord> records) {
            this.records = records;
        }

        @Override
        public void publish(LogRecord record) {
            records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
