package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long holds live, and how their holders hear of the end. */
abstract class LeaseContract extends ContractBase {
    private static final Duration HOUR = Duration.ofHours(1);

    @Test
    void an_expired_hold_lets_the_next_in_and_its_handle_is_lost() throws InterruptedException {
        LockHandle handle = lock.acquire(ALICE, thing, ttl(300)).orThrow();

        assertThat(lock.acquire(BOB, thing, waiting()).acquired()).isTrue();

        assertThat(result(handle.lossSignal())).isEqualTo(LossReason.EXPIRED);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThatThrownBy(handle::release).isInstanceOfSatisfying(LockExpiredException.class, e -> {
            assertThat(e.lockableKey()).isEqualTo(thing.key());
            assertThat(e.ownerType()).isEqualTo("user");
            assertThat(e.ownerId()).isEqualTo("alice");
            assertThat(e.expiredAt()).isNotNull();
        });
        assertThat(lock.get(thing).orElseThrow().owner()).isEqualTo(BOB);
    }

    @Test
    void a_hold_lives_for_its_whole_ttl() throws InterruptedException {
        long asked = System.nanoTime();
        lock.acquire(ALICE, thing, ttl(500)).orThrow();

        otherClient().createLock().acquire(BOB, thing, waiting()).orThrow();

        // Log time is in whole milliseconds.
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThan(Duration.ofMillis(498));
    }

    @Test
    void the_belief_in_a_hold_ends_before_the_next_is_granted() throws InterruptedException {
        LockHandle handle = lock.acquire(ALICE, thing, ttl(300)).orThrow();

        otherClient().createLock().acquire(BOB, thing, waiting()).orThrow();

        assertThat(handle.leaseLeft()).contains(Duration.ZERO);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void an_extension_prolongs_a_ttl_and_never_shortens_it() throws InterruptedException {
        LockHandle handle = lock.acquire(ALICE, thing, ttl(60_000)).orThrow();

        lock.extend(ALICE, thing, HOUR);
        assertThat(leaseLeft()).isGreaterThan(Duration.ofMinutes(30));
        assertThat(handle.leaseLeft().orElseThrow()).isGreaterThan(Duration.ofMinutes(30));

        handle.extend(Duration.ofMillis(1));
        assertThat(leaseLeft()).isGreaterThan(Duration.ofMinutes(30));

        result(lock.extendAsync(ALICE, thing, HOUR.multipliedBy(2)));
        assertThat(leaseLeft()).isGreaterThan(Duration.ofMinutes(90));
    }

    @Test
    void a_hold_that_is_to_expire_outlives_its_client_until_then() throws InterruptedException {
        HoldfastClient other = otherClient();
        LockHandle handle = other.createLock().hold(thing);
        long asked = System.nanoTime();
        handle.expireIn(Duration.ofMillis(500));
        other.close();

        lock.acquire(BOB, thing, waiting()).orThrow();

        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        // Log time is in whole milliseconds.
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThan(Duration.ofMillis(498));
    }

    @Test
    void a_hold_that_its_session_keeps_ends_when_it_is_told_to() throws InterruptedException {
        LockHandle handle = lock.hold(thing);
        handle.expireIn(Duration.ofMillis(300));

        lock.acquire(BOB, thing, waiting()).orThrow();

        assertThat(result(handle.lossSignal())).isEqualTo(LossReason.EXPIRED);
    }

    @Test
    void what_two_clients_of_one_owner_acquired_is_not_cut_short() {
        LockHandle handle = lock.acquire(ALICE, thing).orThrow();
        LockHandle shared = otherClient().createLock().acquire(ALICE, thing).orThrow();

        assertThatThrownBy(() -> handle.expireIn(HOUR))
                .isInstanceOfSatisfying(
                        LockRequestRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(LockRequestRejectedException.Reason.SHARED));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        shared.release();
    }

    private Duration leaseLeft() {
        return lock.get(thing).orElseThrow().hold().leaseLeft().orElseThrow();
    }

    @Test
    void an_owner_may_extend_from_another_client() throws InterruptedException {
        lock.acquire(ALICE, thing, ttl(60_000)).orThrow();

        otherClient().createLock().extend(ALICE, thing, HOUR);

        assertThat(leaseLeft()).isGreaterThan(Duration.ofMinutes(30));
    }

    @Test
    void only_the_holder_extends() throws InterruptedException {
        assertThatThrownBy(() -> lock.extend(ALICE, thing, HOUR)).isInstanceOf(LockNotHeldException.class);
        LockHandle handle = lock.acquire(ALICE, thing, ttl(60_000)).orThrow();
        assertThatThrownBy(() -> lock.extend(BOB, thing, HOUR))
                .isInstanceOfSatisfying(LockNotHeldException.class, e -> {
                    assertThat(e.lockableKey()).isEqualTo(thing.key());
                    assertThat(e.ownerId()).isEqualTo("bob");
                    assertThat(e.currentOwner()).contains(ALICE);
                });
        handle.release();
        assertThatThrownBy(() -> handle.extend(HOUR)).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void an_expired_hold_is_not_extended() throws InterruptedException {
        LockHandle handle = lock.acquire(ALICE, thing, ttl(200)).orThrow();
        result(handle.lossSignal());

        assertThatThrownBy(() -> handle.extend(HOUR)).isInstanceOf(LockExpiredException.class);
        awaitFree();
        assertThatThrownBy(() -> lock.extend(ALICE, thing, HOUR)).isInstanceOf(LockExpiredException.class);
    }

    @Test
    void a_hold_until_released_survives_its_client_and_is_released_from_another() throws InterruptedException {
        HoldfastClient first = otherClient();
        LockHandle handle = first.createLock()
                .acquire(ALICE, thing, AcquireOptions.defaults().untilReleased())
                .orThrow();
        assertThat(handle.leaseLeft()).isEmpty();
        first.close();

        assertThat(lock.acquire(BOB, thing).holder()).contains(ALICE);
        lock.release(ALICE, thing);
        assertThat(lock.acquire(BOB, thing).acquired()).isTrue();
    }

    @Test
    void a_hold_with_a_ttl_survives_its_client() throws InterruptedException {
        HoldfastClient first = otherClient();
        first.createLock().acquire(ALICE, thing, ttl(HOUR.toMillis())).orThrow();
        first.close();

        assertThat(lock.acquire(BOB, thing).holder()).contains(ALICE);
    }

    @Test
    void a_clean_shutdown_frees_its_holds_without_waiting_for_a_lease() throws InterruptedException {
        HoldfastClient first = otherClient(LockContract.options().sessionLease(HOUR));
        LockHandle handle = first.createLock().acquire(ALICE, thing).orThrow();

        first.close();

        assertThat(lock.acquire(BOB, thing, waiting()).acquired()).isTrue();
        assertThat(result(handle.lossSignal())).isEqualTo(LossReason.CLIENT_CLOSED);
        assertThatThrownBy(() -> first.createLock().acquire(ALICE, thing))
                .isInstanceOf(LockClientClosedException.class);
    }

    @Test
    void a_hold_of_one_owner_from_two_clients_lives_while_either_does() {
        HoldfastClient first = otherClient();
        HoldfastClient second = otherClient();
        long token = first.createLock().acquire(ALICE, thing).token();
        assertThat(second.createLock().acquire(ALICE, thing).token()).isEqualTo(token);

        first.close();
        assertThat(lock.acquire(BOB, thing).holder()).contains(ALICE);
        second.close();
        awaitFree();
    }

    @Test
    @Tag("long")
    void a_session_hold_outlives_its_lease_while_its_client_lives() throws InterruptedException {
        HoldfastClient first = otherClient(LockContract.options().sessionLease(Duration.ofSeconds(6)));
        LockHandle handle = first.createLock().acquire(ALICE, thing).orThrow();

        // A wait is the cluster's own measure of time.
        assertThat(lock.acquire(BOB, thing, AcquireOptions.defaults().wait(Duration.ofMillis(6500)))
                        .timedOut())
                .isTrue();
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        handle.release();
    }

    /**
     * The warning comes when a fifth of what was left at the grant is left. A process that stands still for all of that time
     * hears of the loss alone, as the contract says; so the lease grows until a machine that stands still is no excuse.
     */
    @Test
    @Tag("long")
    void a_handle_tells_of_danger_before_it_tells_of_the_loss() throws InterruptedException {
        List<String> heard = heardOf(Duration.ofSeconds(5));
        for (int seconds = 10; seconds <= 80 && heard.equals(List.of("lost EXPIRED")); seconds *= 2) {
            heard = heardOf(Duration.ofSeconds(seconds));
        }

        assertThat(heard).containsExactly("suspect", "lost EXPIRED");
    }

    private List<String> heardOf(Duration ttl) throws InterruptedException {
        LockHandle handle = lock.acquire(ALICE, newThing(), ttl(ttl.toMillis())).orThrow();
        List<String> heard = new CopyOnWriteArrayList<>();
        handle.onSuspect(() -> heard.add("suspect"));
        handle.onLost(reason -> heard.add("lost " + reason));
        await().atMost(PATIENCE.plus(ttl)).until(() -> heard.contains("lost EXPIRED"));
        return List.copyOf(heard);
    }

    @Test
    @Tag("long")
    void a_listener_is_not_called_after_a_release() throws InterruptedException {
        LockHandle handle = lock.acquire(ALICE, thing, ttl(6000)).orThrow();
        List<LossReason> heard = new CopyOnWriteArrayList<>();
        handle.onLost(heard::add);
        LockHandle witness = lock.acquire(ALICE, newThing(), ttl(6500)).orThrow();
        handle.release();

        result(witness.lossSignal());
        assertThat(heard).isEmpty();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
    }

    @Test
    void a_shorter_lease_of_a_client_that_lives_is_no_danger() throws InterruptedException {
        LockHandle handle = lock.acquire(ALICE, thing, AcquireOptions.defaults().whileClientLives())
                .orThrow();
        assertThat(handle.leaseLeft().orElseThrow()).isPositive();
        assertThat(lock.get(thing).orElseThrow().hold().leaseLeft()).isEmpty();
    }
}
