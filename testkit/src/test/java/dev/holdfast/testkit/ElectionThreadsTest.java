package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.election.RevokeReason;
import dev.holdfast.client.election.Term;
import dev.holdfast.client.errors.LockException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Elections whose listeners keep their threads, and calls of an election that come at the same time. */
class ElectionThreadsTest {
    private static final Lockable OFFICE = Holdfast.createLockable("office").of();

    private final TestCluster cluster = TestCluster.startWithManualClock();
    private final ExecutorService users = Executors.newFixedThreadPool(2);

    @AfterEach
    void close() {
        cluster.close();
        users.shutdownNow();
    }

    private static void leadUntilInterrupted() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void leaders_who_work_in_the_callback_keep_no_thread_of_a_users_executor() {
        HoldfastClient client = cluster.newClient(options -> options.callbackExecutor(users));
        List<Recorder> recorders = new ArrayList<>();
        List<Election> elections = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Recorder recorder = new Recorder(term -> leadUntilInterrupted());
            recorders.add(recorder);
            Election election =
                    client.createElection(Holdfast.createLockable("office" + i).of(), recorder);
            elections.add(election);
            election.stand();
        }
        recorders.forEach(each -> Recorder.soon().until(each::isElected));

        // Other callbacks come through meanwhile, on the users' executor.
        CompletableFuture<Thread> called = client.createLock()
                .acquireAsync(OFFICE, AcquireOptions.defaults())
                .thenApply(result -> Thread.currentThread())
                .toCompletableFuture();
        Recorder.soon().until(called::isDone);

        elections.forEach(Election::close);
        recorders.forEach(each -> {
            assertThat(each.revoked).containsExactly(RevokeReason.RESIGNED);
            each.assertInOrder();
        });
    }

    @Test
    void an_election_may_be_closed_on_the_only_thread_of_a_users_executor() {
        ExecutorService only = Executors.newSingleThreadExecutor();
        try {
            HoldfastClient client = cluster.newClient(options -> options.callbackExecutor(only));
            Recorder recorder = new Recorder(term -> leadUntilInterrupted());
            Election election = client.createElection(OFFICE, recorder);
            election.stand();
            Recorder.soon().until(recorder::isElected);

            CompletableFuture<List<RevokeReason>> heard = new CompletableFuture<>();
            only.execute(() -> {
                election.close();
                heard.complete(List.copyOf(recorder.revoked));
            });

            Recorder.soon().until(heard::isDone);
            assertThat(heard).isCompletedWithValue(List.of(RevokeReason.RESIGNED));
        } finally {
            only.shutdownNow();
        }
    }

    /** Fails to return from the news that it could not stand. */
    private static final class Stuck implements ElectionListener {
        final CountDownLatch mayGoOn = new CountDownLatch(1);
        final AtomicInteger failures = new AtomicInteger();
        final AtomicBoolean elected = new AtomicBoolean();

        @Override
        public void onElected(Term term) {
            elected.set(true);
        }

        @Override
        public void onStandFailed(LockException failure) {
            failures.incrementAndGet();
            try {
                mayGoOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void a_candidate_whose_listener_cannot_be_called_does_not_lead_but_gives_the_lead_to_the_next() {
        HoldfastClient cutOff = cluster.newClient();
        cluster.disconnect(cutOff);
        Stuck stuck = new Stuck();
        Election election = cutOff.createElection(OFFICE, stuck);
        election.stand();
        advanceUntil(() -> stuck.failures.get() == 1);
        cluster.reconnect(cutOff);
        advanceUntil(() -> cluster.client().createLock().isLocked(OFFICE));
        assertThat(election.isLeader()).isFalse();

        Recorder next = new Recorder();
        cluster.newClient().createElection(OFFICE, next).stand();
        advanceUntil(next::isElected);

        assertThat(election.isLeader()).isFalse();
        assertThat(election.isCandidate()).isTrue();
        assertThat(stuck.elected).isFalse();
        assertThat(cluster.client().createLock().get(OFFICE).orElseThrow().waiterCount())
                .isZero();
        stuck.mayGoOn.countDown();
        advanceUntil(
                () -> cluster.client().createLock().get(OFFICE).orElseThrow().waiterCount() == 1);
        // What failed while it did not return was told once, or not at all.
        assertThat(stuck.failures).hasValueLessThanOrEqualTo(2);
    }

    private void advanceUntil(BooleanSupplier done) {
        Recorder.soon().until(() -> {
            cluster.advance(Duration.ofMillis(400));
            return done.getAsBoolean();
        });
    }

    private static void spin(long nanos, BooleanSupplier done) {
        long beganNanos = System.nanoTime();
        while (!done.getAsBoolean() && System.nanoTime() - beganNanos < nanos) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whoever_resigns_does_not_lead_and_whoever_stands_again_will_however_close_the_grant_is() {
        Recorder recorder = new Recorder();
        Election election = cluster.newClient()
                .createElection(OFFICE, ElectionOptions.defaults().priority(ElectionOptions.PRIORITY_MAX), recorder);
        for (int i = 0; i < 100; i++) {
            election.stand();
            spin(ThreadLocalRandom.current().nextLong(TimeUnit.MICROSECONDS.toNanos(200)), () -> false);

            var unused = election.resignAsync();
            assertThat(election.isLeader()).isFalse();
            assertThat(election.isCandidate()).isFalse();
            election.stand();

            spin(TimeUnit.SECONDS.toNanos(60), election::isLeader);
            assertThat(election.isLeader()).isTrue();
            election.resign();
            assertThat(election.isLeader()).isFalse();
        }
        recorder.assertInOrder();
        assertThat(recorder.elected).hasSameSizeAs(recorder.revoked);
    }

    @Test
    void a_candidate_whose_client_is_closed_while_it_pauses_is_none_any_more() {
        HoldfastClient cutOff = cluster.newClient();
        cluster.disconnect(cutOff);
        Recorder recorder = new Recorder();
        Election election = cutOff.createElection(OFFICE, recorder);
        election.stand();
        advanceUntil(() -> !recorder.failures.isEmpty());
        assertThat(election.isCandidate()).isTrue();

        cutOff.close();

        assertThat(election.isCandidate()).isFalse();
    }
}
