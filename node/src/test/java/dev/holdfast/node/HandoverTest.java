package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is closed while it leads has another lead first. Whether nobody waited for an election, only a clock can say. */
@Tag("long")
class HandoverTest {
    private static final Lockable THING = Holdfast.createLockable("thing").of();
    private static final LockOwner ALICE = Holdfast.createLockOwner("worker").of("alice");

    /** So long that one notices who waited for it, however busy the machine is; the first election comes sooner. */
    private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(15);

    private static final RaftSettings PATIENT = RaftSettings.DEFAULT.electionTimeouts(
            (int) ELECTION_TIMEOUT.toMillis(), 2 * (int) ELECTION_TIMEOUT.toMillis());

    @TempDir
    Path folder;

    @Test
    void callers_elsewhere_go_on_without_an_election_timeout() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3, PATIENT)) {
            awaitAllReady(cluster);
            HoldfastLock lock = cluster.follower().client().createLock();
            assertThat(lock.acquire(ALICE, THING).acquired()).isTrue();

            long began = System.nanoTime();
            String led = cluster.leader().id();
            cluster.stop(led);
            lock.release(ALICE, THING);

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(ELECTION_TIMEOUT);
            assertThat(cluster.leader().id()).isNotEqualTo(led);
        }
    }

    @Test
    void what_is_under_way_is_neither_lost_nor_doubled() throws Exception {
        ExecutorService callers = Executors.newCachedThreadPool();
        try (LocalCluster cluster = LocalCluster.start(folder, 3, PATIENT)) {
            awaitAllReady(cluster);
            AtomicBoolean done = new AtomicBoolean();
            String led = cluster.leader().id();
            List<CompletableFuture<Integer>> acquired = new ArrayList<>();
            HoldfastClient client = cluster.follower().newClient(ClientOptions.defaults());
            HoldfastLock lock = client.createLock(LockOptions.defaults().reentrant());
            for (int i = 0; i < 4; i++) {
                Lockable key = Holdfast.createLockable("counted-" + i).of();
                acquired.add(CompletableFuture.supplyAsync(() -> acquireUntil(done, lock, key), callers));
            }
            TimeUnit.MILLISECONDS.sleep(200);
            cluster.stop(led);
            assertThat(lock.acquire(ALICE, THING).acquired()).isTrue();
            done.set(true);

            for (int i = 0; i < acquired.size(); i++) {
                int count = acquired.get(i).get(60, TimeUnit.SECONDS);
                LockInfo info =
                        lock.get(Holdfast.createLockable("counted-" + i).of()).orElseThrow();
                assertThat(info.hold().count()).isEqualTo(count);
            }
            client.close();
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void one_that_is_left_alone_does_not_wait_for_a_successor() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3, PATIENT)) {
            awaitAllReady(cluster);
            String led = cluster.leader().id();
            cluster.nodes().stream()
                    .map(HoldfastNode::id)
                    .filter(id -> !id.equals(led))
                    .forEach(cluster::stop);
            long began = System.nanoTime();
            cluster.stop(led);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LocalCluster.PATIENCE);
        }
    }

    private static int acquireUntil(AtomicBoolean done, HoldfastLock lock, Lockable key) {
        try {
            int count = 0;
            while (!done.get()) {
                lock.acquire(ALICE, key, AcquireOptions.defaults()).orThrow();
                count++;
            }
            return count;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Followers learn of a commit with the next entry, or with a heartbeat, which is rare with such a timeout. */
    private static void awaitAllReady(LocalCluster cluster) {
        HoldfastLock lock = cluster.leader().client().createLock();
        Lockable key = Holdfast.createLockable("warm-up").of();
        List<CompletableFuture<Boolean>> ready =
                cluster.nodes().stream().map(HandoverTest::ready).toList();
        await().atMost(LocalCluster.PATIENCE).until(() -> {
            lock.acquire(ALICE, key).orThrow().release();
            return ready.stream().allMatch(CompletableFuture::isDone);
        });
        assertThat(ready).allSatisfy(each -> assertThat(each).isCompletedWithValue(true));
    }

    private static CompletableFuture<Boolean> ready(HoldfastNode node) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return node.awaitReady(LocalCluster.PATIENCE);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
