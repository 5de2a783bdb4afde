package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.internal.remote.Roster.State;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.transport.TransportException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RosterTest {
    private static final HostPort A = new HostPort("a", 1);
    private static final HostPort B = new HostPort("b", 1);
    private static final HostPort C = new HostPort("c", 1);
    private static final HostPort D = new HostPort("d", 1);
    private static final ClusterIdentity PROD = new ClusterIdentity("id-1", "prod");
    private static final ClusterIdentity TEST = new ClusterIdentity("id-2", "test");

    private static Roster asking(HostPort... addresses) {
        return asking(new WantedCluster("", ""), addresses);
    }

    private static Roster asking(WantedCluster wanted, HostPort... addresses) {
        Roster roster = new Roster(List.of(addresses), wanted);
        assertThat(roster.begin()).containsExactly(addresses);
        return roster;
    }

    private static Ending away(HostPort address) {
        return Ending.broken("cannot connect to " + address, null);
    }

    private static Ending refusal(HostPort address) {
        return Ending.refused(address + " is something else", null);
    }

    @Test
    void requests_wait_until_more_than_half_of_the_list_agree() {
        Roster roster = asking(A, B, C);
        assertThat(roster.state()).isEqualTo(State.ASKING);

        assertThat(roster.welcomed(A, PROD).refusal()).isNull();
        assertThat(roster.state()).isEqualTo(State.ASKING);

        assertThat(roster.welcomed(B, PROD).after()).isEqualTo(State.SERVING);
        assertThat(roster.firstAnswering()).contains(A);
    }

    @Test
    void what_comes_first_in_the_list_is_waited_for() {
        Roster roster = asking(A, B, C);
        roster.welcomed(C, PROD);
        roster.welcomed(B, PROD);
        assertThat(roster.state()).isEqualTo(State.ASKING);

        assertThat(roster.failed(A, away(A)).after()).isEqualTo(State.SERVING);
        assertThat(roster.firstAnswering()).contains(B);
    }

    @Test
    void half_of_the_list_is_not_enough_while_the_other_half_is_being_asked() {
        Roster roster = asking(A, B);
        roster.welcomed(A, PROD);
        assertThat(roster.state()).isEqualTo(State.ASKING);

        assertThat(roster.failed(B, away(B)).after()).isEqualTo(State.SERVING);
    }

    @Test
    void those_that_say_nothing_are_not_waited_for_without_end() {
        Roster roster = asking(A, B, C);
        roster.timeIsUp();
        assertThat(roster.state()).isEqualTo(State.ASKING);

        roster.welcomed(B, PROD);
        assertThat(roster.timeIsUp().after()).isEqualTo(State.SERVING);
    }

    @Test
    void two_clusters_in_one_list_are_an_error_in_any_order() {
        for (List<HostPort> order : List.of(List.of(A, B), List.of(B, A))) {
            for (boolean firstOfList : new boolean[] {true, false}) {
                Roster roster = asking(order.toArray(HostPort[]::new));
                ClusterIdentity ofA = PROD;
                if (firstOfList) {
                    roster.welcomed(A, ofA);
                    assertThat(roster.welcomed(B, TEST).after()).isEqualTo(State.SPLIT);
                } else {
                    roster.welcomed(B, TEST);
                    assertThat(roster.welcomed(A, ofA).after()).isEqualTo(State.SPLIT);
                }
                assertThat(roster.split())
                        .returns(Kind.REFUSED, Ending::unsent)
                        .extracting(Ending::message)
                        .asString()
                        .contains("two clusters", "cluster 'prod' (id-1) at a:1", "cluster 'test' (id-2) at b:1");
            }
        }
    }

    @Test
    void a_disagreement_that_is_noticed_later_ends_the_service() {
        Roster roster = asking(A, B);
        roster.failed(B, away(B));
        roster.welcomed(A, PROD);
        assertThat(roster.state()).isEqualTo(State.SERVING);

        assertThat(roster.welcomed(B, TEST))
                .returns(State.SERVING, step -> step.before())
                .returns(State.SPLIT, step -> step.after())
                .satisfies(step -> assertThat(step.refusal()).isNotNull());
        assertThat(roster.begin()).isEmpty();
        assertThat(roster.toGreetAgain()).containsExactly(A, B);
    }

    @Test
    void what_was_said_stands_while_its_peer_is_away() {
        Roster roster = asking(A, B);
        roster.welcomed(A, PROD);
        roster.welcomed(B, TEST);

        roster.failed(B, away(B));
        roster.welcomed(A, PROD);
        roster.timeIsUp();

        assertThat(roster.state()).isEqualTo(State.SPLIT);
        assertThat(roster.welcomed(A, PROD).refusal()).isNotNull();
    }

    @Test
    void when_they_agree_again_the_service_goes_on() {
        Roster roster = asking(A, B);
        roster.welcomed(A, PROD);
        roster.welcomed(B, TEST);

        assertThat(roster.welcomed(B, PROD)).returns(State.SERVING, step -> step.after());
        assertThat(roster.welcomed(A, PROD).refusal()).isNull();
    }

    @Test
    void the_cluster_that_was_served_is_kept_to_even_if_all_become_another() {
        Roster roster = asking(A);
        roster.welcomed(A, PROD);

        Ending refusal = roster.welcomed(A, TEST).refusal();

        assertThat(refusal)
                .isNotNull()
                .extracting(Ending::message)
                .asString()
                .contains("belongs to cluster 'test' (id-2)", "keeps to cluster 'prod' (id-1)");
        roster.failed(A, refusal);
        assertThat(roster.allRefuse()).isTrue();
        assertThat(roster.welcomed(A, PROD).refusal()).isNull();
        assertThat(roster.allRefuse()).isFalse();
    }

    @Test
    void a_peer_beside_the_list_must_be_of_the_cluster_and_decides_nothing() {
        Roster roster = asking(A, B);
        roster.welcomed(A, PROD);
        roster.welcomed(B, PROD);

        assertThat(roster.welcomed(C, TEST))
                .returns(State.SERVING, step -> step.after())
                .satisfies(step -> assertThat(step.refusal()).isNotNull());
        assertThat(roster.welcomed(C, PROD).refusal()).isNull();
    }

    @Test
    void of_a_cluster_that_is_wanted_by_its_id_one_peer_is_enough_and_others_do_not_count() {
        Roster roster = asking(new WantedCluster("id-1", ""), A, B, C);
        assertThat(roster.welcomed(A, TEST).refusal())
                .isNotNull()
                .extracting(Ending::message)
                .asString()
                .contains("a:1 belongs to cluster 'test' (id-2), this client wants the one with the id 'id-1'");
        roster.failed(A, refusal(A));

        assertThat(roster.welcomed(B, PROD).after()).isEqualTo(State.SERVING);
        assertThat(roster.toGreetAgain()).isEmpty();
    }

    @Test
    void clusters_of_the_name_that_is_wanted_must_be_the_same() {
        Roster roster = asking(new WantedCluster("", "prod"), A, B, C);
        assertThat(roster.welcomed(A, TEST).refusal()).isNotNull();
        roster.failed(A, refusal(A));
        roster.welcomed(B, PROD);

        assertThat(roster.welcomed(C, new ClusterIdentity("id-3", "prod")).after())
                .isEqualTo(State.SPLIT);
    }

    @Test
    void a_peer_that_tells_no_id_or_not_the_name_that_is_asked_for_is_refused() {
        Roster roster = asking(A);
        assertThat(roster.welcomed(A, new ClusterIdentity("", "prod")).refusal())
                .isNotNull()
                .returns(Kind.REFUSED, Ending::unsent);
        Roster named = asking(new WantedCluster("", "prod"), A);
        assertThat(named.welcomed(A, new ClusterIdentity("id-1", "")).refusal())
                .isNotNull()
                .extracting(Ending::message)
                .asString()
                .contains("does not say what its cluster is called");
    }

    @Test
    void an_attempt_is_over_in_vain_when_all_have_failed_and_the_next_asks_all_again() {
        Roster roster = asking(A, B);
        assertThat(roster.failed(A, refusal(A)).over()).isFalse();
        assertThat(roster.failed(B, away(B)))
                .returns(true, step -> step.over())
                .returns(State.ASKING, step -> step.after());
        assertThat(roster.allRefuse()).isFalse();
        assertThat(roster.describe()).contains("a:1 is something else", "cannot connect to b:1");

        assertThat(roster.begin()).containsExactly(A, B);
        assertThat(roster.begin()).isEmpty();
        roster.failed(B, refusal(B));
        assertThat(roster.allRefuse()).isTrue();
    }

    @Test
    void those_that_never_answered_are_greeted_again_later() {
        Roster roster = asking(A, B, C);
        roster.welcomed(A, PROD);
        roster.failed(C, away(C));
        roster.welcomed(B, PROD);

        assertThat(roster.toGreetAgain()).containsExactly(C);
        roster.welcomed(C, PROD);
        assertThat(roster.toGreetAgain()).isEmpty();
    }

    @Test
    void the_same_address_twice_counts_once() {
        Roster roster = new Roster(List.of(A, A, B), new WantedCluster("", ""));
        assertThat(roster.begin()).containsExactly(A, B);
        roster.welcomed(A, PROD);
        assertThat(roster.state()).isEqualTo(State.ASKING);
    }

    @Test
    void members_that_are_learned_of_are_greeted_and_decide_nothing() {
        Roster roster = asking(A);
        roster.welcomed(A, PROD);

        assertThat(roster.learn(List.of(A, B, C))).isTrue();
        assertThat(roster.learned()).containsExactly(B, C);
        assertThat(roster.toGreetAgain()).containsExactly(B, C);

        assertThat(roster.welcomed(B, TEST))
                .returns(State.SERVING, step -> step.after())
                .satisfies(step -> assertThat(step.refusal()).isNotNull());
        assertThat(roster.welcomed(C, PROD).refusal()).isNull();
        assertThat(roster.toGreetAgain()).containsExactly(B);
        assertThat(roster.firstAnswering()).contains(A);
    }

    @Test
    void members_that_are_none_any_more_are_forgotten_and_the_list_is_not() {
        Roster roster = asking(A, D);
        roster.welcomed(A, PROD);
        roster.welcomed(D, PROD);
        roster.learn(List.of(A, B));
        roster.welcomed(B, PROD);

        assertThat(roster.learn(List.of(B, C))).isTrue();
        assertThat(roster.learn(List.of(B, C))).isFalse();
        assertThat(roster.learned()).containsExactly(B, C);
        // What is known of those that stay is kept.
        assertThat(roster.toGreetAgain()).containsExactly(C);
        assertThat(roster.isListed(A)).isTrue();
        assertThat(roster.isListed(B)).isFalse();
    }

    @Test
    void nobody_makes_a_client_forget_what_it_knows() {
        Roster roster = asking(A);
        assertThat(roster.learn(List.of(B))).isFalse();
        roster.welcomed(A, PROD);
        roster.learn(List.of(B));

        assertThat(roster.learn(List.of())).isFalse();
        assertThat(roster.learned()).containsExactly(B);
    }

    @Test
    void while_the_list_is_split_nobody_is_learned_of() {
        Roster roster = asking(A, B);
        roster.welcomed(A, PROD);
        roster.welcomed(B, TEST);

        assertThat(roster.learn(List.of(C))).isFalse();
        assertThat(roster.toGreetAgain()).containsExactly(A, B);
    }

    @Test
    void a_list_whose_peers_all_refuse_is_not_the_end_if_a_member_does_not() {
        Roster roster = asking(A);
        roster.welcomed(A, PROD);
        roster.learn(List.of(B));
        roster.failed(A, refusal(A));

        assertThat(roster.allRefuse()).isFalse();
        roster.failed(B, refusal(B));
        assertThat(roster.allRefuse()).isTrue();
        assertThat(roster.describe()).contains("a:1 is something else", "b:1 is something else");
    }

    @Test
    void what_failed_is_away_for_a_while_and_longer_if_it_never_answered() {
        AtomicLong now = new AtomicLong();
        Roster roster = new Roster(List.of(A), new WantedCluster("", ""), now::get);
        roster.begin();
        roster.welcomed(A, PROD);
        roster.learn(List.of(B));
        assertThat(roster.isAway(A)).isFalse();
        for (int i = 0; i < 10; i++) {
            roster.failed(A, away(A));
            roster.failed(B, away(B));
        }

        now.set(Duration.ofMillis(1999).toNanos());
        assertThat(roster.isAway(A)).isTrue();
        now.set(Duration.ofMillis(2000).toNanos());
        assertThat(roster.isAway(A)).isFalse();
        now.set(Duration.ofMillis(29_999).toNanos());
        assertThat(roster.isAway(B)).isTrue();
        now.set(Duration.ofMillis(30_000).toNanos());
        assertThat(roster.isAway(B)).isFalse();

        roster.failed(A, away(A));
        roster.welcomed(A, PROD);
        assertThat(roster.isAway(A)).isFalse();
    }
}
