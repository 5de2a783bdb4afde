package dev.holdfast.client.internal.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.support.Sneaky;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ElasticThreadsTest {
    private final List<Thread> created = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger failures = new AtomicInteger();
    private final Queue<Runnable> retries = new ConcurrentLinkedQueue<>();
    private final List<Long> pausesMs = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger blocked = new AtomicInteger();
    private final CountDownLatch unblock = new CountDownLatch(1);
    private final List<ElasticThreads> all = new ArrayList<>();

    private ElasticThreads atMost(int most) {
        ElasticThreads threads = new ElasticThreads("test", most, this::create, (task, delayNanos) -> {
            retries.add(task);
            pausesMs.add(TimeUnit.NANOSECONDS.toMillis(delayNanos));
        });
        all.add(threads);
        return threads;
    }

    private Thread create(String name, Runnable task) {
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new OutOfMemoryError("unable to create native thread, says a test");
        }
        Thread thread = OwnThread.create(name, task);
        created.add(thread);
        return thread;
    }

    private void block() {
        blocked.incrementAndGet();
        while (unblock.getCount() > 0) {
            try {
                unblock.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        done.incrementAndGet();
    }

    private void awaitDone(int count) {
        await().untilAsserted(() -> assertThat(done).hasValue(count));
    }

    @AfterEach
    void letThreadsEnd() {
        unblock.countDown();
        all.forEach(ElasticThreads::close);
    }

    @Test
    void four_hundred_tasks_that_block_have_no_more_threads_than_there_may_be() {
        ElasticThreads threads = atMost(8);
        for (int i = 0; i < 400; i++) {
            threads.execute(this::block);
        }
        await().untilAsserted(() -> assertThat(blocked).hasValue(8));
        unblock.countDown();
        awaitDone(400);
        assertThat(created).hasSize(8).allMatch(Thread::isDaemon);
        assertThat(created.get(0).getName()).isEqualTo("test-1");
    }

    @Test
    void an_idle_thread_takes_the_next_task() {
        ElasticThreads threads = atMost(8);
        threads.execute(done::incrementAndGet);
        await().until(() -> created.get(0).getState() == Thread.State.TIMED_WAITING);
        threads.execute(done::incrementAndGet);
        awaitDone(2);
        assertThat(created).hasSize(1);
    }

    @Test
    void a_thread_that_cannot_be_created_is_tried_again_and_its_task_runs() {
        ElasticThreads threads = atMost(8);
        failures.set(1);
        threads.execute(done::incrementAndGet);
        assertThat(created).isEmpty();
        retries.remove().run();
        awaitDone(1);
    }

    @Test
    void the_next_task_brings_a_thread_for_both() {
        ElasticThreads threads = atMost(1);
        failures.set(1);
        threads.execute(done::incrementAndGet);
        threads.execute(done::incrementAndGet);
        awaitDone(2);
    }

    @Test
    void a_thread_that_becomes_free_takes_what_another_would_have() {
        ElasticThreads threads = atMost(8);
        threads.execute(this::block);
        await().untilAsserted(() -> assertThat(blocked).hasValue(1));
        failures.set(1);
        threads.execute(done::incrementAndGet);
        unblock.countDown();
        awaitDone(2);
        assertThat(created).hasSize(1);
    }

    @Test
    void it_is_tried_again_less_and_less_often_and_once_at_a_time() {
        ElasticThreads threads = atMost(8);
        failures.set(20);
        threads.execute(done::incrementAndGet);
        threads.execute(done::incrementAndGet);
        for (int i = 0; i < 9; i++) {
            assertThat(retries).hasSize(1);
            retries.remove().run();
        }
        assertThat(pausesMs).containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 640L, 1000L, 1000L, 1000L);
        failures.set(0);
        retries.remove().run();
        awaitDone(2);
    }

    @Test
    void what_is_refused_for_want_of_a_thread_never_runs() {
        ElasticThreads threads = atMost(1);
        failures.set(1);
        Queue<String> ran = new ConcurrentLinkedQueue<>();
        assertThat(threads.tryExecute(() -> ran.add("refused"))).isFalse();
        assertThat(retries).isEmpty();
        assertThat(threads.tryExecute(() -> ran.add("taken"))).isTrue();
        await().untilAsserted(() -> assertThat(ran).containsExactly("taken"));
    }

    @Test
    void what_a_living_thread_can_take_is_not_refused() {
        ElasticThreads threads = atMost(2);
        threads.execute(this::block);
        await().untilAsserted(() -> assertThat(blocked).hasValue(1));
        failures.set(1);
        assertThat(threads.tryExecute(done::incrementAndGet)).isTrue();
        unblock.countDown();
        awaitDone(2);
    }

    @Test
    void whatever_a_task_throws_does_not_stop_its_thread() {
        ElasticThreads threads = atMost(1);
        for (Throwable thrown : List.of(new IllegalStateException("a test"), new Error("a test"), new IOException())) {
            threads.execute(() -> {
                throw Sneaky.sneakyThrow(thrown);
            });
        }
        threads.execute(done::incrementAndGet);
        awaitDone(1);
        assertThat(created).hasSize(1);
    }

    @Test
    void an_interrupt_that_a_task_leaves_behind_is_not_seen_by_the_next() {
        ElasticThreads threads = atMost(1);
        ArrayDeque<Boolean> interrupted = new ArrayDeque<>();
        threads.execute(() -> Thread.currentThread().interrupt());
        threads.execute(() -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            done.incrementAndGet();
        });
        awaitDone(1);
        assertThat(interrupted).containsExactly(false);
    }

    @Test
    void once_closed_threads_end_when_they_are_idle_and_tasks_are_taken_all_the_same() {
        ElasticThreads threads = atMost(2);
        threads.execute(done::incrementAndGet);
        awaitDone(1);
        threads.close();
        await().until(() -> !created.get(0).isAlive());
        threads.execute(done::incrementAndGet);
        awaitDone(2);
        await().until(() -> !created.get(1).isAlive());
    }
}
