package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.node.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks of a cluster over the network, whose leading peer goes meanwhile. */
@Tag("long")
class ThreePeersTest {
    private static final int THREADS = 6;
    private static final int ROUNDS = 100;

    private final AtomicInteger runs = new AtomicInteger();
    private int value;
    private long highestToken;

    @Test
    void a_counter_under_a_lock_misses_no_increment_while_the_leading_peer_goes(@TempDir Path folder) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (LocalCluster peers = LocalCluster.start(folder, 3);
                HoldfastClient one = Holdfast.connect(peers.servers());
                HoldfastClient two = Holdfast.connect(peers.servers())) {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                HoldfastLockRegistry registry = new HoldfastLockRegistry(i % 2 == 0 ? one : two);
                workers.add(threads.submit(() -> count(registry)));
            }
            await().atMost(Duration.ofMinutes(2)).until(() -> runs.get() >= 50);

            peers.leader().close();

            for (Future<?> each : workers) {
                each.get();
            }
            assertThat(value).isEqualTo(THREADS * ROUNDS);
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(2, TimeUnit.MINUTES)).isTrue();
        }
    }

    private void count(HoldfastLockRegistry registry) {
        for (int i = 0; i < ROUNDS; i++) {
            RegistryLock lock = registry.obtain("counter");
            untilDone(lock::lock);
            assertThat(lock.token()).isGreaterThan(highestToken);
            highestToken = lock.token();
            int before = value;
            Thread.yield();
            value = before + 1;
            runs.incrementAndGet();
            untilDone(lock::unlock);
        }
    }

    private static void untilDone(Runnable call) {
        while (true) {
            try {
                call.run();
                return;
            } catch (LockException again) {
                assertThat(Thread.currentThread().isInterrupted())
                        .as(again.toString())
                        .isFalse();
            }
        }
    }
}
