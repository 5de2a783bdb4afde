package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.integration.leader.AbstractCandidate;
import org.springframework.integration.leader.Context;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.LockRegistry;

/** The framework's leader election, on locks of Holdfast. */
class LeaderInitiatorTest {
    private static final Lockable ROLE = new Lockable("role", "spring-integration:boss");

    private final TestCluster cluster = TestCluster.start();
    private final AtomicInteger leaders = new AtomicInteger();
    private final List<LockRegistryLeaderInitiator> started = new ArrayList<>();

    @AfterEach
    void close() {
        started.forEach(LockRegistryLeaderInitiator::stop);
        await().atMost(Duration.ofMinutes(1)).until(() -> leaders.get() == 0);
        cluster.close();
    }

    private final class Candidate extends AbstractCandidate {
        final LockRegistry<?> registry;
        final List<Long> tokens = new CopyOnWriteArrayList<>();
        final AtomicInteger most = new AtomicInteger();
        final AtomicInteger revoked = new AtomicInteger();

        Candidate(String id, HoldfastLockRegistry registry) {
            super(id, "boss");
            this.registry = asAny(registry);
        }

        @Override
        public void onGranted(Context context) {
            most.accumulateAndGet(leaders.incrementAndGet(), Math::max);
            tokens.add(((RegistryLock) registry.obtain("boss")).token());
        }

        @Override
        public void onRevoked(Context context) {
            leaders.decrementAndGet();
            revoked.incrementAndGet();
        }
    }

    private static LockRegistry<?> asAny(HoldfastLockRegistry registry) {
        return registry;
    }

    private LockRegistryLeaderInitiator start(Candidate candidate) {
        LockRegistryLeaderInitiator initiator = new LockRegistryLeaderInitiator(candidate.registry, candidate);
        initiator.setHeartBeatMillis(20);
        initiator.setBusyWaitMillis(5);
        initiator.setApplicationEventPublisher(event -> {});
        initiator.start();
        started.add(initiator);
        return initiator;
    }

    private static boolean leads(LockRegistryLeaderInitiator initiator) {
        return initiator.getContext().isLeader();
    }

    private Candidate candidate(String id) {
        return new Candidate(id, new HoldfastLockRegistry(cluster.newClient()));
    }

    @Test
    void it_leads_from_start_to_stop() {
        Candidate one = candidate("one");
        LockRegistryLeaderInitiator initiator = start(one);
        await().until(() -> leads(initiator));
        await().until(() -> one.tokens.size() == 1);
        initiator.stop();
        await().until(() -> leaders.get() == 0);
        assertThat(leads(initiator)).isFalse();
        assertThat(cluster.client().createLock().isLocked(ROLE)).isFalse();
    }

    @Test
    void leadership_passes_on_when_the_leader_yields_or_stops_each_time_with_a_greater_token() {
        Candidate one = candidate("one");
        Candidate two = candidate("two");
        LockRegistryLeaderInitiator first = start(one);
        await().until(() -> leads(first));
        LockRegistryLeaderInitiator second = start(two);
        assertThat(leads(second)).isFalse();

        await().untilAsserted(() -> {
            if (leads(first)) {
                first.getContext().yield();
            }
            assertThat(leads(second)).isTrue();
        });
        await().untilAsserted(() -> {
            if (leads(second)) {
                second.getContext().yield();
            }
            assertThat(leads(first)).isTrue();
        });
        await().until(() -> !one.tokens.isEmpty() && !two.tokens.isEmpty());
        first.stop();
        await().until(() -> leads(second));

        List<Long> tokens = new ArrayList<>(one.tokens);
        tokens.addAll(two.tokens);
        assertThat(tokens).doesNotHaveDuplicates();
        assertThat(one.tokens).isSorted();
        assertThat(two.tokens).isSorted();
    }

    @Test
    void a_leader_whose_lock_is_taken_is_revoked_and_stands_again() {
        Candidate one = candidate("one");
        LockRegistryLeaderInitiator initiator = start(one);
        await().until(() -> one.tokens.size() == 1);

        assertThat(cluster.client().createLock().forceRelease(ROLE)).isTrue();

        await().until(() -> one.tokens.size() >= 2 && leads(initiator));
        assertThat(one.tokens).isSorted();
        assertThat(one.most).hasValue(1);
    }

    @Test
    @Tag("long")
    void a_leader_that_yields_or_stops_while_nobody_can_be_reached_is_revoked_and_followed() {
        Unanswered unlocks = new Unanswered();
        Candidate one = new Candidate(
                "one",
                new HoldfastLockRegistry(
                        unlocks.around(cluster.newClient().createLock()),
                        HoldfastLockRegistry.DEFAULT_REGION,
                        AcquireOptions.defaults().ttl(Duration.ofHours(1))));
        LockRegistryLeaderInitiator first = start(one);
        await().until(() -> one.tokens.size() == 1);

        unlocks.cut();
        first.getContext().yield();
        await().until(() -> one.revoked.get() == 1);
        unlocks.restore();
        await().until(() -> one.tokens.size() == 2);
        assertThat(one.tokens).doesNotHaveDuplicates().isSorted();

        unlocks.cut();
        first.stop();
        await().until(() -> one.revoked.get() == 2);
        Candidate two = candidate("two");
        LockRegistryLeaderInitiator second = start(two);
        assertThat(leads(second)).isFalse();
        unlocks.restore();
        await().until(() -> leads(second));
        assertThat(two.tokens.get(0)).isGreaterThan(one.tokens.get(1));
    }

    @Test
    @Tag("long")
    void the_leader_in_a_process_that_dies_is_followed_by_another() {
        HoldfastClient mortal = cluster.newClient();
        Candidate one = new Candidate("one", new HoldfastLockRegistry(mortal));
        LockRegistryLeaderInitiator first = start(one);
        await().until(() -> leads(first));
        Candidate two = candidate("two");
        LockRegistryLeaderInitiator second = start(two);

        mortal.close();

        await().until(() -> leads(second));
        await().until(() -> !leads(first));
        assertThat(two.tokens.get(0)).isGreaterThan(one.tokens.get(0));
    }

    @Test
    @Tag("long")
    void a_leader_under_a_ttl_leads_on_by_its_heartbeats() {
        HoldfastLockRegistry registry = new HoldfastLockRegistry(
                cluster.newClient().createLock(),
                "ttl",
                AcquireOptions.defaults().ttl(Duration.ofSeconds(10)));
        Candidate one = new Candidate("one", registry);
        LockRegistryLeaderInitiator initiator = start(one);
        await().until(() -> leads(initiator));
        Lockable role = new Lockable("role", "ttl:boss");
        var lock = cluster.client().createLock();
        var first = lock.get(role).orElseThrow();
        await().until(() -> leads(initiator)
                && lock.get(role).isPresent()
                && !lock.get(role).orElseThrow().equals(first));
        assertThat(one.tokens).hasSize(1);
    }
}
