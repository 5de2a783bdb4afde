package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.errors.SemaphoreWaitTimedOutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sharing permits. */
abstract class SemaphoreContract extends ContractBase {
    private HoldfastSemaphore semaphore;

    @BeforeEach
    void make_a_semaphore() {
        semaphore = client().createSemaphore(5);
    }

    @Test
    void permits_of_one_owner_add_up_to_one_hold() {
        assertThat(semaphore.max()).isEqualTo(5);
        assertThat(semaphore.available(thing)).isEqualTo(5);
        AcquireResult first = semaphore.acquire(ALICE, thing);
        AcquireResult second = semaphore.acquire(ALICE, thing, 2);

        assertThat(second.token()).isEqualTo(first.token());
        assertThat(second.reacquired()).isTrue();
        assertThat(second.orThrow().permits()).isEqualTo(2);
        assertThat(semaphore.available(thing)).isEqualTo(2);
        assertThat(semaphore.get(thing).holds()).singleElement().satisfies(hold -> {
            assertThat(hold.owner()).isEqualTo(ALICE);
            assertThat(hold.count()).isEqualTo(3);
            assertThat(hold.token()).isEqualTo(first.token());
        });
    }

    @Test
    void a_drain_takes_what_others_left() {
        semaphore.acquire(ALICE, thing, 2).orThrow();
        AcquireResult rest = otherClient().createSemaphore(5).drain(BOB, thing, AcquireOptions.defaults());

        assertThat(rest.orThrow().permits()).isEqualTo(3);
        assertThat(semaphore.available(thing)).isZero();
        assertThat(semaphore.drain(thing).acquired()).isFalse();
        rest.orThrow().release();
        assertThat(semaphore.available(thing)).isEqualTo(3);
    }

    @Test
    void permits_are_given_back_in_parts() {
        semaphore.acquire(ALICE, thing, 4).orThrow();

        semaphore.release(ALICE, thing, 3);
        assertThat(semaphore.available(thing)).isEqualTo(4);
        result(semaphore.releaseAsync(ALICE, thing, 1));
        assertThat(semaphore.available(thing)).isEqualTo(5);
        assertThat(semaphore.get(thing).holds()).isEmpty();
    }

    @Test
    void a_handle_gives_back_what_its_acquire_added() {
        LockHandle one = semaphore.acquire(ALICE, thing, 1).orThrow();
        LockHandle three = semaphore.acquire(ALICE, thing, 3).orThrow();

        one.release();
        assertThat(semaphore.available(thing)).isEqualTo(2);
        assertThat(three.state()).isEqualTo(HoldState.HELD);
        three.release();
        assertThat(semaphore.available(thing)).isEqualTo(5);
    }

    @Test
    void several_owners_share_the_permits() {
        HoldfastSemaphore elsewhere = otherClient().createSemaphore(5);
        long first = semaphore.acquire(ALICE, thing, 2).token();
        long second = elsewhere.acquire(BOB, thing, 3).token();

        assertThat(second).isGreaterThan(first);
        assertThat(semaphore.available(thing)).isZero();
        assertThat(semaphore.acquire(CAROL, thing).acquired()).isFalse();
        elsewhere.release(BOB, thing, 3);
        assertThat(semaphore.acquire(CAROL, thing).acquired()).isTrue();
    }

    @Test
    void a_refusal_tells_how_many_are_available() {
        semaphore.acquire(ALICE, thing, 3).orThrow();

        AcquireResult result = semaphore.acquire(BOB, thing, 4);

        assertThat(result.acquired()).isFalse();
        assertThat(result.available()).isEqualTo(2);
        assertThatThrownBy(result::orThrow).isInstanceOfSatisfying(SemaphoreCapacityExceededException.class, e -> {
            assertThat(e.lockableKey()).isEqualTo(thing.key());
            assertThat(e.requested()).isEqualTo(4);
            assertThat(e.available()).isEqualTo(2);
            assertThat(e.max()).isEqualTo(5);
        });
        assertThat(semaphore.available(thing)).isEqualTo(2);
    }

    @Test
    void more_than_there_will_ever_be_is_an_error_even_for_those_who_wait() {
        assertThatThrownBy(() -> semaphore.acquire(ALICE, thing, 6, waiting()))
                .isInstanceOfSatisfying(SemaphoreCapacityExceededException.class, e -> {
                    assertThat(e.lockableKey()).isEqualTo(thing.key());
                    assertThat(e.requested()).isEqualTo(6);
                    assertThat(e.available()).isEqualTo(5);
                    assertThat(e.max()).isEqualTo(5);
                });
        assertThat(semaphore.available(thing)).isEqualTo(5);
    }

    @Test
    void nobody_gives_back_more_than_they_hold() {
        LockHandle handle = semaphore.acquire(ALICE, thing, 2).orThrow();

        assertThatThrownBy(() -> semaphore.release(ALICE, thing, 3))
                .isInstanceOfSatisfying(LockNotHeldException.class, e -> {
                    assertThat(e.lockableKey()).isEqualTo(thing.key());
                    assertThat(e.ownerType()).isEqualTo("user");
                    assertThat(e.ownerId()).isEqualTo("alice");
                });
        assertThatThrownBy(() -> semaphore.release(BOB, thing, 1)).isInstanceOf(LockNotHeldException.class);
        assertThat(semaphore.available(thing)).isEqualTo(3);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        handle.release();
        assertThat(semaphore.available(thing)).isEqualTo(5);
    }

    @Test
    void a_large_request_at_the_head_is_not_overtaken_by_small_ones() {
        LockHandle two = semaphore.acquire(ALICE, thing, 2).orThrow();
        LockHandle one = semaphore.acquire(CAROL, thing, 1).orThrow();
        CompletableFuture<AcquireResult> large = queuePermits(BOB, 4);
        CompletableFuture<AcquireResult> small = queuePermits(LockOwner.unique("small"), 1);

        assertThat(semaphore.acquire(LockOwner.unique("quick"), thing).acquired())
                .isFalse();
        two.release();
        LockHandle granted = result(large).orThrow();
        assertThat(small).isNotDone();
        assertThat(semaphore.available(thing)).isZero();
        granted.release();
        assertThat(result(small).acquired()).isTrue();
        one.release();
        assertThat(semaphore.available(thing)).isEqualTo(4);
    }

    @Test
    void those_behind_a_head_that_gave_up_get_what_is_there() {
        semaphore.acquire(ALICE, thing, 3).orThrow();
        CompletableFuture<AcquireResult> large = queuePermits(BOB, 4);
        CompletableFuture<AcquireResult> small = queuePermits(CAROL, 2);

        large.cancel(false);

        assertThat(result(small).acquired()).isTrue();
    }

    private CompletableFuture<AcquireResult> queuePermits(LockOwner owner, int permits) {
        int before = semaphore.get(thing).waiterCount();
        CompletableFuture<AcquireResult> waiter =
                semaphore.acquireAsync(owner, thing, permits, waiting()).toCompletableFuture();
        await().atMost(PATIENCE).until(() -> semaphore.get(thing).waiterCount() == before + 1);
        return waiter;
    }

    @Test
    void a_wait_that_runs_out_takes_no_permits() throws InterruptedException {
        semaphore.acquire(ALICE, thing, 4).orThrow();

        AcquireResult result =
                semaphore.acquire(BOB, thing, 2, AcquireOptions.defaults().wait(Duration.ofMillis(200)));

        assertThat(result.timedOut()).isTrue();
        assertThatThrownBy(result::orThrow).isInstanceOf(SemaphoreWaitTimedOutException.class);
        assertThatThrownBy(() ->
                        semaphore.hold(BOB, thing, 2, AcquireOptions.defaults().wait(Duration.ofMillis(200))))
                .isInstanceOfSatisfying(SemaphoreWaitTimedOutException.class, e -> {
                    assertThat(e.requested()).isEqualTo(2);
                    assertThat(e.max()).isEqualTo(5);
                    assertThat(e.available()).hasValue(1);
                    assertThat(e.holders()).containsExactly(ALICE);
                });
        assertThat(semaphore.available(thing)).isEqualTo(1);
        assertThat(semaphore.acquire(BOB, thing, 1).acquired()).isTrue();
    }

    @Test
    void expired_permits_are_available_again() throws InterruptedException {
        LockHandle handle = semaphore.acquire(ALICE, thing, 5, ttl(300)).orThrow();

        assertThat(semaphore.acquire(BOB, thing, 5, waiting()).acquired()).isTrue();
        assertThat(result(handle.lossSignal())).isEqualTo(LossReason.EXPIRED);
    }

    @Test
    void permits_of_a_closed_client_are_available_again() throws InterruptedException {
        HoldfastClient leaving = otherClient(LockContract.options().sessionLease(Duration.ofHours(1)));
        leaving.createSemaphore(5).acquire(ALICE, thing, 5).orThrow();

        leaving.close();

        assertThat(semaphore.acquire(BOB, thing, 5, waiting()).acquired()).isTrue();
    }

    @Test
    void a_forced_release_takes_all_permits() {
        LockHandle first = semaphore.acquire(ALICE, thing, 1).orThrow();
        LockHandle second =
                otherClient().createSemaphore(5).acquire(BOB, thing, 2).orThrow();

        assertThat(semaphore.forceRelease(thing)).isEqualTo(2);

        assertThat(semaphore.available(thing)).isEqualTo(5);
        assertThat(result(first.lossSignal())).isEqualTo(LossReason.FORCE_RELEASED);
        assertThat(result(second.lossSignal())).isEqualTo(LossReason.FORCE_RELEASED);
        assertThat(semaphore.forceRelease(thing)).isZero();
    }

    @Test
    void an_extension_prolongs_and_needs_a_hold() throws InterruptedException {
        assertThatThrownBy(() -> semaphore.extend(ALICE, thing, Duration.ofHours(1)))
                .isInstanceOf(LockNotHeldException.class);
        semaphore.acquire(ALICE, thing, 2, ttl(60_000)).orThrow();

        semaphore.extend(ALICE, thing, Duration.ofHours(1));

        assertThat(semaphore.get(thing).holds().get(0).leaseLeft().orElseThrow())
                .isGreaterThan(Duration.ofMinutes(30));
    }

    @Test
    void processes_that_believe_in_different_sizes_get_along() {
        HoldfastSemaphore smaller = otherClient().createSemaphore(2);
        semaphore.acquire(ALICE, thing, 3).orThrow();

        assertThat(smaller.available(thing)).isZero();
        assertThat(smaller.acquire(BOB, thing).acquired()).isFalse();
        assertThat(semaphore.acquire(BOB, thing, 2).acquired()).isTrue();
        semaphore.release(ALICE, thing, 3);
        semaphore.release(BOB, thing, 1);
        assertThat(smaller.acquire(CAROL, thing).acquired()).isTrue();
    }

    @Test
    void a_handle_frees_the_permits_at_the_end_of_its_block() throws InterruptedException {
        try (LockHandle handle = semaphore.hold(ALICE, thing, 5, AcquireOptions.defaults())) {
            assertThat(handle.permits()).isEqualTo(5);
            assertThatThrownBy(() -> semaphore.hold(BOB, thing, 1, AcquireOptions.defaults()))
                    .isInstanceOf(SemaphoreCapacityExceededException.class);
        }
        assertThat(semaphore.available(thing)).isEqualTo(5);
    }

    @Test
    void a_release_of_more_permits_than_held_tells_how_many_are_held() {
        semaphore.acquire(BOB, thing, 1).orThrow();
        semaphore.acquire(ALICE, thing, 2).orThrow();

        assertThatThrownBy(() -> semaphore.release(ALICE, thing, 3))
                .isInstanceOfSatisfying(LockNotHeldException.class, e -> {
                    assertThat(e.held()).isEqualTo(2);
                    assertThat(e.requested()).isEqualTo(3);
                });
        assertThat(semaphore.available(thing)).isEqualTo(2);
    }
}
