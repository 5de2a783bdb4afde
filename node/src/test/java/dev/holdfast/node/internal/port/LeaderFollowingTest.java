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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.remote.RemoteTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.SubmitReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client of several peers. */
final class LeaderFollowingTest {
    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    private PortFixture.Peer follower(String id) {
        PortFixture.Peer peer = fixture.peer(id);
        peer.transport.leads = false;
        return peer;
    }

    private RemoteTransport client(PortFixture.Peer... peers) {
        return client(options(), peers);
    }

    private RemoteTransport client(RemoteOptions options, PortFixture.Peer... peers) {
        List<HostPort> addresses =
                Stream.of(peers).map(PortFixture.Peer::address).toList();
        return fixture.closing(RemotePeers.leader(addresses, options, fixture.timers));
    }

    @Test
    void a_hint_is_followed_on_the_next_attempt() {
        PortFixture.Peer a = follower("a");
        PortFixture.Peer b = follower("b");
        PortFixture.Peer c = fixture.peer("c");
        a.hint = c.asHint();
        RemoteTransport client = client(a, b, c);

        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.NO_LEADER);
        assertThat(client.believedLeader()).isEqualTo(c.address());
        get(client.submit(batch(1)));
        assertThat(b.transport.submitted).isEmpty();
    }

    @Test
    void a_hint_outside_the_list_is_followed() {
        PortFixture.Peer a = follower("a");
        PortFixture.Peer joined = fixture.peer("new");
        a.hint = joined.asHint();
        RemoteTransport client = client(a);

        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.NO_LEADER);
        get(client.submit(batch(1)));

        joined.port.close();
        a.hint = null;
        a.transport.leads = true;
        soon().ignoreExceptions().until(() -> get(client.submit(batch(2))) != null);
        assertThat(client.believedLeader()).isEqualTo(a.address());
    }

    @Test
    void a_hint_into_another_cluster_is_not_followed_and_left_again() {
        PortFixture.Peer a = follower("a");
        PortFixture.Peer foreign = fixture.peer("x", "cluster-2", limits -> limits);
        a.hint = foreign.asHint();
        RemoteTransport client = client(a);

        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.NO_LEADER);
        assertThat(failure(client.submit(batch(1))))
                .returns(Kind.UNREACHABLE, f -> f.kind())
                .hasMessageContaining("cluster-1")
                .hasMessageContaining("cluster-2");
        assertThat(client.believedLeader()).isEqualTo(a.address());
        a.hint = null;
        a.transport.leads = true;
        get(client.submit(batch(1)));
        assertThat(foreign.transport.submitted).isEmpty();
    }

    @Test
    void without_a_hint_the_next_peer_is_asked() {
        PortFixture.Peer a = follower("a");
        PortFixture.Peer b = follower("b");
        PortFixture.Peer c = fixture.peer("c");
        RemoteTransport client = client(a, b, c);

        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.NO_LEADER);
        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.NO_LEADER);
        get(client.submit(batch(1)));
    }

    @Test
    void a_peer_that_is_about_to_lead_is_asked_again() {
        PortFixture.Peer a = follower("a");
        PortFixture.Peer b = follower("b");
        // Spelled differently than in the client's list.
        a.hint = new LeaderHint("a", new HostPort("localhost", a.port.port()));
        RemoteTransport client = client(a, b);

        for (int i = 0; i < 3; i++) {
            assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.NO_LEADER);
            assertThat(client.believedLeader()).isEqualTo(a.address());
        }
        a.transport.leads = true;
        get(client.submit(batch(1)));
        assertThat(b.transport.submitted).isEmpty();
    }

    @Test
    void a_peer_that_is_down_is_passed_over() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b");
        RemoteTransport client = client(a, b);
        get(client.submit(batch(1)));

        a.port.close();

        soon().ignoreExceptions().until(() -> get(client.submit(batch(2))) != null);
        assertThat(client.believedLeader()).isEqualTo(b.address());
    }

    @Test
    void a_silent_leader_is_left_and_many_failures_at_once_move_on_by_one_peer() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b");
        PortFixture.Peer c = fixture.peer("c");
        RemoteTransport client = client(options().withRequestTimeout(Duration.ofMillis(200)), a, b, c);
        soon().ignoreExceptions().until(() -> get(client.submit(batch(1))) != null);
        HostPort leader = client.believedLeader();
        Stream.of(a, b, c)
                .filter(peer -> peer.address().equals(leader))
                .forEach(peer -> peer.transport.onSubmit = batch -> new CompletableFuture<>());

        List<CompletableFuture<SubmitReply>> replies =
                Stream.of(2, 3, 4, 5, 6).map(i -> client.submit(batch(i))).toList();
        replies.forEach(reply -> assertThat(failureKind(reply)).isEqualTo(Kind.OUTCOME_UNKNOWN));

        List<HostPort> order = List.of(a.address(), b.address(), c.address());
        assertThat(client.believedLeader()).isEqualTo(order.get((order.indexOf(leader) + 1) % 3));
    }

    @Test
    void a_busy_leader_is_not_left() {
        PortFixture.Peer a = fixture.peer("a", limits -> limits.withRequestsMax(0));
        PortFixture.Peer b = fixture.peer("b");
        RemoteTransport client = client(a, b);

        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.BUSY);
        assertThat(client.believedLeader()).isEqualTo(a.address());
    }

    @Test
    void a_retry_from_the_callback_goes_to_the_hinted_leader() {
        PortFixture.Peer a = follower("a");
        PortFixture.Peer b = follower("b");
        PortFixture.Peer c = fixture.peer("c");
        a.hint = c.asHint();
        RemoteTransport client = client(a, b, c);

        CompletableFuture<SubmitReply> retried =
                client.submit(batch(1)).exceptionallyCompose(failure -> client.submit(batch(1)));

        get(retried);
        assertThat(b.transport.submitted).isEmpty();
    }

    @Test
    void subscriptions_at_a_former_leader_break_when_another_proves_to_lead() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b");
        RemoteTransport client = client(a, b);
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        get(client.submit(batch(1)));
        soon().until(() -> a.transport.subscriptions.size() == 1);
        // It does not know yet that it was deposed, and does not break the subscription itself.
        a.transport.leads = false;
        a.hint = b.asHint();

        assertThat(failureKind(client.submit(batch(2)))).isEqualTo(Kind.NO_LEADER);
        assertThat(sink.breaks).isEmpty();
        get(client.submit(batch(2)));

        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        assertThat(sink.breaks.get(0).kind()).isEqualTo(Kind.NO_LEADER);
        soon().until(() -> a.transport.subscriptions.get(0).closed);
        RecordingSink next = new RecordingSink();
        client.subscribe(SESSION, 0, next);
        soon().until(() -> b.transport.subscriptions.size() == 1);
        b.transport.subscriptions.get(0).emit(event(1));
        soon().untilAsserted(() -> assertThat(next.events).containsExactly(event(1)));
        get(client.submit(batch(3)));
        assertThat(next.breaks).isEmpty();
    }

    @Test
    void a_subscription_that_breaks_teaches_where_the_leader_is() {
        PortFixture.Peer a = follower("a");
        PortFixture.Peer b = follower("b");
        PortFixture.Peer c = fixture.peer("c");
        a.hint = c.asHint();
        RemoteTransport client = client(a, b, c);
        RecordingSink sink = new RecordingSink();

        client.subscribe(SESSION, 0, sink);

        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        assertThat(client.believedLeader()).isEqualTo(c.address());
    }

    @Test
    void closing_fails_what_is_under_way_and_all_that_comes_later() {
        PortFixture.Peer a = fixture.peer("a");
        RemoteTransport client = RemotePeers.leader(List.of(a.address()), options());
        a.transport.onSubmit = batch -> new CompletableFuture<>();
        RecordingSink sink = new RecordingSink();
        client.subscribe(SESSION, 0, sink);
        CompletableFuture<SubmitReply> submit = client.submit(batch(1));
        soon().until(() -> a.transport.submitted.size() == 1);

        client.close();

        assertThat(failureKind(submit)).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failureKind(client.submit(batch(2)))).isEqualTo(Kind.CLOSED);
        soon().untilAsserted(() -> assertThat(sink.breaks).hasSize(1));
        assertThat(sink.breaks.get(0).kind()).isEqualTo(Kind.CLOSED);
        RecordingSink late = new RecordingSink();
        client.subscribe(SESSION, 0, late);
        soon().untilAsserted(() -> assertThat(late.breaks).hasSize(1));
    }

    @Test
    void a_single_peer_passes_hints_on_before_the_request_fails() {
        PortFixture.Peer a = follower("a");
        LeaderHint elsewhere = new LeaderHint("b", new HostPort("10.0.0.2", 7201));
        a.hint = elsewhere;
        List<LeaderHint> hints = new CopyOnWriteArrayList<>();
        Transport client = fixture.closing(RemotePeers.peer(a.address(), options(), fixture.timers, hints::add));

        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.NO_LEADER);
        assertThat(hints).containsExactly(elsewhere);
    }

    @Test
    void no_peers_are_no_cluster() {
        assertThatThrownBy(() -> RemotePeers.leader(List.of(), options(), fixture.timers))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void members_that_the_leader_told_of_are_asked_when_the_list_is_gone() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = follower("b");
        PortFixture.Peer c = fixture.peer("c");
        a.members = List.of(a.address(), b.address(), c.address());
        RemoteTransport client = client(a);
        get(client.submit(batch(1)));

        a.port.close();

        soon().ignoreExceptions().until(() -> get(client.submit(batch(2))) != null);
        assertThat(client.believedLeader()).isEqualTo(c.address());
    }

    @Test
    void the_members_are_told_again_when_they_have_changed() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b");
        PortFixture.Peer c = fixture.peer("c");
        a.members = List.of(a.address(), b.address());
        RemoteTransport client = client(a);
        get(client.submit(batch(1)));
        get(client.keepAlive(SESSION));
        a.members = List.of(c.address());
        get(client.keepAlive(SESSION));

        a.port.close();

        soon().ignoreExceptions().until(() -> get(client.submit(batch(2))) != null);
        assertThat(client.believedLeader()).isEqualTo(c.address());
        assertThat(b.transport.submitted).isEmpty();
    }

    @Test
    void a_learned_address_never_leads_into_another_cluster() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer foreign = fixture.peer("x", "cluster-2", limits -> limits);
        a.members = List.of(foreign.address());
        RemoteTransport client = client(a);
        get(client.submit(batch(1)));
        int port = a.port.port();
        a.port.close();

        for (int i = 0; i < 10; i++) {
            assertThat(failureKind(client.submit(batch(2)))).isEqualTo(Kind.UNREACHABLE);
        }
        a.listen(port, PortFixture.CLUSTER, PortLimits.defaults());

        soon().ignoreExceptions().until(() -> get(client.submit(batch(2))) != null);
        assertThat(client.believedLeader()).isEqualTo(a.address());
        assertThat(foreign.transport.submitted).isEmpty();
    }

    @Test
    void a_list_whose_addresses_became_another_clusters_is_left_for_the_members() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b");
        a.members = List.of(b.address());
        RemoteTransport client = client(a);
        get(client.submit(batch(1)));
        int port = a.port.port();
        a.port.close();
        PortFixture.Peer foreign = fixture.new Peer("x").listen(port, "cluster-2", PortLimits.defaults());

        soon().ignoreExceptions().until(() -> get(client.submit(batch(2))) != null);

        assertThat(client.believedLeader()).isEqualTo(b.address());
        assertThat(foreign.transport.submitted).isEmpty();
    }

    @Test
    void what_a_former_leader_says_late_of_the_members_does_not_count() {
        PortFixture.Peer a = fixture.peer("a");
        PortFixture.Peer b = fixture.peer("b");
        PortFixture.Peer c = fixture.peer("c");
        PortFixture.Peer removed = fixture.peer("removed");
        CompletableFuture<KeepAliveReply> late = new CompletableFuture<>();
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        a.transport.onKeepAlive = session -> {
            arrived.complete(null);
            return late;
        };
        RemoteTransport client = client(a);
        CompletableFuture<KeepAliveReply> asked = client.keepAlive(SESSION);
        get(arrived);
        a.transport.leads = false;
        a.hint = b.asHint();
        b.members = List.of(b.address(), c.address());
        assertThat(failureKind(client.submit(batch(1)))).isEqualTo(Kind.NO_LEADER);
        get(client.submit(batch(1)));

        a.members = List.of(removed.address());
        late.complete(new KeepAliveReply.Alive(1));
        get(asked);
        a.port.close();
        b.port.close();

        soon().ignoreExceptions().until(() -> get(client.submit(batch(2))) != null);
        assertThat(client.believedLeader()).isEqualTo(c.address());
        assertThat(removed.transport.submitted).isEmpty();
    }
}
