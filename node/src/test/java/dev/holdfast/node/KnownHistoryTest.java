package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.ChangeInfo;
import dev.holdfast.client.info.ChangeKind;
import dev.holdfast.client.info.LockableHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What peers remember of what happened to a lock. */
@Execution(ExecutionMode.CONCURRENT)
class KnownHistoryTest {
    private static final LockOwner ANN = Holdfast.createLockOwner("user").of("ann");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    private static final Lockable KEY = new Lockable("thing", "thing/7");

    @TempDir
    private Path folder;

    /** Oldest first, as "what owner". */
    private static List<String> told(LockableHistory history) {
        List<String> told = new ArrayList<>(history.changes().stream()
                .map(change -> change.kind() + " " + change.owner())
                .toList());
        Collections.reverse(told);
        return told;
    }

    private static CompletableFuture<AcquireResult> queue(HoldfastLock lock, LockOwner owner, AcquireOptions options) {
        CompletableFuture<AcquireResult> result =
                lock.acquireAsync(owner, KEY, options).toCompletableFuture();
        await().atMost(LocalCluster.PATIENCE)
                .until(() -> lock.get(KEY).orElseThrow().waiterCount() == 1);
        return result;
    }

    @Test
    void all_that_happens_to_a_lock_is_told_in_order_also_by_the_next_leader() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3);
                HoldfastClient client = Holdfast.connect(
                        cluster.servers(),
                        ClientOptions.defaults()
                                .name("the operator")
                                .sessionLease(Duration.ofMinutes(10))
                                .requestTimeout(LocalCluster.PATIENCE))) {
            HoldfastLock lock = client.createLock();
            assertThat(lock.history(KEY)).isEqualTo(new LockableHistory(List.of(), false, null));
            Instant before = Instant.now();

            // Taken for a time that runs out, so that the next gets it.
            LockHandle first = lock.hold(ANN, KEY, AcquireOptions.defaults().ttl(Duration.ofMinutes(10)));
            CompletableFuture<AcquireResult> next =
                    queue(lock, BOB, AcquireOptions.defaults().waitForever());
            first.expireIn(Duration.ofSeconds(1));
            LockHandle second = next.join().orThrow();
            // One who does not wait long enough, and one who gives up.
            assertThat(lock.acquire(ANN, KEY, AcquireOptions.defaults().wait(Duration.ofMillis(500)))
                            .acquired())
                    .isFalse();
            queue(lock, ANN, AcquireOptions.defaults().waitForever()).cancel(false);
            await().atMost(LocalCluster.PATIENCE)
                    .until(() -> lock.get(KEY).orElseThrow().waiterCount() == 0);
            assertThat(lock.forceRelease(KEY)).isTrue();
            lock.hold(ANN, KEY, AcquireOptions.defaults()).release();
            String doomed;
            try (HoldfastClient other = Holdfast.connect(
                    cluster.servers(),
                    ClientOptions.defaults().name("the doomed").requestTimeout(LocalCluster.PATIENCE))) {
                var unused = other.createLock().hold(BOB, KEY, AcquireOptions.defaults());
                doomed = lock.get(KEY).orElseThrow().hold().sessions().get(0).id();
                assertThat(client.closeSession(doomed)).isTrue();
            }

            LockableHistory history = lock.history(KEY);
            assertThat(told(history))
                    .containsExactly(
                            "GRANTED user:ann",
                            "QUEUED user:bob",
                            "EXPIRED user:ann",
                            "GRANTED user:bob",
                            "QUEUED user:ann",
                            "WAIT_TIMED_OUT user:ann",
                            "QUEUED user:ann",
                            "WAIT_CANCELLED user:ann",
                            "FORCE_RELEASED user:bob",
                            "GRANTED user:ann",
                            "RELEASED user:ann",
                            "GRANTED user:bob",
                            "ENDED_WITH_SESSION user:bob");
            assertThat(history.knownSince()).isEmpty();
            assertThat(history.more()).isFalse();
            ChangeInfo last = history.changes().get(0);
            assertThat(last.session().orElseThrow().name()).isEqualTo("the doomed");
            assertThat(last.session().orElseThrow().id()).isEqualTo(doomed);
            ChangeInfo expiry = history.changes().get(10);
            assertThat(expiry.kind()).isEqualTo(ChangeKind.EXPIRED);
            assertThat(expiry.token()).isEqualTo(first.token());
            assertThat(expiry.lasted().orElseThrow()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            assertThat(history.changes().get(9).token()).isEqualTo(second.token());
            // Log time is never ahead of the clock that measures it, but may begin anew at another one's stamp.
            assertThat(history.changes().get(12).at())
                    .isAfter(before.minusSeconds(5))
                    .isBefore(Instant.now().plusSeconds(1));

            cluster.awaitEqualHashes();
            cluster.stop(cluster.leader().id());
            LockableHistory byTheNext = lock.history(KEY);
            assertThat(byTheNext.changes())
                    .extracting(ChangeInfo::number)
                    .isEqualTo(
                            history.changes().stream().map(ChangeInfo::number).toList());
            assertThat(told(byTheNext)).isEqualTo(told(history));
            assertThat(byTheNext.knownSince()).isEmpty();
        }
    }

    @Test
    void a_semaphore_has_a_history_of_its_own() throws Exception {
        try (HoldfastNode node = HoldfastNode.builder().dataFolder(folder).start()) {
            HoldfastSemaphore semaphore = node.client().createSemaphore(5);
            LockHandle held = semaphore.hold(ANN, KEY, 3, AcquireOptions.defaults());
            semaphore.release(ANN, KEY, 1);
            held.release();

            assertThat(semaphore.history(KEY).changes())
                    .extracting(change -> change.kind() + " " + change.count())
                    .containsExactly("RELEASED 0", "RELEASED 2", "GRANTED 3");
            assertThat(node.client().createLock().history(KEY).changes()).isEmpty();
        }
    }

    private HoldfastNode often() throws IOException {
        return HoldfastNode.builder()
                .dataFolder(folder)
                .ratis(RaftSettings.DEFAULT.snapshots(50, 5).logSegments(1 << 10))
                .start();
    }

    private boolean hasSnapshot() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"));
        }
    }

    @Test
    void a_peer_that_goes_on_from_a_snapshot_says_since_when_it_knows() throws Exception {
        long lastToken = 0;
        try (HoldfastNode node = often()) {
            HoldfastLock lock = node.client().createLock();
            lock.hold(ANN, KEY, AcquireOptions.defaults()).release();
            int turns = 0;
            while (!hasSnapshot() || turns < 60) {
                LockHandle handle = lock.hold(BOB, new Lockable("other", "other"), AcquireOptions.defaults());
                handle.release();
                lastToken = handle.token();
                turns++;
            }
            assertThat(lock.history(KEY).changes()).hasSize(2);
            assertThat(lock.history(KEY).knownSince()).isEmpty();
        }

        try (HoldfastNode again = often()) {
            HoldfastLock lock = again.client().createLock();
            LockableHistory history = lock.history(KEY);
            assertThat(history.changes()).isEmpty();
            assertThat(history.knownSince()).isPresent();
            LockHandle handle = lock.hold(ANN, KEY, AcquireOptions.defaults());
            assertThat(handle.token()).isGreaterThan(lastToken);
            assertThat(lock.history(KEY).changes())
                    .extracting(ChangeInfo::token)
                    .containsExactly(handle.token());
            assertThat(lock.history(KEY).changes().get(0).at())
                    .isAfterOrEqualTo(
                            lock.history(KEY).knownSince().orElseThrow().minusSeconds(5));
        }
    }
}
