package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.LEASE;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.ORDER_SEMAPHORE;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Holds with a TTL that outlived a session of their client, and that a later session keeps for a while. */
class MixedLeasesTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Rig rig = new Rig();
    private final HoldfastLock reentrant =
            rig.client.createLock(LockOptions.defaults().reentrant());

    private LockHandle acquireForAMinute() throws InterruptedException {
        LockHandle handle =
                reentrant.acquire(ALICE, ORDER, DEFAULTS.ttl(MINUTE)).orThrow();
        loseSession();
        return handle;
    }

    private void loseSession() {
        rig.cluster.down = true;
        rig.advance(LEASE.plusSeconds(4));
        rig.cluster.down = false;
        rig.advance(Duration.ofSeconds(2));
    }

    @Test
    void the_ttl_ends_what_is_left_once_nothing_of_the_session_is() throws InterruptedException {
        LockHandle outer = acquireForAMinute();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        assertThat(inner.token()).isEqualTo(outer.token());
        assertThat(outer.leaseLeft().orElseThrow()).isLessThanOrEqualTo(LEASE);

        inner.release();
        assertThat(outer.state()).isEqualTo(HoldState.HELD);
        assertThat(outer.leaseLeft().orElseThrow()).isBetween(Duration.ofSeconds(40), MINUTE);
        CompletableFuture<LossReason> lost = outer.lossSignal().toCompletableFuture();
        rig.advance(MINUTE);
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
        assertThat(lost.join()).isEqualTo(LossReason.EXPIRED);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_ttl_that_was_extended_while_a_session_kept_it_counts_in_the_end() throws InterruptedException {
        LockHandle outer = acquireForAMinute();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        outer.extend(MINUTE.multipliedBy(3));
        inner.release();
        rig.advance(MINUTE.multipliedBy(2));
        assertThat(outer.state()).isEqualTo(HoldState.HELD);
        rig.advance(MINUTE);
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void the_ttl_counts_as_soon_as_a_release_may_be_done() throws InterruptedException {
        LockHandle outer = acquireForAMinute();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        rig.cluster.next(Fault.ANSWER_HELD);
        inner.releaseAsync();

        rig.advance(MINUTE);
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
        rig.cluster.answerHeld();
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void the_session_keeps_all_again_if_a_release_was_not_done() throws InterruptedException {
        LockHandle outer = acquireForAMinute();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        rig.cluster.next(Fault.REFUSED);
        assertThat(failureOf(inner.releaseAsync().toCompletableFuture())).isInstanceOf(LockException.class);

        rig.advance(MINUTE);
        assertThat(outer.state()).isEqualTo(HoldState.HELD);
        assertThat(inner.state()).isEqualTo(HoldState.HELD);
        inner.release();
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void the_session_keeps_all_while_anything_of_it_is_left() throws InterruptedException {
        LockHandle outer = acquireForAMinute();
        LockHandle middle = reentrant.acquire(ALICE, ORDER).orThrow();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        middle.release();
        rig.advance(MINUTE);
        assertThat(outer.state()).isEqualTo(HoldState.HELD);
        assertThat(inner.state()).isEqualTo(HoldState.HELD);
        outer.release();
        inner.release();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_session_that_kept_it_before_does_not_keep_what_it_acquires_with_a_ttl() throws InterruptedException {
        LockHandle outer = acquireForAMinute();
        reentrant.acquire(ALICE, ORDER).orThrow().release();
        LockHandle next = reentrant.acquire(ALICE, ORDER, DEFAULTS.ttl(MINUTE)).orThrow();
        rig.advance(MINUTE);
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
        assertThat(next.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void the_ttl_ends_what_is_left_of_permits_that_their_owner_gives_back() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        LockHandle outer = semaphore
                .acquireAsync(ALICE, ORDER, 2, DEFAULTS.ttl(MINUTE))
                .toCompletableFuture()
                .join()
                .orThrow();
        loseSession();
        LockHandle inner = semaphore
                .acquireAsync(ALICE, ORDER, 2, DEFAULTS)
                .toCompletableFuture()
                .join()
                .orThrow();
        semaphore.release(ALICE, ORDER, 1);
        rig.advance(MINUTE);
        assertThat(outer.state()).isEqualTo(HoldState.HELD);
        assertThat(inner.permits()).isEqualTo(1);

        semaphore.release(ALICE, ORDER, 1);
        assertThat(inner.state()).isEqualTo(HoldState.RELEASED);
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isZero();
    }

    @Test
    void an_owners_releases_at_the_same_time_take_one_after_the_other() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        for (int permits = 1; permits <= 2; permits++) {
            semaphore
                    .acquireAsync(ALICE, ORDER, permits, DEFAULTS.ttl(MINUTE))
                    .toCompletableFuture()
                    .join();
            loseSession();
        }
        rig.cluster.next(Fault.HELD, Fault.HELD, Fault.HELD);
        List<CompletableFuture<Void>> released = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            released.add(semaphore.releaseAsync(ALICE, ORDER, 1).toCompletableFuture());
        }
        while (!released.get(2).isDone()) {
            rig.cluster.applyHeld();
        }
        assertThat(released).allSatisfy(each -> assertThat(each).isCompleted());
        assertThat(rig.commands(Command.Release.class))
                .extracting(Command.Release::acquiredIn)
                .containsExactly(2L, 2L, 1L);
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isZero();
    }

    @Test
    void who_gives_back_what_a_session_keeps_says_so() throws InterruptedException {
        LockHandle outer = acquireForAMinute();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        inner.release();
        outer.release();
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        semaphore.acquireAsync(ALICE, ORDER, 2, DEFAULTS).toCompletableFuture().join();
        semaphore
                .acquireAsync(ALICE, ORDER, 1, DEFAULTS.ttl(MINUTE))
                .toCompletableFuture()
                .join();
        semaphore.release(ALICE, ORDER, 1);
        semaphore.release(ALICE, ORDER, 1);
        assertThat(rig.commands(Command.Release.class))
                .extracting(Command.Release::endsWithSession)
                .containsExactly(true, false, false, true);
    }

    @Test
    void counts_with_a_ttl_are_given_back_when_the_session_is_lost_that_kept_their_hold() throws InterruptedException {
        AcquireOptions tenMinutes = DEFAULTS.ttl(Duration.ofMinutes(10));
        LockHandle outer = reentrant.acquire(ALICE, ORDER, tenMinutes).orThrow();
        long first = rig.cluster.sessions.keySet().iterator().next().low();
        loseSession();
        LockHandle inner = reentrant.acquire(ALICE, ORDER).orThrow();
        loseSession();
        assertThat(outer.state()).isEqualTo(HoldState.LOST);
        assertThat(inner.state()).isEqualTo(HoldState.LOST);

        assertThat(rig.commands(Command.Release.class))
                .extracting(Command.Release::permits, Command.Release::acquiredIn)
                .containsExactly(tuple(1, first));
    }
}
