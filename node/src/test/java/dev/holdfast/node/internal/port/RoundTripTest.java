package dev.holdfast.node.internal.port;

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
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.node.internal.port.FakeTransport.FakeSubscription;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SubmitReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One client and one peer that behave. */
final class RoundTripTest {
    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    private PortFixture.Peer peer;
    private Transport client;

    @BeforeEach
    void connect() {
        peer = fixture.peer("a", limits -> limits.withRequestsMax(1024));
        client = fixture.closing(RemotePeers.peer(peer.address(), options(), fixture.timers));
    }

    @Test
    void a_batch_goes_there_and_its_outcomes_come_back() {
        SessionBatch batch = new SessionBatch(
                SESSION,
                3,
                4,
                List.of(new SequencedCommand(
                        5, new Command.Release(LockableKey.mutex("k\u00e9y"), Owner.of("User", "1"), 9, 0))));

        assertThat(get(client.submit(batch))).isEqualTo(FakeTransport.acknowledged(batch));
        assertThat(peer.transport.submitted).containsExactly(batch);
    }

    @Test
    void a_query_is_answered() {
        assertThat(get(client.query(new Query.Summary())))
                .isEqualTo(new Answer.StateSummary(7, 8, 1, 9, 1, 2, 3, 4, 5, 6));
    }

    @Test
    void a_conflict_on_the_peer_s_class_path_is_told_to_the_client_and_the_connection_goes_on() {
        peer.transport.onQuery = query -> {
            throw new NoSuchMethodError("of an older release");
        };

        TransportException failure = failure(client.query(new Query.Summary()));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure).hasMessageContaining("class path").hasMessageContaining("of an older release");
        assertThat(get(client.keepAlive(SESSION))).isEqualTo(new KeepAliveReply.Alive(42));
    }

    @Test
    void a_keep_alive_is_answered_alive_or_gone() {
        assertThat(get(client.keepAlive(SESSION))).isEqualTo(new KeepAliveReply.Alive(42));

        peer.transport.onKeepAlive = session -> CompletableFuture.completedFuture(new KeepAliveReply.Gone());
        assertThat(get(client.keepAlive(SESSION))).isEqualTo(new KeepAliveReply.Gone());

        peer.transport.onKeepAlive = session -> CompletableFuture.completedFuture(new KeepAliveReply.Alive(0));
        assertThat(get(client.keepAlive(SESSION))).isEqualTo(new KeepAliveReply.Alive(0));
    }

    @Test
    void requests_reach_the_peer_in_the_order_in_which_they_were_made() {
        List<CompletableFuture<SubmitReply>> replies = LongStream.rangeClosed(1, 500)
                .mapToObj(sequence -> client.submit(batch(sequence)))
                .toList();
        replies.forEach(PortFixture::get);

        assertThat(peer.transport.submitted)
                .extracting(submitted -> submitted.commands().get(0).sequence())
                .isSorted()
                .hasSize(500);
    }

    @Test
    void events_come_in_order_until_the_subscription_is_closed() {
        RecordingSink sink = new RecordingSink();
        Transport.Subscription subscription = client.subscribe(SESSION, 6, sink);
        FakeSubscription atPeer = subscriptionAtPeer();

        assertThat(atPeer.session).isEqualTo(SESSION);
        assertThat(atPeer.afterNumber).isEqualTo(6);
        atPeer.emit(event(7), event(8));
        atPeer.emit(event(9));
        soon().untilAsserted(() -> assertThat(sink.events).containsExactly(event(7), event(8), event(9)));

        subscription.close();
        soon().until(() -> atPeer.closed);
        atPeer.emit(event(10));
        get(client.keepAlive(SESSION));
        assertThat(sink.events).hasSize(3);
        assertThat(sink.breaks).isEmpty();
    }

    @Test
    void a_pile_of_events_comes_in_pieces() {
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        List<NumberedEvent> pile =
                LongStream.rangeClosed(1, 5000).mapToObj(PortFixture::event).toList();

        subscriptionAtPeer().sink.onEvents(pile);

        soon().untilAsserted(() -> assertThat(sink.events).hasSize(5000));
        assertThat(sink.events).isEqualTo(pile);
    }

    @Test
    void a_peer_that_ceases_to_lead_breaks_the_subscription() {
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);

        subscriptionAtPeer().sink.onBroken(FakeTransport.notLeading());

        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        assertThat(sink.breaks.get(0).kind()).isEqualTo(Kind.NO_LEADER);
        assertThat(get(client.keepAlive(SESSION))).isEqualTo(new KeepAliveReply.Alive(42));
    }

    @Test
    void a_subscription_where_nobody_leads_breaks_after_the_call_has_returned() {
        peer.transport.leads = false;
        RecordingSink sink = new RecordingSink();

        client.subscribe(SESSION, 0, sink);

        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        assertThat(sink.breaks.get(0).kind()).isEqualTo(Kind.NO_LEADER);
    }

    @Test
    void every_kind_of_failure_arrives_as_what_it_is() {
        for (Kind kind : Kind.values()) {
            peer.transport.onSubmit = batch -> CompletableFuture.failedFuture(new TransportException(kind, "because"));

            TransportException failure = failure(client.submit(batch(1)));

            // A peer that was closed is not the end for a client.
            assertThat(failure.kind()).isEqualTo(kind == Kind.CLOSED ? Kind.OUTCOME_UNKNOWN : kind);
            assertThat(failure)
                    .hasMessageContaining("because")
                    .hasMessageContaining(peer.address().toString());
        }
    }

    @Test
    void a_failure_that_nobody_foresaw_leaves_the_outcome_unknown() {
        peer.transport.onSubmit = batch -> CompletableFuture.failedFuture(new IllegalStateException("oops"));
        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.OUTCOME_UNKNOWN);

        peer.transport.onSubmit = batch -> {
            throw new IllegalStateException("oops");
        };
        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void a_batch_that_is_too_large_is_refused_before_it_is_sent() {
        int tooMany = Limits.COMMANDS_PER_BATCH_MAX + 1;
        assertThat(failureKind(client.submit(batch(1, tooMany)))).isEqualTo(Kind.REFUSED);

        Command.ForceRelease huge = new Command.ForceRelease(LockableKey.mutex("x".repeat(Limits.BATCH_BYTES_MAX)), 0);
        SessionBatch tooLong = new SessionBatch(SESSION, 0, 0, List.of(new SequencedCommand(1, huge)));
        assertThat(failureKind(client.submit(tooLong))).isEqualTo(Kind.REFUSED);

        assertThat(get(client.submit(batch(1, Limits.COMMANDS_PER_BATCH_MAX))).outcomes())
                .hasSize(Limits.COMMANDS_PER_BATCH_MAX);
        assertThat(peer.transport.submitted).hasSize(1);
    }

    @Test
    void an_answer_that_is_too_large_is_refused() {
        String text = "x".repeat(1 << 20);
        List<Answer.LockableView> views = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            views.add(new Answer.LockableView(LockableKey.mutex(text), 0, List.of(), 0, List.of()));
        }
        peer.transport.onQuery = query -> CompletableFuture.completedFuture(new Answer.LockablePage(views, false));

        assertThat(failureKind(client.query(new Query.ListLockables("", null, 17))))
                .isEqualTo(Kind.REFUSED);
        peer.transport.onQuery =
                query -> CompletableFuture.completedFuture(new Answer.LockablePage(views.subList(0, 15), false));
        assertThat(get(client.query(new Query.ListLockables("", null, 15)))).isInstanceOf(Answer.LockablePage.class);
    }

    @Test
    void an_ipv6_address_works() throws Exception {
        ClientPort port = fixture.closing(ClientPort.builder()
                .host("::1")
                .port(0)
                .clusterId(() -> PortFixture.CLUSTER)
                .peerId("six")
                .group((caller, address) -> new FakeTransport(), () -> null)
                .build());
        try {
            port.start();
        } catch (IOException e) {
            Assumptions.abort("no IPv6 here");
        }
        Transport six =
                fixture.closing(RemotePeers.peer(HostPort.parse("[::1]:" + port.port()), options(), fixture.timers));
        assertThat(get(six.keepAlive(SESSION))).isEqualTo(new KeepAliveReply.Alive(42));
    }

    private FakeSubscription subscriptionAtPeer() {
        soon().until(() -> !peer.transport.subscriptions.isEmpty());
        return peer.transport.subscriptions.get(0);
    }
}
