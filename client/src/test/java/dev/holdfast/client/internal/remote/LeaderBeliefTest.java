package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Peers that nobody can connect to: only what is believed of them matters here. */
final class LeaderBeliefTest {
    private static final HostPort A = new HostPort("a", 1);
    private static final HostPort B = new HostPort("b", 1);
    private static final HostPort C = new HostPort("c", 1);
    private static final HostPort D = new HostPort("d", 1);

    private final ScheduledExecutorService timers = TimerThread.newDaemon("test");
    private final List<RemotePeer> made = new ArrayList<>();
    private final Set<HostPort> away = new HashSet<>();
    private final LeaderBelief belief = new LeaderBelief(List.of(A, B, A, C), this::make, away::contains);

    @AfterEach
    void stop() {
        belief.close();
        timers.shutdownNow();
    }

    private RemotePeer make(HostPort address) {
        RemotePeer peer = new RemotePeer(address, RemoteOptions.named("test"), timers);
        made.add(peer);
        return peer;
    }

    private HostPort believed() {
        return belief.believed().address();
    }

    private void fail(RemotePeer peer, Kind kind) {
        belief.failed(peer, new TransportException(kind, "failed"));
    }

    private static LeaderHint hint(HostPort address) {
        return new LeaderHint("", address);
    }

    @Test
    void peers_take_turns_in_the_order_of_the_list_without_repetition() {
        List<HostPort> order = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            order.add(believed());
            fail(belief.believed(), Kind.UNREACHABLE);
        }

        assertThat(order).containsExactly(A, B, C, A);
    }

    @Test
    void only_what_the_believed_leader_does_counts() {
        RemotePeer a = belief.believed();
        fail(a, Kind.NO_LEADER);
        fail(a, Kind.NO_LEADER);
        fail(a, Kind.OUTCOME_UNKNOWN);
        belief.hinted(a, hint(C));

        assertThat(believed()).isEqualTo(B);
        assertThat(belief.answered(a)).isFalse();
    }

    @Test
    void a_failure_that_another_peer_would_share_moves_nothing() {
        fail(belief.believed(), Kind.BUSY);
        fail(belief.believed(), Kind.REFUSED);
        fail(belief.believed(), Kind.CLOSED);

        assertThat(believed()).isEqualTo(A);
    }

    @Test
    void after_a_hint_the_turns_go_on_from_there() {
        RemotePeer a = belief.believed();
        belief.hinted(a, hint(C));
        fail(a, Kind.NO_LEADER);
        assertThat(believed()).isEqualTo(C);

        fail(belief.believed(), Kind.UNREACHABLE);
        assertThat(believed()).isEqualTo(A);
    }

    @Test
    void a_peer_that_names_itself_is_asked_again_but_not_if_it_breaks() {
        RemotePeer a = belief.believed();
        belief.hinted(a, hint(A));
        fail(a, Kind.NO_LEADER);
        assertThat(believed()).isEqualTo(A);

        fail(a, Kind.NO_LEADER);
        assertThat(believed()).isEqualTo(B);
    }

    @Test
    void a_leader_is_news_once() {
        RemotePeer a = belief.believed();
        assertThat(belief.answered(a)).isTrue();
        assertThat(belief.answered(a)).isFalse();

        fail(a, Kind.UNREACHABLE);
        assertThat(belief.answered(belief.believed())).isTrue();
    }

    @Test
    void peers_that_were_only_heard_of_are_kept_up_to_a_bound() {
        for (int i = 1; i <= 20; i++) {
            belief.hinted(belief.believed(), hint(new HostPort("127.0.0.1", i)));
        }

        assertThat(believed()).isEqualTo(new HostPort("127.0.0.1", 20));
        assertThat(made).hasSize(23);
        assertThat(made.subList(3, 7))
                .allSatisfy(peer -> assertThat(retired(peer)).isTrue());
        assertThat(made.subList(7, 23)).noneMatch(LeaderBeliefTest::retired);
    }

    @Test
    void a_closed_belief_hears_of_nobody() {
        belief.close();
        belief.hinted(belief.believed(), hint(new HostPort("127.0.0.1", 1)));

        assertThat(made).hasSize(3);
    }

    private static boolean retired(RemotePeer peer) {
        Throwable failure = catchThrowable(() -> peer.keepAlive(SessionId.NONE).getNow(null));
        return failure instanceof CompletionException
                && String.valueOf(failure.getMessage()).contains("no longer in use");
    }

    @Test
    void members_beside_the_list_take_their_turn_after_it() {
        assertThat(belief.learn(List.of(D))).isEmpty();
        List<HostPort> order = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            order.add(believed());
            fail(belief.believed(), Kind.UNREACHABLE);
        }

        assertThat(order).containsExactly(A, B, C, D, A);
    }

    @Test
    void who_is_away_is_passed_over_unless_all_are() {
        belief.learn(List.of(D));
        away.addAll(List.of(B, C));
        fail(belief.believed(), Kind.UNREACHABLE);
        assertThat(believed()).isEqualTo(D);

        away.addAll(List.of(A, D));
        fail(belief.believed(), Kind.UNREACHABLE);
        assertThat(believed()).isEqualTo(A);
        fail(belief.believed(), Kind.UNREACHABLE);
        assertThat(believed()).isEqualTo(B);
    }

    @Test
    void a_hint_is_followed_even_to_one_that_is_away() {
        away.add(C);
        belief.hinted(belief.believed(), hint(C));
        assertThat(believed()).isEqualTo(C);
    }

    @Test
    void members_that_are_none_any_more_are_forgotten_but_not_the_one_that_is_asked() {
        HostPort e = new HostPort("e", 1);
        belief.learn(List.of(D, e));
        belief.hinted(belief.believed(), hint(D));

        assertThat(belief.learn(List.of())).extracting(RemotePeer::address).containsExactly(e);
        assertThat(believed()).isEqualTo(D);
        assertThat(belief.all()).extracting(RemotePeer::address).containsExactly(A, B, C, D);

        fail(belief.believed(), Kind.UNREACHABLE);
        assertThat(believed()).isIn(A, B, C);
        assertThat(belief.learn(List.of())).extracting(RemotePeer::address).containsExactly(D);
    }

    @Test
    void members_are_kept_however_many_leaders_are_named() {
        belief.learn(List.of(D));
        for (int i = 1; i <= 20; i++) {
            belief.hinted(belief.believed(), hint(new HostPort("127.0.0.1", i)));
        }

        assertThat(belief.all())
                .extracting(RemotePeer::address)
                .contains(A, B, C, D)
                .hasSize(4 + 16);
    }
}
