package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockNotHeldException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Taking a lock and giving it back. */
abstract class MutexContract extends ContractBase {

    @Test
    void a_holder_that_is_asked_hands_over_to_whoever_waits() throws InterruptedException {
        LockHandle handle = lock.acquire(ALICE, thing).orThrow();
        handle.onReleaseRequested(handle::release);
        HoldfastLock elsewhere = otherClient().createLock();

        assertThat(elsewhere.requestRelease(thing)).isTrue();
        LockHandle next = elsewhere.acquire(BOB, thing, waiting()).orThrow();
        assertThat(next.token()).isGreaterThan(handle.token());
        next.release();
        assertThat(elsewhere.requestRelease(thing)).isFalse();
    }

    @Test
    void a_free_lock_is_granted_with_a_token() {
        AcquireResult result = lock.acquire(ALICE, thing);

        assertThat(result.acquired()).isTrue();
        assertThat(result.reacquired()).isFalse();
        assertThat(result.timedOut()).isFalse();
        assertThat(result.token()).isPositive();
        LockHandle handle = result.orThrow();
        assertThat(handle.owner()).isEqualTo(ALICE);
        assertThat(handle.lockable()).isEqualTo(thing);
        assertThat(handle.token()).isEqualTo(result.token());
        assertThat(handle.permits()).isEqualTo(1);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void a_refusal_names_the_holder() {
        lock.acquire(ALICE, thing).orThrow();

        AcquireResult result = lock.acquire(BOB, thing);

        assertThat(result.acquired()).isFalse();
        assertThat(result.timedOut()).isFalse();
        assertThat(result.holder()).contains(ALICE);
        assertThat(result.handle()).isEmpty();
        assertThatThrownBy(result::orThrow).isInstanceOfSatisfying(LockAlreadyHeldException.class, e -> {
            assertThat(e.lockableKey()).isEqualTo(thing.key());
            assertThat(e.ownerType()).isEqualTo("user");
            assertThat(e.ownerId()).isEqualTo("bob");
            assertThat(e.currentOwner()).contains(ALICE);
        });
        assertThatThrownBy(result::token).isInstanceOf(LockAlreadyHeldException.class);
    }

    @Test
    void owners_of_two_clients_exclude_one_another() {
        HoldfastLock otherLock = otherClient().createLock();
        lock.acquire(ALICE, thing).orThrow();

        assertThat(otherLock.acquire(BOB, thing).holder()).contains(ALICE);

        lock.release(ALICE, thing);
        assertThat(otherLock.acquire(BOB, thing).acquired()).isTrue();
        assertThat(lock.acquire(ALICE, thing).holder()).contains(BOB);
    }

    @Test
    void a_release_frees_the_lock() {
        LockHandle handle = lock.acquire(ALICE, thing).orThrow();

        lock.release(ALICE, thing);

        assertThat(lock.isLocked(thing)).isFalse();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThat(lock.acquire(BOB, thing).acquired()).isTrue();
    }

    @Test
    void an_asynchronous_release_frees_the_lock() {
        lock.acquire(ALICE, thing).orThrow();

        result(lock.releaseAsync(ALICE, thing));

        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void the_holder_acquires_again_under_the_same_token() {
        long token = lock.acquire(ALICE, thing).token();

        AcquireResult again = lock.acquire(ALICE, thing);

        assertThat(again.acquired()).isTrue();
        assertThat(again.reacquired()).isTrue();
        assertThat(again.token()).isEqualTo(token);
        lock.release(ALICE, thing);
        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void acquiring_again_never_shortens_a_lease() throws InterruptedException {
        lock.acquire(ALICE, thing, ttl(3_600_000)).orThrow();

        lock.acquire(ALICE, thing, ttl(1)).orThrow();

        Duration left = lock.get(thing).orElseThrow().hold().leaseLeft().orElseThrow();
        assertThat(left).isGreaterThan(Duration.ofMinutes(30));
    }

    @Test
    void tokens_rise_from_hold_to_hold() {
        HoldfastLock otherLock = otherClient().createLock();
        long last = 0;
        for (int i = 0; i < 5; i++) {
            long token = lock.acquire(ALICE, thing).token();
            assertThat(token).isGreaterThan(last);
            lock.release(ALICE, thing);
            last = otherLock.acquire(BOB, thing).token();
            assertThat(last).isGreaterThan(token);
            otherLock.release(BOB, thing);
        }
    }

    @Test
    void a_release_by_another_than_the_holder_is_refused() {
        lock.acquire(ALICE, thing).orThrow();

        assertThatThrownBy(() -> lock.release(BOB, thing)).isInstanceOfSatisfying(LockNotHeldException.class, e -> {
            assertThat(e.lockableKey()).isEqualTo(thing.key());
            assertThat(e.ownerType()).isEqualTo("user");
            assertThat(e.ownerId()).isEqualTo("bob");
            assertThat(e.currentOwner()).contains(ALICE);
        });
        assertThat(lock.get(thing).orElseThrow().owner()).isEqualTo(ALICE);
    }

    @Test
    void a_release_of_a_free_lock_is_refused() {
        assertThatThrownBy(() -> lock.release(ALICE, thing)).isInstanceOfSatisfying(LockNotHeldException.class, e -> {
            assertThat(e.lockableKey()).isEqualTo(thing.key());
            assertThat(e.ownerType()).isEqualTo("user");
            assertThat(e.ownerId()).isEqualTo("alice");
            assertThat(e.currentOwner()).isEmpty();
        });
    }

    @Test
    void an_owner_may_release_from_another_client() {
        LockHandle handle = lock.acquire(ALICE, thing).orThrow();

        otherClient().createLock().release(ALICE, thing);

        assertThat(lock.isLocked(thing)).isFalse();
        assertThat(result(handle.lossSignal())).isEqualTo(LossReason.RELEASED_ELSEWHERE);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void is_locked_tells_whether_anybody_holds_it() {
        assertThat(lock.isLocked(thing)).isFalse();
        otherClient().createLock().acquire(ALICE, thing).orThrow();
        assertThat(lock.isLocked(thing)).isTrue();
    }

    @Test
    void a_forced_release_tells_the_holder_of_its_loss() {
        LockHandle handle = lock.acquire(ALICE, thing).orThrow();
        List<LossReason> heard = new CopyOnWriteArrayList<>();
        handle.onLost(heard::add);

        assertThat(otherClient().createLock().forceRelease(thing)).isTrue();

        assertThat(lock.isLocked(thing)).isFalse();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard).containsExactly(LossReason.FORCE_RELEASED));
        assertThat(result(handle.lossSignal())).isEqualTo(LossReason.FORCE_RELEASED);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(handle.leaseLeft()).contains(Duration.ZERO);
        List<LossReason> late = new CopyOnWriteArrayList<>();
        handle.onLost(late::add);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(late).containsExactly(LossReason.FORCE_RELEASED));
        assertThatThrownBy(handle::release).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void a_forced_release_of_a_free_lock_takes_nothing() {
        assertThat(lock.forceRelease(thing)).isFalse();
    }

    @Test
    void a_release_with_an_old_handle_leaves_the_newer_hold() {
        LockHandle old = lock.acquire(ALICE, thing).orThrow();
        HoldfastLock otherLock = otherClient().createLock();
        otherLock.forceRelease(thing);
        long newer = otherLock.acquire(ALICE, thing).token();

        assertThatThrownBy(old::release).isInstanceOf(LockNotHeldException.class);

        assertThat(lock.get(thing).orElseThrow().token()).isEqualTo(newer).isGreaterThan(old.token());
    }

    @Test
    void a_handle_is_released_once() {
        LockHandle handle = lock.acquire(ALICE, thing).orThrow();
        handle.release();

        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThat(handle.leaseLeft()).contains(Duration.ZERO);
        assertThatThrownBy(handle::release).isInstanceOf(LockNotHeldException.class);
        handle.close();
        assertThat(handle.lossSignal().toCompletableFuture()).isNotDone();
        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void a_handle_frees_the_lock_at_the_end_of_its_block() throws InterruptedException {
        try (LockHandle handle = lock.hold(ALICE, thing, AcquireOptions.defaults())) {
            assertThat(handle.state()).isEqualTo(HoldState.HELD);
            assertThat(lock.isLocked(thing)).isTrue();
            assertThatThrownBy(() -> lock.hold(BOB, thing, AcquireOptions.defaults()))
                    .isInstanceOf(LockAlreadyHeldException.class);
        }
        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void a_reentrant_lock_counts() {
        HoldfastLock reentrant = client().createLock(LockOptions.defaults().reentrant());
        AcquireResult first = reentrant.acquire(ALICE, thing);
        AcquireResult second = reentrant.acquire(ALICE, thing);

        assertThat(second.reacquired()).isTrue();
        assertThat(second.token()).isEqualTo(first.token());
        assertThat(reentrant.get(thing).orElseThrow().hold().count()).isEqualTo(2);
        reentrant.release(ALICE, thing);
        assertThat(reentrant.acquire(BOB, thing).holder()).contains(ALICE);
        reentrant.release(ALICE, thing);
        assertThat(reentrant.isLocked(thing)).isFalse();
        assertThatThrownBy(() -> reentrant.release(ALICE, thing)).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void each_handle_of_a_reentrant_lock_gives_back_one_count() {
        HoldfastLock reentrant = client().createLock(LockOptions.defaults().reentrant());
        LockHandle first = reentrant.acquire(ALICE, thing).orThrow();
        LockHandle second = reentrant.acquire(ALICE, thing).orThrow();

        first.release();
        assertThat(reentrant.isLocked(thing)).isTrue();
        assertThat(second.state()).isEqualTo(HoldState.HELD);
        second.release();
        assertThat(reentrant.isLocked(thing)).isFalse();
    }

    @Test
    void a_lock_and_a_semaphore_of_one_key_have_nothing_to_do_with_one_another() {
        HoldfastSemaphore semaphore = client().createSemaphore(1);
        lock.acquire(ALICE, thing).orThrow();

        assertThat(semaphore.acquire(BOB, thing).acquired()).isTrue();
        semaphore.release(BOB, thing, 1);
        assertThat(lock.isLocked(thing)).isTrue();
    }

    @Test
    void owners_are_told_apart_by_type_id_and_scope() {
        LockOwner plain = Holdfast.createLockOwner("user").of("7");
        lock.acquire(plain, thing).orThrow();

        assertThat(lock.acquire(Holdfast.createLockOwner("worker").of("7"), thing)
                        .holder())
                .contains(plain);
        assertThat(lock.acquire(Holdfast.createLockOwner("user").within("org").of("a", "7"), thing)
                        .holder())
                .contains(plain);
        assertThat(lock.acquire(Holdfast.createLockOwner("user").of("7"), thing).reacquired())
                .isTrue();
    }

    @Test
    void a_refusal_names_the_scope_of_the_holder() {
        LockOwner scoped = Holdfast.createLockOwner("user").within("org").of("acme", "7");
        lock.acquire(scoped, thing).orThrow();

        assertThat(lock.acquire(Holdfast.createLockOwner("user").within("org").of("other", "7"), thing)
                        .holder())
                .contains(scoped);
    }

    @Test
    void a_unique_owner_is_nobody_else() {
        LockOwner one = LockOwner.unique("job");
        LockOwner two = LockOwner.unique("job");

        lock.acquire(one, thing).orThrow();
        assertThat(lock.acquire(two, thing).holder()).contains(one);
    }

    @Test
    void the_process_owner_stands_for_its_client() {
        LockOwner mine = client().processOwner();
        LockOwner theirs = otherClient().processOwner();

        assertThat(client().processOwner()).isEqualTo(mine).isNotEqualTo(theirs);
        lock.acquire(mine, thing).orThrow();
        assertThat(lock.acquire(theirs, thing).holder()).contains(mine);
        assertThat(lock.acquire(client().processOwner(), thing).reacquired()).isTrue();
    }
}
