package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_SEMAPHORE;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.Command;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Acquires of all permits that are free. */
class DrainTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();

    private final Rig rig = new Rig();
    private final HoldfastSemaphore semaphore = rig.client.createSemaphore(5);

    @Test
    void a_drain_takes_what_is_free_and_its_handle_gives_that_back() {
        LockHandle before = semaphore.acquire(ALICE, ORDER, 2).orThrow();
        AcquireResult drained = semaphore.drain(ALICE, ORDER, DEFAULTS);
        assertThat(drained.orThrow().permits()).isEqualTo(3);
        assertThat(drained.count()).isEqualTo(5);
        assertThat(drained.reacquired()).isTrue();
        assertThat(drained.token()).isEqualTo(before.token());
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isEqualTo(5);

        drained.orThrow().close();
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isEqualTo(2);
        assertThat(before.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void a_drain_with_an_owner_of_its_own_is_one_hold() {
        AcquireResult drained = semaphore.drain(ORDER);
        assertThat(drained.orThrow().permits()).isEqualTo(5);
        assertThat(drained.orThrow().owner().type()).isEqualTo("anonymous");
    }

    @Test
    void a_drain_of_nothing_is_refused() {
        semaphore.acquire(BOB, ORDER, 5).orThrow();
        AcquireResult refused = semaphore.drain(ALICE, ORDER, DEFAULTS);
        assertThat(refused.acquired()).isFalse();
        assertThat(refused.available()).isZero();
        assertThat(refused.holder()).contains(BOB);
        assertThatThrownBy(refused::orThrow).isInstanceOf(SemaphoreCapacityExceededException.class);
    }

    @Test
    void a_drain_has_the_lease_that_it_asks_for() {
        LockHandle handle = semaphore
                .drainAsync(ALICE, ORDER, DEFAULTS.ttl(Duration.ofMinutes(1)))
                .toCompletableFuture()
                .join()
                .orThrow();
        rig.advance(Duration.ofMinutes(1));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void a_drain_does_not_wait() {
        AcquireOptions waiting = DEFAULTS.waitForever();
        assertThatThrownBy(() -> semaphore.drain(ALICE, ORDER, waiting))
                .isInstanceOf(LockRequestRejectedException.class);
        assertThat(failureOf(semaphore.drainAsync(ALICE, ORDER, waiting).toCompletableFuture()))
                .isInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void a_drain_of_unknown_outcome_is_undone() {
        semaphore.acquire(BOB, ORDER, 2).orThrow();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> asked =
                semaphore.drainAsync(ALICE, ORDER, DEFAULTS).toCompletableFuture();
        rig.advance(Duration.ofSeconds(10));
        assertThat(failureOf(asked))
                .isInstanceOf(LockOutcomeUnknownException.class)
                .hasMessageContaining("drain of");
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isEqualTo(5);
        rig.cluster.answerHeld();
        rig.pause();
        assertThat(rig.commands(Command.CancelAcquire.class)).isNotEmpty();
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isEqualTo(2);
    }

    @Test
    void a_drain_that_is_given_up_is_undone() {
        rig.cluster.next(Fault.HELD);
        CompletableFuture<AcquireResult> asked =
                semaphore.drainAsync(ALICE, ORDER, DEFAULTS).toCompletableFuture();
        asked.cancel(false);
        rig.cluster.applyHeld();
        rig.pause();
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isZero();
    }
}
