package dev.holdfast.shedlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several processes, each with several threads, add to plain counters under locks, as ShedLock's own fuzz test does. */
class FuzzTest {
    private static final int THREADS = 8;

    private final TestCluster cluster = TestCluster.start();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void close() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        cluster.close();
    }

    @Test
    void counters_under_locks_miss_no_increment() throws Exception {
        fuzz(5);
    }

    @Test
    @Tag("long")
    void counters_under_locks_miss_no_increment_in_many_rounds() throws Exception {
        fuzz(100);
    }

    private void fuzz(int rounds) throws Exception {
        List<Counter> counters = List.of(new Counter("even"), new Counter("odd"));
        List<HoldfastLockProvider> processes =
                List.of(new HoldfastLockProvider(cluster.client()), new HoldfastLockProvider(cluster.newClient()));
        List<Callable<Void>> work = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            LockingTaskExecutor executor = new DefaultLockingTaskExecutor(processes.get(i / 2 % 2));
            Counter counter = counters.get(i % 2);
            work.add(() -> {
                for (int done = 0; done < rounds; ) {
                    done += counter.addUnderLock(executor) ? 1 : 0;
                }
                return null;
            });
        }
        for (Future<Void> each : threads.invokeAll(work)) {
            each.get();
        }
        for (Counter each : counters) {
            assertThat(each.value).as(each.name).isEqualTo(rounds * THREADS / 2);
        }
    }

    private static final class Counter {
        private final String name;
        private int value;
        private long highestToken;

        Counter(String name) {
            this.name = name;
        }

        boolean addUnderLock(LockingTaskExecutor executor) throws Exception {
            try {
                return executor.executeWithLock(this::add, Jobs.job(name, Duration.ofMinutes(5), Duration.ofMillis(5)))
                        .wasExecuted();
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        private Integer add() throws InterruptedException {
            assertThat(JobHold.token()).isGreaterThan(highestToken);
            highestToken = JobHold.token();
            int before = value;
            Thread.sleep(1);
            value = before + 1;
            return value;
        }
    }
}
