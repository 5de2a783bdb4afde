package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireAllResult;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockHandles;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.info.LockInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several locks acquired together. */
abstract class TogetherContract extends ContractBase {
    private static final AcquireOptions NOW = AcquireOptions.defaults();

    private Lockable other;
    private Lockable third;

    @BeforeEach
    void name_more_things() {
        other = newThing();
        third = newThing();
    }

    @Test
    void all_are_held_until_the_set_is_closed() {
        try (LockHandles handles = lock.holdAll(List.of(thing, other))) {
            assertThat(handles.isHeld()).isTrue();
            assertThat(lock.get(other).orElseThrow().token())
                    .isEqualTo(handles.handle(other).token());
            assertThat(lock.isLocked(thing)).isTrue();
        }
        assertThat(lock.isLocked(thing)).isFalse();
        assertThat(lock.isLocked(other)).isFalse();
    }

    @Test
    void none_is_held_if_one_is_not_free() throws InterruptedException {
        lock.acquire(BOB, other).orThrow();

        AcquireAllResult result = lock.acquireAll(ALICE, List.of(thing, other, third), NOW);

        assertThat(result.acquired()).isFalse();
        assertThat(result.inTheWay()).contains(other);
        assertThat(result.holder()).contains(BOB);
        assertThatThrownBy(result::orThrow).isInstanceOf(LockAlreadyHeldException.class);
        assertThat(lock.isLocked(thing)).isFalse();
        assertThat(lock.isLocked(third)).isFalse();
    }

    @Test
    void a_waiter_stands_in_each_queue_and_is_granted_all_at_once() {
        LockHandle bobs = lock.acquire(BOB, thing).orThrow();
        CompletableFuture<AcquireAllResult> waiter =
                queueAll(otherClient().createLock(), ALICE, waiting(), thing, other);

        assertThat(lock.acquire(CAROL, other).acquired())
                .as("a free lock is kept for it")
                .isFalse();
        bobs.release();

        LockHandles handles = result(waiter).orThrow();
        assertThat(handles.isHeld()).isTrue();
        assertThat(lock.get(thing).map(LockInfo::owner)).contains(ALICE);
        assertThat(lock.get(other).map(LockInfo::owner)).contains(ALICE);
    }

    @Test
    void who_gives_up_leaves_every_queue() {
        lock.acquire(BOB, thing).orThrow();
        CompletableFuture<AcquireAllResult> waiter = queueAll(lock, ALICE, waiting(), thing, other);

        waiter.cancel(false);

        await().atMost(PATIENCE).until(() -> lock.acquire(CAROL, other).acquired());
        awaitWaiters(0);
    }

    @Test
    void a_wait_ends_in_every_queue() throws InterruptedException {
        lock.acquire(BOB, thing).orThrow();

        AcquireAllResult result = lock.acquireAll(ALICE, List.of(other, thing), NOW.wait(Duration.ofMillis(50)));

        assertThat(result.timedOut()).isTrue();
        assertThat(lock.acquire(CAROL, other).acquired()).isTrue();
        assertThat(waiters()).isZero();
    }

    @Test
    void the_end_of_a_client_frees_all_and_lets_the_next_in() {
        var gone = otherClient();
        LockHandles held = gone.createLock().holdAll(List.of(thing, other));
        CompletableFuture<AcquireAllResult> waiter = queueAll(lock, ALICE, waiting(), other, thing);

        gone.close();

        assertThat(result(waiter).acquired()).isTrue();
        assertThat(held.isHeld()).isFalse();
    }

    @Test
    void one_that_is_taken_by_force_is_lost_and_the_others_are_not() {
        LockHandles handles = lock.holdAll(List.of(thing, other));

        lock.forceRelease(other);

        assertThat(result(handles.handle(other).lossSignal())).isEqualTo(LossReason.FORCE_RELEASED);
        assertThat(handles.handle(thing).state()).isEqualTo(HoldState.HELD);
        handles.close();
        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void sets_that_overlap_all_get_their_turn() {
        HoldfastLock elsewhere = otherClient().createLock();
        List<List<Lockable>> sets = List.of(
                List.of(thing, other),
                List.of(other, thing),
                List.of(other, third),
                List.of(third, thing),
                List.of(thing, third, other));
        AtomicInteger inside = new AtomicInteger();
        List<CompletableFuture<Void>> turns = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            List<Lockable> set = sets.get(i % sets.size());
            turns.add((i % 2 == 0 ? lock : elsewhere)
                    .acquireAllAsync(LockOwner.unique("taker"), set, waiting())
                    .thenCompose(granted -> {
                        // Any two of these sets overlap.
                        assertThat(inside.incrementAndGet()).isEqualTo(1);
                        inside.decrementAndGet();
                        return granted.orThrow().releaseAsync();
                    })
                    .toCompletableFuture());
        }

        turns.forEach(ContractBase::result);
    }

    /** Queues behind {@link #thing}, which is held, and returns once it is queued. */
    private CompletableFuture<AcquireAllResult> queueAll(
            HoldfastLock by, LockOwner owner, AcquireOptions options, Lockable... lockables) {
        int before = waiters();
        CompletableFuture<AcquireAllResult> waiter =
                by.acquireAllAsync(owner, List.of(lockables), options).toCompletableFuture();
        awaitWaiters(before + 1);
        return waiter;
    }
}
