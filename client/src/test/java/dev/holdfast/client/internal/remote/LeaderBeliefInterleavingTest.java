package dev.holdfast.client.internal.remote;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.support.EveryOrder;
import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.support.LincheckTest;
import dev.holdfast.client.support.Race;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Many requests fail at once, on several threads, and peers name leaders meanwhile. Nobody connects to these peers. */
class LeaderBeliefInterleavingTest {
    private static final HostPort A = new HostPort("a", 1);
    private static final HostPort B = new HostPort("b", 1);
    private static final HostPort C = new HostPort("c", 1);

    /** Nothing here needs a timer. Lincheck resets whatever it can reach, and must not reach a thread or a thread group. */
    private static final ScheduledExecutorService TIMERS = new ScheduledThreadPoolExecutor(1, task -> {
        throw new AssertionError("nobody connects to these peers");
    });

    private static final Map<HostPort, RemotePeer> PEERS = Map.of(A, peer(A), B, peer(B), C, peer(C));
    private static final TransportException UNREACHABLE = new TransportException(Kind.UNREACHABLE, "gone");

    /** What the scenarios need of a belief. */
    private interface Belief {
        HostPort believed();

        void failed(HostPort peer);

        void hinted(HostPort by, HostPort leader);

        boolean answered(HostPort peer);
    }

    private static RemotePeer peer(HostPort address) {
        return new RemotePeer(address, RemoteOptions.named("test"), TIMERS);
    }

    @AfterAll
    static void stop() {
        TIMERS.shutdownNow();
    }

    @LincheckTest
    void one_break_with_two_requests_moves_on_by_one_peer() {
        Interleavings.explore(() -> failTwice(Race.FREE, race -> new Real(race)));
    }

    @LincheckTest
    void a_belief_that_checks_and_then_moves_on_is_rejected() {
        Interleavings.assertRaceIsFound(() -> failTwice(Race.FREE, race -> new CheckThenSet(race)));
    }

    @LincheckTest
    void a_hint_and_a_failure_of_the_same_peer_count_once() {
        Interleavings.explore(() -> failAndHint(Race.FREE, race -> new Real(race)));
    }

    @LincheckTest
    void a_belief_that_moves_on_from_a_leader_just_named_is_rejected() {
        Interleavings.assertRaceIsFound(() -> failAndHint(Race.FREE, race -> new CheckThenSet(race)));
    }

    @LincheckTest
    void a_new_leader_is_news_to_one_thread() {
        Interleavings.explore(() -> answerTwice(Race.FREE, race -> new Real(race)));
    }

    @LincheckTest
    void a_belief_that_tells_news_twice_is_rejected() {
        Interleavings.assertRaceIsFound(() -> answerTwice(Race.FREE, race -> new CheckThenSet(race)));
    }

    @Test
    void in_every_order_of_the_steps_failures_hints_and_answers_count_once() {
        EveryOrder.holds(steps -> failTwice(steps, race -> new Real(race)));
        EveryOrder.holds(steps -> failAndHint(steps, race -> new Real(race)));
        EveryOrder.holds(steps -> answerTwice(steps, race -> new Real(race)));
        EveryOrder.breaks(steps -> failTwice(steps, race -> new CheckThenSet(race)));
        EveryOrder.breaks(steps -> failAndHint(steps, race -> new CheckThenSet(race)));
        EveryOrder.breaks(steps -> answerTwice(steps, race -> new CheckThenSet(race)));
    }

    private static void failTwice(Race race, Function<Race, Belief> kind) {
        Belief belief = kind.apply(race);
        race.together(() -> belief.failed(A), () -> belief.failed(A));
        require(belief.believed() == B, "believed: " + belief.believed());
    }

    /** The hint comes before the failure and then that is of a peer not asked any more; or after it and is not heard. */
    private static void failAndHint(Race race, Function<Race, Belief> kind) {
        Belief belief = kind.apply(race);
        boolean[] failureCame = {false, false};
        race.together(
                () -> {
                    belief.hinted(A, C);
                    race.pause();
                    failureCame[0] = belief.believed() == B;
                },
                () -> {
                    belief.failed(A);
                    race.pause();
                    failureCame[1] = belief.believed() == B;
                });
        boolean same = failureCame[0] == failureCame[1];
        HostPort last = belief.believed();
        require(same && last == (failureCame[0] ? B : C), "believed at the end: " + last);
    }

    private static void answerTwice(Race race, Function<Race, Belief> kind) {
        Belief belief = kind.apply(race);
        int[] news = {0, 0};
        race.together(
                () -> news[0] = belief.answered(A) ? 1 : 0, //
                () -> news[1] = belief.answered(A) ? 1 : 0);
        require(news[0] + news[1] == 1, "news to " + (news[0] + news[1]));
    }

    private static final class Real implements Belief {
        private final LeaderBelief belief;

        /** C is not listed but learned, which is a place to stop while the belief is being changed. */
        Real(Race race) {
            belief = new LeaderBelief(
                    List.of(A, B),
                    address -> {
                        race.pause();
                        return PEERS.get(address);
                    },
                    address -> false);
        }

        @Override
        public HostPort believed() {
            return belief.believed().address();
        }

        @Override
        public void failed(HostPort peer) {
            belief.failed(PEERS.get(peer), UNREACHABLE);
        }

        @Override
        public void hinted(HostPort by, HostPort leader) {
            belief.hinted(PEERS.get(by), new LeaderHint("", leader));
        }

        @Override
        public boolean answered(HostPort peer) {
            return belief.answered(PEERS.get(peer));
        }
    }

    /** The same without a lock. */
    private static final class CheckThenSet implements Belief {
        private static final List<HostPort> LISTED = List.of(A, B, C);

        private volatile int position;
        private volatile boolean confirmed;
        private final Race race;

        CheckThenSet(Race race) {
            this.race = race;
        }

        @Override
        public HostPort believed() {
            return LISTED.get(position);
        }

        @Override
        public void failed(HostPort peer) {
            if (believed() == peer) {
                race.pause();
                position = (position + 1) % LISTED.size();
                confirmed = false;
            }
        }

        @Override
        public void hinted(HostPort by, HostPort leader) {
            if (believed() == by) {
                race.pause();
                position = LISTED.indexOf(leader);
                confirmed = false;
            }
        }

        @Override
        public boolean answered(HostPort peer) {
            if (believed() != peer || confirmed) {
                return false;
            }
            race.pause();
            confirmed = true;
            return true;
        }
    }
}
