package dev.holdfast.shedlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import net.javacrumbs.shedlock.support.LockException;

/** Several processes, each with several threads, add to plain counters under locks. */
final class Fuzz implements AutoCloseable {
    private static final int THREADS = 8;

    private final int rounds;
    private final Duration atMost;
    private final List<Counter> counters = List.of(new Counter("even"), new Counter("odd"));
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final List<Future<?>> workers = new ArrayList<>();
    private final AtomicInteger runs = new AtomicInteger();

    Fuzz(int rounds, Duration atMost) {
        this.rounds = rounds;
        this.atMost = atMost;
    }

    void start(List<? extends LockProvider> processes) {
        for (int i = 0; i < THREADS; i++) {
            LockingTaskExecutor executor = new DefaultLockingTaskExecutor(processes.get(i / 2 % processes.size()));
            Counter counter = counters.get(i % 2);
            workers.add(threads.submit(() -> {
                for (AtomicInteger done = new AtomicInteger(); done.get() < rounds; ) {
                    counter.addUnderLock(executor, done);
                }
            }));
        }
    }

    /** How often a job has run. */
    int runs() {
        return runs.get();
    }

    void awaitEnd() throws Exception {
        for (Future<?> each : workers) {
            each.get();
        }
        for (Counter each : counters) {
            assertThat(each.value).as(each.name).isEqualTo(rounds * THREADS / 2);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        await().atMost(Duration.ofMinutes(2)).until(threads::isTerminated);
    }

    private final class Counter {
        private final String name;
        private int value;
        private long highestToken;

        Counter(String name) {
            this.name = name;
        }

        // A job that did not run, or whose unlock failed, is no failure here: only what ran is counted.
        private void addUnderLock(LockingTaskExecutor executor, AtomicInteger done) {
            try {
                executor.executeWithLock(
                        (Runnable) () -> {
                            add();
                            done.incrementAndGet();
                        },
                        Jobs.job(name, atMost, Duration.ofMillis(5)));
            } catch (LockException e) {
                assertThat(threads.isShutdown()).as(e.toString()).isFalse();
            }
        }

        private void add() {
            assertThat(JobHold.token()).isGreaterThan(highestToken);
            highestToken = JobHold.token();
            int before = value;
            Thread.yield();
            value = before + 1;
            runs.incrementAndGet();
        }
    }
}
