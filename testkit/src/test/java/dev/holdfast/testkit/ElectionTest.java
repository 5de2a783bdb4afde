package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastClient.Registration;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.election.Leader;
import dev.holdfast.client.election.RevokeReason;
import dev.holdfast.client.election.Term;
import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ElectionTest {
    private static final Lockable IMPORTER = Holdfast.createLockable("importer").of();

    /** Of the session leases, which are 8 s. */
    private static final Duration LEASE = Duration.ofSeconds(8);

    private final ManualTimers timers = new ManualTimers();
    private final TestCluster cluster = TestCluster.start(timers);
    private final List<Recorder> recorders = new ArrayList<>();

    @AfterEach
    void everybody_has_heard_everything_in_order() {
        cluster.close();
        recorders.forEach(Recorder::assertInOrder);
    }

    private static ConditionFactory soon() {
        return Recorder.soon();
    }

    private Recorder recorder(Recorder.Work onElected) {
        Recorder recorder = new Recorder(onElected);
        recorders.add(recorder);
        return recorder;
    }

    private Recorder recorder() {
        return recorder(term -> {});
    }

    private static Election standing(HoldfastClient client, ElectionListener listener) {
        return standing(client, ElectionOptions.defaults(), listener);
    }

    private static Election standing(HoldfastClient client, ElectionOptions options, ElectionListener listener) {
        Election election = client.createElection(IMPORTER, options, listener);
        election.stand();
        return election;
    }

    private Election leading(HoldfastClient client, Recorder recorder) {
        Election election = standing(client, recorder);
        soon().until(recorder::isElected);
        return election;
    }

    private void awaitWaiters(int count) {
        soon().until(() -> cluster.client()
                        .createLock()
                        .get(IMPORTER)
                        .map(lock -> lock.waiterCount())
                        .orElse(0)
                == count);
    }

    @Test
    void the_first_candidate_leads_and_the_term_is_the_token_of_its_hold() {
        Recorder recorder = recorder();
        Election election = leading(cluster.newClient(options -> options.name("first")), recorder);

        assertThat(election.isLeader()).isTrue();
        assertThat(election.isCandidate()).isTrue();
        Term term = election.term().orElseThrow();
        assertThat(term.isCurrent()).isTrue();
        assertThat(recorder.elected).containsExactly(term.token());
        Leader leader = election.leader().orElseThrow();
        assertThat(leader.token()).isEqualTo(term.token());
        assertThat(leader.name()).isEqualTo("first");
        assertThat(leader.session()).isPresent();
        assertThat(cluster.client().createElection(IMPORTER).leader().map(Leader::owner))
                .contains(leader.owner());
    }

    @Test
    void nobody_leads_who_does_not_stand() {
        Election election = cluster.client().createElection(IMPORTER);

        assertThat(election.isCandidate()).isFalse();
        assertThat(election.isLeader()).isFalse();
        assertThat(election.leader()).isEmpty();
    }

    @Test
    void when_the_leader_resigns_the_next_candidate_leads_after_the_listener_has_returned() {
        CountDownLatch mayStop = new CountDownLatch(1);
        Recorder first = new Recorder(term -> {}, term -> mayStop.await());
        recorders.add(first);
        Election leaving = leading(cluster.newClient(), first);
        Recorder second = recorder();
        Election next = standing(cluster.newClient(), second);
        awaitWaiters(1);

        CompletableFuture<Void> resigned = leaving.resignAsync().toCompletableFuture();

        assertThat(leaving.isLeader()).isFalse();
        assertThat(leaving.isCandidate()).isFalse();
        soon().until(() -> first.revoked.contains(RevokeReason.RESIGNED));
        assertThat(next.isLeader()).isFalse();
        assertThat(resigned).isNotDone();
        mayStop.countDown();
        soon().until(second::isElected);
        soon().until(resigned::isDone);
        assertThat(second.elected.get(0)).isGreaterThan(first.elected.get(0));
    }

    @Test
    void the_lead_is_kept_for_a_listener_that_does_not_return_no_longer_than_the_handover_timeout() {
        CountDownLatch mayStop = new CountDownLatch(1);
        Recorder first = new Recorder(term -> {}, term -> mayStop.await());
        recorders.add(first);
        Election leaving = leading(cluster.newClient(), first);
        Recorder second = recorder();
        var unused = standing(cluster.newClient(), second);
        awaitWaiters(1);

        var stage = leaving.resignAsync();
        soon().until(() -> first.revoked.contains(RevokeReason.RESIGNED));
        cluster.advance(Duration.ofSeconds(9));
        assertThat(second.isElected()).isFalse();
        soon().until(() -> {
            cluster.advance(Duration.ofMillis(100));
            return second.isElected();
        });
        soon().until(() -> stage.toCompletableFuture().isDone());
        mayStop.countDown();
    }

    @Test
    void who_resigned_leads_again_only_after_it_has_stood_again_last_in_line() {
        Recorder first = recorder();
        Election leaving = leading(cluster.newClient(), first);
        Recorder second = recorder();
        Election next = standing(cluster.newClient(), second);
        awaitWaiters(1);

        leaving.resign();
        leaving.stand();
        soon().until(second::isElected);
        awaitWaiters(1);
        assertThat(first.isElected()).isFalse();

        next.resign();
        soon().until(() -> first.elected.size() == 2);
        assertThat(second.isElected()).isFalse();
    }

    @Test
    void a_candidate_leads_when_the_leader_s_session_has_ended() {
        HoldfastClient dying = cluster.newClient();
        Recorder first = recorder();
        Election dead = leading(dying, first);
        Recorder second = recorder();
        var unused = standing(cluster.newClient(), second);
        awaitWaiters(1);
        cluster.pause(dying);

        soon().until(() -> {
            cluster.advance(Duration.ofSeconds(1));
            return second.isElected();
        });

        assertThat(dead.isLeader()).isFalse();
        cluster.resume(dying);
        soon().until(() -> first.revoked.size() == 1);
        assertThat(first.revoked.get(0)).isIn(RevokeReason.LOST, RevokeReason.SUSPECT);
    }

    /** Lets time pass, a little at a time, until it is so. */
    private void advanceUntil(BooleanSupplier done) {
        soon().until(() -> {
            cluster.advance(Duration.ofMillis(100));
            return done.getAsBoolean();
        });
    }

    private long holdersToken() {
        return cluster.client()
                .createLock()
                .get(IMPORTER)
                .map(lock -> lock.token())
                .orElse(0L);
    }

    @Test
    void a_leader_who_does_not_hear_of_the_cluster_is_revoked_while_that_still_keeps_the_lead_for_it() {
        HoldfastClient cutOff = cluster.newClient();
        AtomicLong holderThen = new AtomicLong();
        Recorder first = new Recorder(term -> {}, term -> holderThen.set(holdersToken()));
        recorders.add(first);
        Election election = leading(cutOff, first);
        Recorder second = recorder();
        var unused = standing(cluster.newClient(), second);
        awaitWaiters(1);

        cluster.disconnect(cutOff);
        cluster.advance(LEASE.multipliedBy(70).dividedBy(100));
        assertThat(election.isLeader()).isTrue();
        cluster.advance(LEASE.multipliedBy(6).dividedBy(100));

        assertThat(election.isLeader()).isFalse();
        soon().until(() -> holderThen.get() != 0);
        assertThat(first.revoked).containsExactly(RevokeReason.SUSPECT);
        assertThat(holderThen).hasValue(first.elected.get(0));
        assertThat(second.isElected()).isFalse();
        advanceUntil(second::isElected);
    }

    @Test
    void a_leader_who_steps_down_only_at_the_end_of_its_lease_has_lost_it_then() {
        HoldfastClient cutOff = cluster.newClient();
        Recorder first = recorder();
        Election election = standing(cutOff, ElectionOptions.defaults().stepDownAfter(1), first);
        soon().until(first::isElected);

        cluster.disconnect(cutOff);
        cluster.advance(LEASE.multipliedBy(97).dividedBy(100));
        assertThat(election.isLeader()).isTrue();
        assertThat(holdersToken()).isEqualTo(first.elected.get(0));
        cluster.advance(LEASE.multipliedBy(3).dividedBy(100).minusMillis(1));

        assertThat(election.isLeader()).isFalse();
        assertThat(holdersToken()).isEqualTo(first.elected.get(0));
        soon().until(() -> first.revoked.contains(RevokeReason.LOST));
    }

    @Test
    void a_leader_who_is_connected_leads_on() {
        Recorder first = recorder();
        HoldfastClient client = cluster.newClient();
        Election election = leading(client, first);

        for (int i = 0; i < 100; i++) {
            cluster.advance(Duration.ofSeconds(1));
            // What was to be done by then is done when the client has been asked something.
            assertThat(client.createLock().isLocked(IMPORTER)).isTrue();
        }

        assertThat(election.isLeader()).isTrue();
        assertThat(first.elected).hasSize(1);
    }

    @Test
    void a_leader_who_steps_down_and_is_connected_again_releases_the_lead_and_stands_again() {
        HoldfastClient cutOff = cluster.newClient();
        Recorder first = recorder();
        Election election = leading(cutOff, first);
        cluster.disconnect(cutOff);
        cluster.advance(LEASE.multipliedBy(77).dividedBy(100));
        soon().until(() -> first.revoked.size() == 1);

        cluster.reconnect(cutOff);

        advanceUntil(() -> first.elected.size() == 2);
        assertThat(election.isLeader()).isTrue();
        assertThat(first.elected.get(1)).isGreaterThan(first.elected.get(0));
    }

    @Test
    void a_process_that_was_paused_beyond_its_lease_does_not_say_that_it_leads_when_it_goes_on() {
        HoldfastClient paused = cluster.newClient();
        Recorder first = recorder();
        Election election = leading(paused, first);
        Term term = election.term().orElseThrow();
        cluster.pause(paused);

        // None of its timers runs.
        cluster.advance(LEASE.multipliedBy(2));

        assertThat(term.isCurrent()).isFalse();
        assertThat(election.isLeader()).isFalse();
        assertThat(holdersToken()).isZero();
        cluster.resume(paused);
        soon().until(() -> first.revoked.size() == 1);
        advanceUntil(election::isLeader);
        assertThat(term.isCurrent()).isFalse();
    }

    @Test
    void a_machine_that_was_suspended_does_not_say_that_it_leads_before_anything_else_has_run() {
        Recorder first = recorder();
        Election election = leading(cluster.newClient(), first);

        timers.pause(LEASE);

        assertThat(election.isLeader()).isFalse();
        soon().until(() -> first.revoked.size() == 1);
    }

    @Test
    void a_lead_that_is_taken_by_force_is_revoked_and_the_candidate_stands_again() {
        Recorder first = recorder();
        Election election = leading(cluster.newClient(), first);

        assertThat(cluster.client().createLock().forceRelease(IMPORTER)).isTrue();

        advanceUntil(() -> first.elected.size() == 2);
        assertThat(first.revoked).containsExactly(RevokeReason.FORCED);
        assertThat(election.isLeader()).isTrue();
    }

    @Test
    void a_candidate_that_is_not_to_stand_again_does_not() {
        Recorder first = recorder();
        Election election =
                standing(cluster.newClient(), ElectionOptions.defaults().standAgain(false), first);
        soon().until(first::isElected);

        assertThat(cluster.client().createLock().forceRelease(IMPORTER)).isTrue();

        soon().until(() -> first.revoked.size() == 1);
        soon().until(() -> !election.isCandidate());
        cluster.advance(Duration.ofMinutes(1));
        assertThat(holdersToken()).isZero();
        election.stand();
        soon().until(() -> first.elected.size() == 2);
    }

    @Test
    void work_that_is_done_in_the_listener_is_interrupted_when_the_term_ends_and_others_hear_of_it_meanwhile() {
        CountDownLatch stopped = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Recorder first = recorder(term -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.complete(term.isCurrent());
                // It takes its time nevertheless.
                stopped.await();
            }
        });
        Election election = leading(cluster.newClient(), first);
        soon().until(election::isLeader);
        Term term = election.term().orElseThrow();

        assertThat(cluster.client().createLock().forceRelease(IMPORTER)).isTrue();

        soon().until(interrupted::isDone);
        assertThat(interrupted).isCompletedWithValue(false);
        soon().until(() -> term.ended().toCompletableFuture().isDone());
        assertThat(term.ended()).isCompletedWithValue(RevokeReason.FORCED);
        // It does not lead again before the listener has returned, not even though nobody else does.
        cluster.advance(Duration.ofMinutes(1));
        assertThat(first.revoked).isEmpty();
        assertThat(holdersToken()).isZero();
        stopped.countDown();
        advanceUntil(() -> first.elected.size() == 2);
        assertThat(first.revoked).containsExactly(RevokeReason.FORCED);
    }

    @Test
    void no_interrupt_is_left_behind_in_the_thread_of_a_listener() {
        CompletableFuture<Boolean> status = new CompletableFuture<>();
        Recorder first = new Recorder(
                term -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                },
                term -> status.complete(Thread.currentThread().isInterrupted()));
        recorders.add(first);
        Election election = leading(cluster.newClient(), first);

        election.resign();

        assertThat(status).isCompletedWithValue(false);
    }

    @Test
    void a_listener_may_resign_without_being_interrupted_or_waiting_for_itself() {
        AtomicReference<Election> election = new AtomicReference<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Recorder first = recorder(term -> {
            while (election.get() == null) {
                Thread.onSpinWait();
            }
            election.get().resign();
            interrupted.complete(Thread.currentThread().isInterrupted() || term.isCurrent());
        });
        election.set(standing(cluster.newClient(), first));

        soon().until(() -> first.revoked.contains(RevokeReason.RESIGNED));
        assertThat(interrupted).isCompletedWithValue(false);
        soon().until(() -> holdersToken() == 0);
    }

    @Test
    void a_leader_whose_listener_throws_gives_the_lead_away_and_stands_again_last_in_line() {
        AtomicBoolean broken = new AtomicBoolean(true);
        Recorder first = recorder(term -> {
            if (broken.get()) {
                throw new IllegalStateException("no database");
            }
        });
        HoldfastClient client = cluster.newClient();
        var unused = standing(client, first);

        soon().until(() -> first.revoked.contains(RevokeReason.FAILED));
        Recorder second = recorder();
        Election other = standing(cluster.newClient(), second);
        advanceUntil(second::isElected);
        broken.set(false);
        advanceUntil(
                () -> cluster.client().createLock().get(IMPORTER).orElseThrow().waiterCount() == 1);
        int before = first.elected.size();
        other.resign();
        soon().until(() -> first.elected.size() == before + 1);
    }

    @Test
    void closing_resigns_and_nothing_is_heard_afterwards() {
        Recorder first = recorder();
        Election election = leading(cluster.newClient(), first);

        election.close();

        assertThat(first.revoked).containsExactly(RevokeReason.RESIGNED);
        assertThat(election.isLeader()).isFalse();
        assertThat(holdersToken()).isZero();
        assertThatThrownBy(election::stand).isInstanceOf(IllegalStateException.class);
        election.close();
        cluster.advance(Duration.ofMinutes(1));
        assertThat(first.elected).hasSize(1);
        assertThat(first.revoked).hasSize(1);
    }

    @Test
    void closing_withdraws_a_candidate_who_waits() {
        Recorder first = recorder();
        Election leader = leading(cluster.newClient(), first);
        Recorder second = recorder();
        Election waiting = standing(cluster.newClient(), second);
        awaitWaiters(1);

        waiting.close();

        awaitWaiters(0);
        leader.close();
        assertThat(holdersToken()).isZero();
        assertThat(second.elected).isEmpty();
    }

    @Test
    void a_listener_may_close_its_election() {
        AtomicReference<Election> election = new AtomicReference<>();
        Recorder first = recorder(term -> {
            while (election.get() == null) {
                Thread.onSpinWait();
            }
            election.get().close();
        });
        election.set(standing(cluster.newClient(), first));

        soon().until(() -> first.revoked.contains(RevokeReason.RESIGNED));
        soon().until(() -> holdersToken() == 0);
    }

    @Test
    void a_client_that_is_closed_ends_the_term_and_the_candidacy() {
        HoldfastClient client = cluster.newClient();
        Recorder first = recorder();
        Election election = leading(client, first);

        client.close();

        assertThat(election.isLeader()).isFalse();
        soon().until(() -> first.revoked.contains(RevokeReason.CLIENT_CLOSED));
        soon().until(() -> !election.isCandidate());
        election.stand();
        soon().until(() -> !election.isCandidate());
        election.close();
    }

    @Test
    void a_candidate_who_waits_survives_the_loss_of_its_session() {
        Recorder first = recorder();
        Election leader = leading(cluster.newClient(), first);
        HoldfastClient cutOff = cluster.newClient();
        Recorder second = recorder();
        Election waiting = standing(cutOff, second);
        awaitWaiters(1);
        cluster.disconnect(cutOff);
        advanceUntil(
                () -> cluster.client().createLock().get(IMPORTER).orElseThrow().waiterCount() == 0);
        cluster.advance(Duration.ofMinutes(1));
        soon().until(() -> !second.failures.isEmpty());

        cluster.reconnect(cutOff);
        advanceUntil(
                () -> cluster.client().createLock().get(IMPORTER).orElseThrow().waiterCount() == 1);
        leader.close();

        soon().until(waiting::isLeader);
    }

    @Test
    void two_elections_of_one_client_are_two_candidates() {
        HoldfastClient client = cluster.newClient();
        Recorder first = recorder();
        Election one = leading(client, first);
        Recorder second = recorder();
        Election other = standing(client, second);
        awaitWaiters(1);

        assertThat(other.isLeader()).isFalse();
        one.close();
        soon().until(other::isLeader);
        assertThat(one.isLeader()).isFalse();
    }

    @Test
    void observers_who_are_no_candidates_hear_of_each_leader_in_turn() {
        List<String> heard = new CopyOnWriteArrayList<>();
        Election observing = cluster.newClient().createElection(IMPORTER);
        Registration registration =
                observing.observe(leader -> heard.add(leader.map(Leader::name).orElse("nobody")));
        soon().until(() -> heard.equals(List.of("nobody")));

        Recorder first = recorder();
        Election one = standing(cluster.newClient(), ElectionOptions.defaults().name("one"), first);
        advanceUntil(() -> heard.size() == 2);
        Recorder second = recorder();
        Election two = standing(cluster.newClient(), ElectionOptions.defaults().name("two"), second);
        awaitWaiters(1);
        one.close();
        advanceUntil(() -> heard.size() >= 3 && heard.get(heard.size() - 1).equals("two"));
        registration.close();
        two.close();
        cluster.advance(Duration.ofMinutes(1));

        assertThat(heard).startsWith("nobody", "one").endsWith("two");
    }

    @Test
    void a_leader_s_own_observers_hear_of_its_lead_without_waiting_for_the_interval() {
        List<Optional<Leader>> heard = new CopyOnWriteArrayList<>();
        Recorder first = recorder();
        Election election = cluster.newClient().createElection(IMPORTER, first);
        var unused = election.observe(heard::add);
        soon().until(() -> heard.size() == 1);

        election.stand();

        soon().until(() -> heard.size() == 2);
        soon().until(first::isElected);
        assertThat(heard.get(1).orElseThrow().token()).isEqualTo(first.elected.get(0));
    }

    @Test
    void somebody_who_just_locks_it_is_reported_too() throws Exception {
        LockHandle held = cluster.client()
                .createLock()
                .hold(Holdfast.createLockOwner("user").of("ada"), IMPORTER, AcquireOptions.defaults());

        Leader leader = cluster.client().createElection(IMPORTER).leader().orElseThrow();

        assertThat(leader.name()).isEqualTo("ada");
        assertThat(leader.token()).isEqualTo(held.token());
    }
}
