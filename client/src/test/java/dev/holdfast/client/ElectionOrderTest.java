package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.LEASE;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.election.RevokeReason;
import dev.holdfast.client.election.Term;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What comes to an election at the worst moment, in one thread, where each moment can be chosen. */
class ElectionOrderTest {
    private final Moments moments = new Moments();
    private final Rig rig = new Rig(options -> {
        moments.timers = options.timers();
        return options.timers(moments);
    });
    private final Heard heard = new Heard();

    /** Timers that do something else when a candidate is about to lead: when it asks for the last time whether its hold is over. */
    private static final class Moments implements Timers, Executor {
        final AtomicReference<@Nullable Runnable> beforeItLeads = new AtomicReference<>();
        final AtomicBoolean failing = new AtomicBoolean();

        @Nullable
        Timers timers;

        private Timers timers() {
            Timers known = timers;
            return known == null ? new ManualTimers() : known;
        }

        private static boolean isAboutToLead() {
            return StackWalker.getInstance()
                    .walk(frames ->
                            frames.anyMatch(frame -> frame.getClassName().endsWith(".election.Candidate")
                                    && frame.getMethodName().equals("checked")));
        }

        @Override
        public long nanoTime() {
            if (beforeItLeads.get() != null && isAboutToLead()) {
                Runnable now = beforeItLeads.getAndSet(null);
                if (now != null) {
                    now.run();
                }
            }
            return timers().nanoTime();
        }

        @Override
        public Scheduled schedule(Runnable task, long delayNanos) {
            return timers().schedule(task, delayNanos);
        }

        @Override
        public Executor threads() {
            return this;
        }

        @Override
        public void execute(Runnable task) {
            if (failing.getAndSet(false)) {
                throw new OutOfMemoryError("for a test");
            }
            task.run();
        }
    }

    private static final class Heard implements ElectionListener {
        final List<Term> elected = new ArrayList<>();
        final List<RevokeReason> revoked = new ArrayList<>();

        @Override
        public void onElected(Term term) {
            elected.add(term);
        }

        @Override
        public void onRevoked(Term term, RevokeReason reason) {
            revoked.add(reason);
        }
    }

    private Election election(ElectionOptions options, ElectionListener listener) {
        return rig.client.createElection(ORDER, options, listener);
    }

    private Election election() {
        return election(ElectionOptions.defaults(), heard);
    }

    @Test
    void whoever_resigns_at_the_moment_of_its_election_does_not_lead() {
        Election election = election();
        List<Boolean> candidateAfterwards = new ArrayList<>();
        moments.beforeItLeads.set(() -> {
            var unused = election.resignAsync();
            candidateAfterwards.add(election.isCandidate());
        });

        election.stand();

        assertThat(candidateAfterwards).containsExactly(false);
        assertThat(heard.elected).isEmpty();
        assertThat(election.isLeader()).isFalse();
        assertThat(election.isCandidate()).isFalse();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void whoever_resigns_at_the_moment_of_its_election_and_stands_again_leads() {
        Election election = election();
        moments.beforeItLeads.set(() -> {
            var unused = election.resignAsync();
            election.stand();
        });

        election.stand();
        rig.advance(Duration.ofSeconds(1));

        assertThat(moments.beforeItLeads).hasNullValue();
        assertThat(election.isCandidate()).isTrue();
        assertThat(election.isLeader()).isTrue();
        assertThat(heard.elected).hasSize(1);
        assertThat(heard.revoked).isEmpty();
    }

    @Test
    void whoever_resigns_when_its_lease_is_over_hears_that_it_was_lost() {
        Election election = election();
        election.stand();

        // None of its timers runs.
        rig.timers.pause(LEASE.multipliedBy(2));
        var unused = election.resignAsync();

        assertThat(heard.revoked).containsExactly(RevokeReason.LOST);
        assertThat(election.isCandidate()).isFalse();
        rig.advance(Duration.ofMinutes(1));
        assertThat(heard.elected).hasSize(1);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_lead_is_given_away_although_whoever_ended_it_failed_on_the_way() {
        Election election = election();
        election.stand();
        assertThat(election.isLeader()).isTrue();

        moments.failing.set(true);
        try {
            var unused = election.resignAsync();
        } catch (OutOfMemoryError e) {
            assertThat(e).hasMessage("for a test");
        }
        rig.advance(LEASE.multipliedBy(2));

        assertThat(election.isLeader()).isFalse();
        assertThat(heard.revoked).containsExactly(RevokeReason.RESIGNED);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_leader_who_could_not_see_who_waits_yields_when_it_can() {
        LockHandle before = rig.hold(BOB);
        Heard first = new Heard();
        Election yielding = election(ElectionOptions.defaults().yieldToHigher(true), first);
        yielding.stand();
        Heard second = new Heard();
        Election higher = election(ElectionOptions.defaults().priority(9), second);
        higher.stand();
        rig.advance(Duration.ofSeconds(1));

        rig.cluster.queriesForbidden = true;
        before.close();
        assertThat(yielding.isLeader()).isTrue();
        rig.advance(Duration.ofSeconds(3));
        assertThat(yielding.isLeader()).isTrue();
        rig.cluster.queriesForbidden = false;
        rig.advance(Duration.ofSeconds(2));

        assertThat(first.revoked).containsExactly(RevokeReason.YIELDED);
        assertThat(higher.isLeader()).isTrue();
        assertThat(yielding.isCandidate()).isTrue();
    }

    @Test
    void a_candidate_whose_last_term_failed_takes_the_lead_from_nobody_until_it_has_led_for_a_while() {
        AtomicBoolean broken = new AtomicBoolean(true);
        List<Term> attempts = new ArrayList<>();
        Election higher = election(ElectionOptions.defaults().priority(9).yieldToHigher(true), term -> {
            attempts.add(term);
            if (broken.get()) {
                throw new IllegalStateException("no database");
            }
        });
        higher.stand();
        Election lower = election(ElectionOptions.defaults().yieldToHigher(true), heard);
        lower.stand();
        rig.advance(Duration.ofMinutes(5));

        assertThat(lower.isLeader()).isTrue();
        assertThat(heard.elected).hasSize(1);
        assertThat(heard.revoked).isEmpty();

        broken.set(false);
        lower.close();
        rig.advance(LEASE.multipliedBy(2));
        assertThat(higher.isLeader()).isTrue();
        assertThat(attempts).hasSizeLessThan(10);
        Heard again = new Heard();
        Election next = election(ElectionOptions.defaults().yieldToHigher(true), again);
        next.stand();
        higher.resign();
        assertThat(next.isLeader()).isTrue();
        higher.stand();
        rig.advance(Duration.ofSeconds(5));
        assertThat(higher.isLeader()).isTrue();
        assertThat(again.revoked).containsExactly(RevokeReason.YIELDED);
    }

    @Test
    void a_candidate_who_cannot_reach_the_cluster_tries_again_ever_less_often() {
        rig.cluster.down = true;
        List<Long> failedAtMs = new ArrayList<>();
        election(ElectionOptions.defaults(), new ElectionListener() {
                    @Override
                    public void onElected(Term term) {}

                    @Override
                    public void onStandFailed(LockException failure) {
                        failedAtMs.add(TimeUnit.NANOSECONDS.toMillis(rig.timers.nanoTime()));
                    }
                })
                .stand();

        for (int i = 0; i < 50_000 && failedAtMs.size() < 13; i++) {
            rig.advance(Duration.ofMillis(10));
        }

        // Each attempt takes the request timeout of 10 s. The pause after it doubles, from 20 ms to 10 s, and is random
        // by a half.
        List<Long> pausesMs = IntStream.range(1, failedAtMs.size())
                .mapToObj(i -> failedAtMs.get(i) - failedAtMs.get(i - 1) - 10_000)
                .toList();
        assertThat(pausesMs).hasSize(12);
        assertThat(pausesMs.get(0)).isBetween(0L, 50L);
        assertThat(pausesMs.get(4)).isBetween(150L, 350L);
        assertThat(pausesMs.get(7)).isBetween(1_250L, 2_600L);
        assertThat(pausesMs.get(11)).isBetween(5_000L, 10_050L);
    }

    @Test
    void nothing_is_told_after_the_end_of_the_observation() {
        Election election = election();
        List<Object> seen = new ArrayList<>();
        var registration = election.observe(seen::add);
        assertThat(seen).hasSize(1);
        registration.close();
        election.stand();
        rig.advance(Duration.ofMinutes(1));
        assertThat(seen).hasSize(1);

        var unused = election.observe(seen::add);
        assertThat(seen).hasSize(2);
        election.close();
        rig.advance(Duration.ofMinutes(1));
        assertThat(seen).hasSize(2);
        assertThatThrownBy(election::stand).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whoever_begins_to_observe_hears_who_leads_then_and_not_who_led_when_others_were_told() {
        Election observing = election(ElectionOptions.defaults().observeEvery(Duration.ofMinutes(10)), heard);
        List<Object> early = new ArrayList<>();
        var unused = observing.observe(leader -> early.add(leader.isPresent()));
        assertThat(early).containsExactly(false);
        LockHandle held = rig.hold(BOB);

        List<Object> late = new ArrayList<>();
        var alsoUnused = observing.observe(leader -> late.add(leader.isPresent()));

        assertThat(late).containsExactly(true);
        assertThat(early).containsExactly(false, true);
        held.close();
    }
}
