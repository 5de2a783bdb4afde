package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientMetrics;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.SessionListener;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.info.LockableKind;
import dev.holdfast.client.info.SemaphoreInfo;
import dev.holdfast.client.info.WaiterInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Looking at locks, semaphores and sessions. */
abstract class InspectionContract extends ContractBase {

    @Test
    void a_free_lock_has_no_info() {
        assertThat(lock.get(thing)).isEmpty();
    }

    @Test
    void a_held_lock_tells_of_its_hold_and_its_waiters() throws InterruptedException {
        HoldfastClient holder =
                otherClient(LockContract.options().name("billing").host("host-1"));
        HoldfastLock queueing = otherClient(
                        LockContract.options().name("shipping").host("host-2"))
                .createLock();
        Instant before = Instant.now();
        long token = holder.createLock().acquire(ALICE, thing, ttl(3_600_000)).token();
        List<CompletableFuture<AcquireResult>> waiters = List.of(
                queue(queueing, BOB, AcquireOptions.defaults().wait(Duration.ofMinutes(10))),
                queue(queueing, CAROL, AcquireOptions.defaults().waitForever()));

        LockInfo info = lock.get(thing).orElseThrow();

        assertThat(info.lockable()).isEqualTo(thing);
        assertThat(info.owner()).isEqualTo(ALICE);
        assertThat(info.token()).isEqualTo(token);
        // Log time is in whole milliseconds, and may run up to a round trip behind.
        assertThat(info.since()).isBetween(before.minusSeconds(5), Instant.now().plus(5, ChronoUnit.SECONDS));
        HoldInfo hold = info.hold();
        assertThat(hold.count()).isEqualTo(1);
        assertThat(hold.lease()).isEqualTo(LeaseKind.TTL);
        assertThat(hold.leaseLeft().orElseThrow()).isBetween(Duration.ofMinutes(55), Duration.ofMinutes(60));
        assertThat(hold.sessions()).singleElement().satisfies(session -> {
            assertThat(session.name()).isEqualTo("billing");
            assertThat(session.host()).isEqualTo("host-1");
            assertThat(session.id()).isNotEmpty();
        });
        assertThat(info.waiterCount()).isEqualTo(2);
        assertThat(info.waiters()).extracting(WaiterInfo::owner).containsExactly(BOB, CAROL);
        WaiterInfo first = info.waiters().get(0);
        assertThat(first.session().name()).isEqualTo("shipping");
        assertThat(first.session().host()).isEqualTo("host-2");
        assertThat(first.waitLeft().orElseThrow()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(10));
        assertThat(first.waited()).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(info.waiters().get(1).waitLeft()).isEmpty();
        waiters.forEach(waiter -> waiter.cancel(false));
    }

    @Test
    void a_semaphore_tells_of_its_holds_and_its_waiters() {
        HoldfastSemaphore semaphore = client().createSemaphore(5);
        semaphore.acquire(ALICE, thing, 2).orThrow();
        semaphore.acquire(BOB, thing, 2).orThrow();
        CompletableFuture<AcquireResult> waiter =
                semaphore.acquireAsync(CAROL, thing, 3, waiting()).toCompletableFuture();
        await().atMost(PATIENCE).until(() -> semaphore.get(thing).waiterCount() == 1);

        SemaphoreInfo info = semaphore.get(thing);

        assertThat(info.lockable()).isEqualTo(thing);
        assertThat(info.max()).isEqualTo(5);
        assertThat(info.held()).isEqualTo(4);
        assertThat(info.available()).isEqualTo(1);
        assertThat(info.holds()).extracting(HoldInfo::owner).containsExactly(ALICE, BOB);
        assertThat(info.waiters()).singleElement().satisfies(waiting -> {
            assertThat(waiting.owner()).isEqualTo(CAROL);
            assertThat(waiting.permits()).isEqualTo(3);
            assertThat(waiting.limit()).isEqualTo(5);
        });
        waiter.cancel(false);
    }

    @Test
    void a_listing_names_what_is_held_in_the_order_of_keys() {
        String prefix = "listing-" + UUID.randomUUID() + "-";
        HoldfastSemaphore semaphore = client().createSemaphore(3);
        lock.acquire(ALICE, new Lockable("a", prefix + "b")).orThrow();
        lock.acquire(ALICE, new Lockable("a", prefix + "a")).orThrow();
        semaphore.acquire(BOB, new Lockable("a", prefix + "c"), 2).orThrow();
        lock.acquire(ALICE, new Lockable("a", prefix + "free")).orThrow().release();

        try (Stream<LockableInfo> listing = client().list(prefix)) {
            List<LockableInfo> found = listing.toList();
            assertThat(found).extracting(LockableInfo::key).containsExactly(prefix + "a", prefix + "b", prefix + "c");
            assertThat(found)
                    .extracting(LockableInfo::kind)
                    .containsExactly(LockableKind.MUTEX, LockableKind.MUTEX, LockableKind.SEMAPHORE);
            assertThat(found.get(2).held()).isEqualTo(2);
            assertThat(found.get(2).holds()).extracting(HoldInfo::owner).containsExactly(BOB);
        }
        try (Stream<LockableInfo> listing = client().list(prefix + "nothing")) {
            assertThat(listing).isEmpty();
        }
    }

    @Test
    void a_long_listing_is_whole() {
        String prefix = "long-listing-" + UUID.randomUUID() + "-";
        HoldfastLock otherLock = otherClient().createLock();
        List<CompletionStage<AcquireResult>> acquires = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 1100; i++) {
            String key = prefix + i;
            keys.add(key);
            acquires.add(otherLock.acquireAsync(ALICE, new Lockable("a", key), AcquireOptions.defaults()));
        }
        acquires.forEach(acquire -> assertThat(result(acquire).acquired()).isTrue());
        Collections.sort(keys);

        try (Stream<LockableInfo> listing = client().list(prefix)) {
            assertThat(listing.map(LockableInfo::key)).containsExactlyElementsOf(keys);
        }
    }

    @Test
    void sessions_are_listed_while_their_clients_live() {
        String name = "listed-" + UUID.randomUUID();
        HoldfastClient listed =
                otherClient(LockContract.options().name(name).host("host-9").sessionLease(Duration.ofMinutes(1)));
        listed.createLock().acquire(ALICE, thing).orThrow();

        assertThat(sessionsNamed(name)).singleElement().satisfies(session -> {
            assertThat(session.host()).isEqualTo("host-9");
            assertThat(session.lease()).isEqualTo(Duration.ofMinutes(1));
            assertThat(session.holds()).isEqualTo(1);
            assertThat(session.waiters()).isZero();
        });
        listed.close();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(sessionsNamed(name)).isEmpty());
    }

    @Test
    void a_session_that_another_client_closes_is_lost_with_what_it_holds_and_its_client_opens_another()
            throws InterruptedException {
        String name = "closed-" + UUID.randomUUID();
        HoldfastClient stuck = otherClient(LockContract.options().name(name));
        LockHandle held = stuck.createLock().acquire(ALICE, thing).orThrow();
        String id = sessionsNamed(name).get(0).id();

        assertThat(client().closeSession(id)).isTrue();

        assertThat(lock.acquire(BOB, thing, waiting()).acquired()).isTrue();
        assertThat(client().closeSession(id)).isFalse();
        // The client hears of it by what it asks next.
        await().atMost(PATIENCE).until(() -> {
            try {
                return stuck.createLock().acquire(ALICE, thing).waitersAhead() == 0 && !held.isHeld();
            } catch (LockException unknownSession) {
                return false;
            }
        });
    }

    private List<ClientSessionInfo> sessionsNamed(String name) {
        try (Stream<ClientSessionInfo> sessions = client().sessions()) {
            return sessions.filter(session -> session.name().equals(name)).toList();
        }
    }

    @Test
    void a_session_listener_hears_of_the_opening() {
        HoldfastClient fresh = otherClient();
        List<String> heard = new CopyOnWriteArrayList<>();
        HoldfastClient.Registration registration = fresh.onSession(new SessionListener() {
            @Override
            public void onOpened() {
                heard.add("opened");
            }
        });

        fresh.createLock().acquire(ALICE, thing).orThrow();

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard).containsExactly("opened"));
        registration.close();
    }

    @Test
    void a_client_counts_its_acquires() {
        HoldfastClient own = otherClient();
        HoldfastLock counted = own.createLock();
        counted.acquire(ALICE, thing).orThrow();
        assertThat(counted.acquire(BOB, thing).acquired()).isFalse();
        assertThat(counted.acquire(LockOwner.unique("late"), thing).acquired()).isFalse();

        var registry = own.metrics().registry();
        assertThat(registry.meter(ClientMetrics.ACQUIRE_ATTEMPTS).getCount()).isEqualTo(3);
        assertThat(registry.meter(ClientMetrics.ACQUIRE_GRANTED).getCount()).isEqualTo(1);
        assertThat(registry.meter(ClientMetrics.ACQUIRE_REFUSED).getCount()).isEqualTo(2);
        assertThat(registry.counter(ClientMetrics.HOLDS).getCount()).isEqualTo(1);
    }
}
