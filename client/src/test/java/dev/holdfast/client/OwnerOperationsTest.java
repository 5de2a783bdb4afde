package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.ORDER_SEMAPHORE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.info.LockableKind;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.Command;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Releases, extensions and looks at locks without a handle. */
class OwnerOperationsTest {
    private final Rig rig = new Rig();

    @Test
    void an_owner_releases_what_this_client_acquired_for_it() {
        LockHandle handle = rig.hold(ALICE);
        rig.lock.release(ALICE, ORDER);
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThat(rig.commands(Command.Release.class).get(0).token()).isEqualTo(handle.token());
    }

    @Test
    void an_owner_releases_what_another_process_acquired_for_it() {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(ALICE), 1);
        rig.lock.release(ALICE, ORDER);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void releasing_what_others_hold_is_refused_and_names_them() {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(BOB), 1);
        assertThatExceptionOfType(LockNotHeldException.class)
                .isThrownBy(() -> rig.lock.release(ALICE, ORDER))
                .satisfies(e -> assertThat(e.currentOwner()).contains(BOB))
                .satisfies(e -> assertThat(e.ownerId()).isEqualTo("alice"));
        assertThat(rig.commands(Command.Release.class)).isEmpty();
    }

    @Test
    void releasing_what_nobody_holds_is_refused() {
        assertThatThrownBy(() -> rig.lock.release(ALICE, ORDER)).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void no_owner_and_no_lockable_are_refused_at_once() {
        assertThatThrownBy(() -> rig.lock.release(null, ORDER)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> rig.lock.release(ALICE, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> rig.lock.extend(null, ORDER, Duration.ofSeconds(1)))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> rig.lock.acquire(null, ORDER)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> rig.lock.acquire(ALICE, null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void an_owner_whose_hold_expired_here_is_told_so() {
        rig.hold(ALICE, AcquireOptions.defaults().ttl(Duration.ofSeconds(1)));
        rig.advance(Duration.ofSeconds(2));
        rig.cluster.tick();
        assertThatThrownBy(() -> rig.lock.release(ALICE, ORDER)).isInstanceOf(LockExpiredException.class);
        assertThatThrownBy(() -> rig.lock.extend(ALICE, ORDER, Duration.ofSeconds(1)))
                .isInstanceOf(LockExpiredException.class);
    }

    @Test
    void an_owner_whose_hold_expired_here_releases_the_newer_one_it_has_elsewhere() {
        rig.hold(ALICE, AcquireOptions.defaults().ttl(Duration.ofSeconds(1)));
        rig.advance(Duration.ofSeconds(2));
        rig.cluster.tick();
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(ALICE), 1);
        rig.lock.release(ALICE, ORDER);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void an_owner_extends_its_hold() {
        LockHandle handle = rig.hold(ALICE, AcquireOptions.defaults().ttl(Duration.ofSeconds(1)));
        rig.lock.extend(ALICE, ORDER, Duration.ofSeconds(100));
        assertThat(handle.leaseLeft()).contains(Duration.ofMillis(98_999));
        assertThatThrownBy(() -> rig.lock.extend(BOB, ORDER, Duration.ofSeconds(1)))
                .isInstanceOf(LockNotHeldException.class);
        assertThatThrownBy(() -> rig.lock.extend(ALICE, ORDER, Duration.ZERO))
                .isInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void a_lock_can_be_looked_at() {
        assertThat(rig.lock.isLocked(ORDER)).isFalse();
        assertThat(rig.lock.get(ORDER)).isEmpty();
        LockHandle handle = rig.hold(ALICE, AcquireOptions.defaults().ttl(Duration.ofSeconds(9)));
        rig.acquireAsync(BOB, AcquireOptions.defaults().waitForever());
        assertThat(rig.lock.isLocked(ORDER)).isTrue();
        LockInfo info = rig.lock.get(ORDER).orElseThrow();
        assertThat(info.owner()).isEqualTo(ALICE);
        assertThat(info.token()).isEqualTo(handle.token());
        assertThat(info.hold().lease()).isEqualTo(LeaseKind.TTL);
        assertThat(info.hold().leaseLeft()).isEqualTo(Optional.of(Duration.ofSeconds(9)));
        assertThat(info.hold().sessions().get(0).host()).isEqualTo("host-1");
        assertThat(info.waiterCount()).isEqualTo(1);
    }

    @Test
    void listing_reads_page_after_page() {
        for (int i = 0; i < 5; i++) {
            Lockable lockable =
                    Holdfast.createLockable("job", LockableOptions.plural()).of("j" + i);
            rig.lock.acquire(ALICE, lockable).orThrow();
        }
        rig.hold(BOB);
        assertThat(rig.client.list("job:").map(LockableInfo::key))
                .containsExactly("job:j0", "job:j1", "job:j2", "job:j3", "job:j4");
        assertThat(rig.client.list("")).hasSize(6).allMatch(info -> info.kind() == LockableKind.MUTEX);
    }

    @Test
    void a_query_waits_for_a_leader_until_the_request_timeout() throws InterruptedException {
        rig.cluster.down = true;
        AtomicBoolean done = new AtomicBoolean();
        Thread driver = new Thread(() -> {
            while (!done.get()) {
                rig.advance(Duration.ofMillis(20));
            }
        });
        driver.start();
        try {
            assertThatThrownBy(() -> rig.lock.isLocked(ORDER)).isInstanceOf(LockUnavailableException.class);
        } finally {
            done.set(true);
            driver.join();
        }
    }

    @Test
    void the_permits_of_a_semaphore_add_up_and_each_handle_gives_back_its_own() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        LockHandle two = semaphore.acquire(ALICE, ORDER, 2).orThrow();
        LockHandle one = semaphore.acquire(ALICE, ORDER).orThrow();
        assertThat(one.token()).isEqualTo(two.token());
        assertThat(semaphore.available(ORDER)).isEqualTo(2);
        two.release();
        assertThat(semaphore.available(ORDER)).isEqualTo(4);
        assertThat(one.state()).isEqualTo(HoldState.HELD);
        one.release();
        assertThat(rig.cluster.holders(ORDER_SEMAPHORE)).isEmpty();
    }

    @Test
    void an_owner_gives_permits_back_from_its_youngest_handle_first() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(10);
        LockHandle three = semaphore.acquire(ALICE, ORDER, 3).orThrow();
        LockHandle two = semaphore.acquire(ALICE, ORDER, 2).orThrow();
        semaphore.release(ALICE, ORDER, 3);
        assertThat(two.state()).isEqualTo(HoldState.RELEASED);
        assertThat(three.permits()).isEqualTo(2);
        three.release();
        assertThat(rig.cluster.holders(ORDER_SEMAPHORE)).isEmpty();
    }

    @Test
    void more_permits_than_held_are_not_released() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        LockHandle two = semaphore.acquire(ALICE, ORDER, 2).orThrow();
        assertThatThrownBy(() -> semaphore.release(ALICE, ORDER, 3))
                .hasMessageContaining("3 permits of 'order:1'")
                .hasMessageContaining("user:alice holds only 2")
                .satisfies(e -> assertTooFew(e, 2, 3));
        assertThat(two.state()).isEqualTo(HoldState.HELD);
        assertThat(semaphore.get(ORDER).available()).isEqualTo(3);
    }

    private static void assertTooFew(Throwable thrown, int held, int requested) {
        assertThat(thrown).isInstanceOfSatisfying(LockNotHeldException.class, e -> {
            assertThat(e.held()).isEqualTo(held);
            assertThat(e.requested()).isEqualTo(requested);
            assertThat(e.currentOwner()).contains(ALICE);
        });
    }

    @Test
    void more_permits_than_another_process_acquired_are_not_released() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        rig.cluster.occupy(ORDER_SEMAPHORE, Terms.owner(ALICE), 2);
        assertThatThrownBy(() -> semaphore.release(ALICE, ORDER, 3)).satisfies(e -> assertTooFew(e, 2, 3));
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isEqualTo(2);
    }

    @Test
    void a_handle_whose_permits_were_released_from_elsewhere_tells_how_many_are_left() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        LockHandle two = semaphore.acquire(ALICE, ORDER, 2).orThrow();
        rig.cluster.releaseElsewhere(ORDER_SEMAPHORE, Terms.owner(ALICE), two.token(), 1);
        assertThatThrownBy(two::release).satisfies(e -> assertTooFew(e, 1, 2));
        assertThat(two.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void whoever_holds_nothing_does_not_hold_too_little() {
        assertThatThrownBy(() -> rig.client.createSemaphore(5).release(ALICE, ORDER, 1))
                .isInstanceOfSatisfying(LockNotHeldException.class, e -> {
                    assertThat(e.held()).isZero();
                    assertThat(e.requested()).isZero();
                });
    }

    @Test
    void numbers_of_permits_are_checked_before_anything_is_sent() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        assertThatThrownBy(() -> semaphore.acquire(ALICE, ORDER, 0)).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> semaphore.release(ALICE, ORDER, -1)).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> rig.client.createSemaphore(0)).isInstanceOf(LockRequestRejectedException.class);
        assertThatExceptionOfType(SemaphoreCapacityExceededException.class)
                .isThrownBy(() -> semaphore.acquire(ALICE, ORDER, 6))
                .satisfies(e -> assertThat(e.requested()).isEqualTo(6))
                .satisfies(e -> assertThat(e.max()).isEqualTo(5));
        assertThat(rig.cluster.submitted).isEmpty();
    }

    @Test
    void a_refusal_of_permits_tells_how_many_there_are() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        semaphore.acquire(ALICE, ORDER, 3).orThrow();
        AcquireResult refused = semaphore.acquire(BOB, ORDER, 3);
        assertThat(refused.waitersAhead()).isZero();
        assertThat(refused.acquired()).isFalse();
        assertThat(refused.available()).isEqualTo(2);
        assertThatThrownBy(refused::orThrow).isInstanceOf(SemaphoreCapacityExceededException.class);
        assertThat(semaphore.forceRelease(ORDER)).isEqualTo(1);
    }

    @Test
    void what_is_taken_by_force_may_be_taken_without_blocking() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        LockHandle permits = semaphore.acquire(ALICE, ORDER, 3).orThrow();
        LockHandle lock = rig.hold(ALICE);
        assertThat(semaphore.forceReleaseAsync(ORDER).toCompletableFuture().join())
                .isEqualTo(1);
        assertThat(rig.lock.forceReleaseAsync(ORDER).toCompletableFuture().join())
                .isTrue();
        assertThat(rig.lock.forceReleaseAsync(ORDER).toCompletableFuture().join())
                .isFalse();
        assertThat(permits.state()).isEqualTo(HoldState.LOST);
        assertThat(lock.state()).isEqualTo(HoldState.LOST);
        rig.client.close();
        assertThat(Rig.failureOf(rig.lock.forceReleaseAsync(ORDER).toCompletableFuture()))
                .isInstanceOf(LockClientClosedException.class);
    }

    @Test
    void a_refusal_that_only_waiters_caused_says_so() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        var unused = semaphore.acquire(ALICE, ORDER, 3);
        var waiting = semaphore
                .acquireAsync(BOB, ORDER, 4, AcquireOptions.defaults().waitForever())
                .toCompletableFuture();
        assertThat(waiting).isNotDone();

        AcquireResult refused = semaphore.acquire(ALICE, ORDER, 2);
        assertThat(refused.waitersAhead()).isEqualTo(1);
        assertThat(refused.available()).isEqualTo(2);
        assertThat(refused.holder()).isEmpty();
        assertThat(refused).hasToString("refused, others wait: 1");
        assertThatExceptionOfType(SemaphoreCapacityExceededException.class)
                .isThrownBy(refused::orThrow)
                .satisfies(e -> assertThat(e.waitersAhead()).isEqualTo(1))
                .withMessage(
                        "Semaphore 'order:1' has 2 of 5 permits available, and 2 were requested, but 1 other has been"
                                + " waiting longer. Wait for them, to join the queue.");
        assertThat(semaphore.acquire(ALICE, ORDER, 3).waitersAhead()).isZero();
    }

    @Test
    void a_lock_that_is_free_but_waited_for_is_refused_in_these_words() {
        assertThat(new LockAlreadyHeldException("order:1", ALICE, null, 3))
                .hasMessage(
                        "Lock 'order:1' was not acquired for user:alice: nobody holds it, but 3 others have been waiting"
                                + " longer. Acquire it with a wait, to join the queue.")
                .extracting(LockAlreadyHeldException::waitersAhead)
                .isEqualTo(3);
    }

    @Test
    void giving_up_an_acquire_of_permits_gives_back_only_its_own() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        LockHandle two = semaphore.acquire(ALICE, ORDER, 2).orThrow();
        rig.cluster.next(Fault.ANSWER_HELD);
        var more = semaphore
                .acquireAsync(ALICE, ORDER, 2, AcquireOptions.defaults())
                .toCompletableFuture();
        more.cancel(false);
        rig.cluster.answerHeld();
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isEqualTo(2);
        assertThat(two.state()).isEqualTo(HoldState.HELD);
    }
}
