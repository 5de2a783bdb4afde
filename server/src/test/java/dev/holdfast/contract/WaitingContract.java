package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Queueing for a lock. */
abstract class WaitingContract extends ContractBase {

    @Test
    void a_waiter_gets_the_lock_when_it_is_released() {
        long token = lock.acquire(ALICE, thing).token();
        CompletableFuture<AcquireResult> waiter = queue(otherClient().createLock(), BOB, waiting());
        assertThat(waiter).isNotDone();

        lock.release(ALICE, thing);

        assertThat(result(waiter).token()).isGreaterThan(token);
        assertThat(lock.get(thing).orElseThrow().owner()).isEqualTo(BOB);
    }

    @Test
    void a_blocked_caller_gets_the_lock_when_it_is_released() throws InterruptedException {
        lock.acquire(ALICE, thing).orThrow();
        CompletableFuture<Void> releaser = CompletableFuture.runAsync(() -> {
            awaitWaiters(1);
            lock.release(ALICE, thing);
        });

        try (LockHandle handle = lock.hold(BOB, thing, AcquireOptions.defaults().waitForever())) {
            assertThat(handle.token()).isPositive();
        }
        result(releaser);
    }

    @Test
    void waiters_are_served_first_come_first_served() {
        HoldfastLock otherLock = otherClient().createLock();
        LockHandle held = lock.acquire(ALICE, thing).orThrow();
        List<Integer> served = new CopyOnWriteArrayList<>();
        List<CompletionStage<Void>> done = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int number = i;
            done.add(queue(i % 2 == 0 ? lock : otherLock, LockOwner.unique("waiter"), waiting())
                    .thenCompose(granted -> {
                        served.add(number);
                        return granted.orThrow().releaseAsync();
                    }));
        }

        held.release();

        done.forEach(ContractBase::result);
        assertThat(served).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void nobody_overtakes_the_queue() {
        lock.acquire(ALICE, thing).orThrow();
        CompletableFuture<AcquireResult> waiter = queue(lock, BOB, waiting());
        lock.release(ALICE, thing);

        assertThat(lock.acquire(CAROL, thing).acquired()).isFalse();
        assertThat(result(waiter).acquired()).isTrue();
    }

    @Test
    void a_wait_that_runs_out_acquires_nothing_and_leaves_the_queue() throws InterruptedException {
        lock.acquire(ALICE, thing).orThrow();
        long asked = System.nanoTime();

        AcquireResult result =
                lock.acquire(BOB, thing, AcquireOptions.defaults().wait(Duration.ofMillis(300)));

        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThan(Duration.ofMillis(298));
        assertThat(result.acquired()).isFalse();
        assertThat(result.timedOut()).isTrue();
        assertThatThrownBy(result::orThrow).isInstanceOf(LockAlreadyHeldException.class);
        assertThat(waiters()).isZero();
        lock.release(ALICE, thing);
        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void a_waiter_that_timed_out_does_not_stall_those_behind_it() {
        LockHandle held = lock.acquire(ALICE, thing).orThrow();
        CompletableFuture<AcquireResult> impatient = lock.acquireAsync(
                        BOB, thing, AcquireOptions.defaults().wait(Duration.ofSeconds(1)))
                .toCompletableFuture();
        CompletableFuture<AcquireResult> patient =
                lock.acquireAsync(CAROL, thing, waiting()).toCompletableFuture();

        assertThat(result(impatient).timedOut()).isTrue();
        held.release();
        assertThat(result(patient).acquired()).isTrue();
    }

    @Test
    void an_interrupted_wait_leaves_nothing_queued_or_held() throws InterruptedException {
        lock.acquire(ALICE, thing).orThrow();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiter = new Thread(() -> {
            try {
                lock.acquire(BOB, thing, waiting()).orThrow();
            } catch (InterruptedException | RuntimeException e) {
                thrown.set(e);
            }
        });
        waiter.start();
        awaitWaiters(1);

        waiter.interrupt();

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(thrown.get()).isInstanceOf(InterruptedException.class));
        waiter.join(PATIENCE.toMillis());
        awaitWaiters(0);
        lock.release(ALICE, thing);
        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void an_interrupted_thread_acquires_nothing() throws InterruptedException {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> lock.acquire(ALICE, thing, waiting())).isInstanceOf(InterruptedException.class);

        assertThat(Thread.interrupted()).isFalse();
        awaitFree();
        assertThat(lock.acquire(BOB, thing, waiting()).acquired()).isTrue();
    }

    @Test
    void a_cancelled_stage_leaves_the_queue() {
        LockHandle held = lock.acquire(ALICE, thing).orThrow();
        CompletableFuture<AcquireResult> given = queue(lock, BOB, waiting());
        CompletableFuture<AcquireResult> patient = queue(lock, CAROL, waiting());

        given.cancel(false);

        awaitWaiters(1);
        held.release();
        assertThat(result(patient).acquired()).isTrue();
        assertThat(given).isCancelled();
    }

    @Test
    void a_grant_to_a_stage_that_was_cancelled_is_undone() {
        for (int i = 0; i < 30; i++) {
            CompletableFuture<AcquireResult> hasty = lock.acquireAsync(LockOwner.unique("hasty"), thing, waiting())
                    .toCompletableFuture();
            if (!hasty.cancel(false)) {
                // The grant was faster.
                hasty.join().orThrow().release();
            }
        }

        assertThat(result(lock.acquireAsync(ALICE, thing, waiting())).acquired())
                .isTrue();
        lock.release(ALICE, thing);
        awaitFree();
    }

    @Test
    void a_cancelled_re_acquire_leaves_the_hold() {
        LockHandle held = lock.acquire(ALICE, thing).orThrow();

        lock.acquireAsync(ALICE, thing, AcquireOptions.defaults())
                .toCompletableFuture()
                .cancel(false);

        // Answered after the cancellation, which was sent before.
        lock.acquire(ALICE, newThing()).orThrow();
        assertThat(lock.get(thing).orElseThrow().token()).isEqualTo(held.token());
    }

    @Test
    void waiters_vanish_with_their_client() {
        HoldfastClient leaving = otherClient();
        LockHandle held = lock.acquire(ALICE, thing).orThrow();
        CompletableFuture<AcquireResult> gone = queue(leaving.createLock(), BOB, waiting());
        CompletableFuture<AcquireResult> patient = queue(lock, CAROL, waiting());

        leaving.close();

        awaitWaiters(1);
        held.release();
        assertThat(result(patient).acquired()).isTrue();
        assertThat(gone).isCompletedExceptionally();
    }

    @Test
    void a_waiter_gets_the_lock_when_its_holder_s_client_closes() {
        HoldfastClient leaving = otherClient();
        leaving.createLock().acquire(ALICE, thing).orThrow();
        CompletableFuture<AcquireResult> waiter = queue(lock, BOB, waiting());

        leaving.close();

        assertThat(result(waiter).acquired()).isTrue();
    }

    @Test
    void a_waiter_gets_the_lock_when_it_is_taken_by_force() {
        lock.acquire(ALICE, thing).orThrow();
        CompletableFuture<AcquireResult> waiter = queue(lock, BOB, waiting());

        assertThat(lock.forceRelease(thing)).isTrue();

        assertThat(result(waiter).acquired()).isTrue();
    }

    @Test
    void a_waiter_s_ttl_begins_with_its_grant() throws InterruptedException {
        lock.acquire(ALICE, thing, ttl(1000)).orThrow();

        LockHandle handle =
                lock.acquire(BOB, thing, waiting().ttl(Duration.ofHours(1))).orThrow();

        // 2 ms for rounding; counted from the request, less than the first hold's TTL would be left to lose.
        assertThat(lock.get(thing).orElseThrow().hold().leaseLeft().orElseThrow())
                .isGreaterThan(Duration.ofMinutes(59));
        assertThat(handle.leaseLeft().orElseThrow()).isGreaterThan(Duration.ofMinutes(58));
    }
}
