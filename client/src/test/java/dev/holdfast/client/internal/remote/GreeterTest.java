package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GreeterTest {
    private static final HostPort A = new HostPort("a", 1);
    private static final HostPort B = new HostPort("b", 1);
    private static final HostPort C = new HostPort("c", 1);
    private static final ClusterIdentity PROD = new ClusterIdentity("id-1", "prod");
    private static final ClusterIdentity TEST = new ClusterIdentity("id-2", "test");
    private static final RemoteOptions OPTIONS = RemoteOptions.named("test")
            .withConnectTimeout(Duration.ofMillis(1000))
            .withRequestTimeout(Duration.ofMillis(1500));

    private final HandTimers timers = new HandTimers();
    private final Following following = new Following();
    private final List<Optional<TransportException>> answers = new ArrayList<>();

    private static final class Following implements Greeter.Follower {
        final List<HostPort> greeted = new ArrayList<>();
        final List<HostPort> opened = new ArrayList<>();
        final List<List<HostPort>> learned = new ArrayList<>();
        final List<Ending> splits = new ArrayList<>();
        int rests;

        @Override
        public void greet(HostPort address) {
            greeted.add(address);
        }

        @Override
        public void learned(List<HostPort> members) {
            learned.add(members);
        }

        @Override
        public void rest() {
            rests++;
        }

        @Override
        public void open(HostPort first) {
            opened.add(first);
        }

        @Override
        public void split(Ending why) {
            splits.add(why);
        }

        List<HostPort> takeGreeted() {
            List<HostPort> taken = List.copyOf(greeted);
            greeted.clear();
            return taken;
        }
    }

    private Greeter greeter(HostPort... addresses) {
        return greeter(OPTIONS, addresses);
    }

    private Greeter greeter(RemoteOptions options, HostPort... addresses) {
        Greeter greeter = new Greeter(List.of(addresses), options, timers);
        greeter.add(following);
        return greeter;
    }

    private void request(Greeter greeter) {
        greeter.whenOpen(failure -> answers.add(Optional.ofNullable(failure)));
    }

    private TransportException failure(int number) {
        return answers.get(number).orElseThrow();
    }

    private static Ending away(HostPort address) {
        return Ending.broken("cannot connect to " + address + ": connection refused", null);
    }

    private static Ending refusal(HostPort address) {
        return Ending.refused(address + " is not a port for Holdfast clients", null);
    }

    @Test
    void nobody_is_greeted_before_the_first_request() {
        greeter(A, B);
        timers.advance(Duration.ofHours(1));
        assertThat(following.greeted).isEmpty();
    }

    @Test
    void the_first_request_has_all_greeted_and_those_that_come_meanwhile_wait_with_it() {
        Greeter greeter = greeter(A, B, C);
        request(greeter);
        request(greeter);
        assertThat(following.takeGreeted()).containsExactly(A, B, C);

        greeter.admit(A, PROD);
        assertThat(answers).isEmpty();
        greeter.admit(B, PROD);

        assertThat(answers).containsExactly(Optional.empty(), Optional.empty());
        assertThat(following.opened).containsExactly(A);
        assertThat(greeter.isOpen()).isTrue();
    }

    @Test
    void peers_that_say_nothing_are_waited_for_half_of_the_connect_timeout() {
        Greeter greeter = greeter(A, B, C);
        request(greeter);
        timers.advance(Duration.ofMillis(100));
        greeter.admit(C, PROD);

        timers.advance(Duration.ofMillis(499));
        assertThat(answers).isEmpty();
        timers.advance(Duration.ofMillis(1));

        assertThat(answers).containsExactly(Optional.empty());
        assertThat(following.opened).containsExactly(C);
    }

    @Test
    void the_head_of_the_list_is_waited_for_an_eighth_of_it_when_most_agree() {
        Greeter greeter = greeter(A, B, C);
        request(greeter);
        greeter.admit(B, PROD);
        timers.advance(Duration.ofMillis(100));
        greeter.admit(C, PROD);

        timers.advance(Duration.ofMillis(124));
        assertThat(answers).isEmpty();
        timers.advance(Duration.ofMillis(1));

        assertThat(answers).containsExactly(Optional.empty());
        assertThat(following.opened).containsExactly(B);
    }

    @Test
    void with_the_id_of_the_cluster_nobody_else_is_waited_for_or_greeted_again() {
        Greeter greeter = greeter(OPTIONS.withClusterId("id-1"), A, B, C);
        request(greeter);
        greeter.admit(A, PROD);
        assertThat(answers).containsExactly(Optional.empty());
        following.takeGreeted();

        timers.advance(Duration.ofHours(1));
        assertThat(following.greeted).isEmpty();
        greeter.admit(B, TEST);
        assertThat(greeter.isOpen()).isTrue();
    }

    @Test
    void a_wrong_entry_is_passed_over() {
        Greeter greeter = greeter(A, B);
        request(greeter);
        greeter.failed(A, refusal(A));
        assertThat(answers).isEmpty();
        greeter.admit(B, PROD);

        assertThat(answers).containsExactly(Optional.empty());
        assertThat(following.opened).containsExactly(B);
        assertThat(greeter.refused(A, new TransportException(Kind.REFUSED, "a:1 is not one"))
                        .kind())
                .isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void only_if_all_refuse_is_the_request_refused_and_each_address_is_named_with_its_reason() {
        Greeter greeter = greeter(A, B);
        request(greeter);
        greeter.failed(A, refusal(A));
        greeter.failed(B, away(B));
        assertThat(failure(0))
                .returns(Kind.UNREACHABLE, TransportException::kind)
                .hasMessageContaining("a:1 is not a port for Holdfast clients")
                .hasMessageContaining("cannot connect to b:1: connection refused");

        request(greeter);
        assertThat(following.takeGreeted()).containsExactly(A, B, A, B);
        greeter.failed(A, refusal(A));
        greeter.failed(B, refusal(B));
        assertThat(failure(1))
                .returns(Kind.REFUSED, TransportException::kind)
                .hasMessageContaining("a:1 is not a port for Holdfast clients")
                .hasMessageContaining("b:1 is not a port for Holdfast clients");
        assertThat(greeter.refused(A, failure(0)).kind()).isEqualTo(Kind.REFUSED);
    }

    @Test
    void two_clusters_are_refused_in_both_orders_and_nobody_is_served_until_they_agree() {
        for (List<HostPort> order : List.of(List.of(A, B), List.of(B, A))) {
            answers.clear();
            Greeter greeter = greeter(order.toArray(HostPort[]::new));
            request(greeter);
            assertThat(greeter.admit(order.get(0), order.get(0).equals(A) ? PROD : TEST))
                    .isNull();
            assertThat(greeter.admit(order.get(1), order.get(1).equals(A) ? PROD : TEST))
                    .isNotNull();

            request(greeter);
            for (int i = 0; i < 2; i++) {
                assertThat(failure(i))
                        .returns(Kind.REFUSED, TransportException::kind)
                        .hasMessageContaining("cluster 'prod' (id-1) at a:1")
                        .hasMessageContaining("cluster 'test' (id-2) at b:1");
            }

            greeter.admit(B, PROD);
            request(greeter);
            assertThat(answers.get(2)).isEmpty();
        }
    }

    @Test
    void a_peer_that_comes_up_later_is_greeted_and_its_disagreement_breaks_connections() {
        Greeter greeter = greeter(A, B);
        request(greeter);
        greeter.admit(A, PROD);
        greeter.failed(B, away(B));
        assertThat(answers).containsExactly(Optional.empty());
        following.takeGreeted();

        timers.advance(Duration.ofMillis(500));
        assertThat(following.takeGreeted()).containsExactly(B);
        assertThat(greeter.admit(B, TEST)).isNotNull();

        assertThat(following.splits).singleElement().returns(Kind.REFUSED, Ending::unsent);
        request(greeter);
        assertThat(failure(1).kind()).isEqualTo(Kind.REFUSED);
        timers.advance(Duration.ofMillis(500));
        assertThat(following.takeGreeted()).containsExactly(A, B);
    }

    @Test
    void greetings_in_the_background_become_rare_and_end_when_all_have_answered() {
        Greeter greeter = greeter(A, B, C);
        request(greeter);
        greeter.admit(A, PROD);
        greeter.admit(B, PROD);
        following.takeGreeted();

        timers.advance(Duration.ofMinutes(10));
        assertThat(following.takeGreeted()).hasSizeBetween(20, 50).containsOnly(C);

        greeter.admit(C, PROD);
        timers.advance(Duration.ofMinutes(10));
        assertThat(following.greeted.size()).isLessThanOrEqualTo(1);
        assertThat(following.rests).isPositive();
    }

    @Test
    void a_request_does_not_wait_longer_than_its_timeout() {
        Greeter greeter = greeter(A, B);
        request(greeter);
        timers.advance(Duration.ofMillis(1499));
        assertThat(answers).isEmpty();
        timers.advance(Duration.ofMillis(1));

        assertThat(failure(0))
                .returns(Kind.UNREACHABLE, TransportException::kind)
                .hasMessageContaining("a:1 has not answered yet");
        greeter.admit(A, PROD);
        greeter.admit(B, PROD);
        assertThat(answers).hasSize(1);
    }

    @Test
    void a_follower_that_comes_later_begins_with_the_peer_that_answered() {
        Greeter greeter = greeter(A, B);
        request(greeter);
        greeter.failed(A, away(A));
        greeter.admit(B, PROD);

        Following second = new Following();
        greeter.add(second);

        assertThat(second.opened).containsExactly(B);
    }

    @Test
    void closing_fails_requests_that_wait_and_all_that_come_later_and_greets_nobody_any_more() {
        Greeter greeter = greeter(A, B);
        request(greeter);
        following.takeGreeted();
        greeter.close();
        request(greeter);

        assertThat(failure(0).kind()).isEqualTo(Kind.CLOSED);
        assertThat(failure(1).kind()).isEqualTo(Kind.CLOSED);
        greeter.admit(A, PROD);
        greeter.failed(B, away(B));
        timers.advance(Duration.ofHours(1));
        assertThat(following.greeted).isEmpty();
    }

    @Test
    void timers_that_are_shut_down_fail_requests() {
        Greeter greeter = greeter(A);
        timers.shutdown();
        request(greeter);

        assertThat(failure(0).kind()).isEqualTo(Kind.CLOSED);
        greeter.admit(A, PROD);
    }

    @Test
    void members_that_are_learned_of_are_greeted_in_the_background_until_they_answer_or_were_tried_often() {
        Greeter greeter = greeter(A);
        request(greeter);
        greeter.admit(A, PROD);
        following.takeGreeted();

        greeter.learn(List.of(A, B, C));
        assertThat(following.learned.get(following.learned.size() - 1)).containsExactly(B, C);
        timers.advance(Duration.ofMillis(500));
        assertThat(following.takeGreeted()).containsExactly(B, C);
        greeter.admit(B, PROD);
        greeter.failed(C, away(C));
        assertThat(greeter.isAway(B)).isFalse();
        assertThat(greeter.isAway(C)).isTrue();

        List<HostPort> greeted = new ArrayList<>();
        for (int seconds = 0; seconds < 600; seconds++) {
            timers.advance(Duration.ofSeconds(1));
            following.takeGreeted().forEach(address -> {
                greeted.add(address);
                greeter.failed(address, away(address));
            });
        }
        assertThat(greeted).hasSize(7).containsOnly(C);
        assertThat(greeter.isOpen()).isTrue();
    }

    @Test
    void a_learned_address_in_another_cluster_is_turned_away_and_splits_nothing() {
        Greeter greeter = greeter(A);
        request(greeter);
        greeter.admit(A, PROD);
        greeter.learn(List.of(B));

        assertThat(greeter.admit(B, TEST)).isNotNull();

        assertThat(greeter.isOpen()).isTrue();
        assertThat(following.splits).isEmpty();
    }

    @Test
    void a_follower_that_comes_later_hears_of_the_members() {
        Greeter greeter = greeter(A);
        request(greeter);
        greeter.admit(A, PROD);
        greeter.learn(List.of(B));

        Following second = new Following();
        greeter.add(second);

        assertThat(second.learned).containsExactly(List.of(B));
    }

    @Test
    void members_that_all_clients_hear_of_at_once_are_not_greeted_by_all_at_once() {
        Greeter greeter = greeter(A);
        request(greeter);
        greeter.admit(A, PROD);
        timers.advance(Duration.ofMinutes(5));
        following.takeGreeted();

        greeter.learn(List.of(A, B));
        timers.advance(Duration.ofSeconds(14));
        assertThat(following.takeGreeted()).isEmpty();
        timers.advance(Duration.ofSeconds(16));
        assertThat(following.takeGreeted()).containsExactly(B);
    }
}
