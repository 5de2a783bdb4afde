package dev.holdfast.client.internal.serial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.internal.threads.ElasticThreads;
import dev.holdfast.client.internal.threads.OwnThread;
import dev.holdfast.client.support.Sneaky;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UsersExecutorTest {
    private final ElasticThreads threads = new ElasticThreads("own", 4, OwnThread::create, (task, delay) -> {});
    private final Queue<String> done = new ConcurrentLinkedQueue<>();
    private final CountDownLatch unblock = new CountDownLatch(1);

    private void block() {
        try {
            unblock.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitDone(String... what) {
        await().untilAsserted(() -> assertThat(done).containsExactlyInAnyOrder(what));
    }

    @AfterEach
    void letThreadsEnd() {
        unblock.countDown();
        threads.close();
    }

    @Test
    void tasks_are_brought_in_the_order_in_which_they_came() {
        ArrayDeque<Runnable> own = new ArrayDeque<>();
        List<Runnable> brought = new ArrayList<>();
        UsersExecutor executor = new UsersExecutor(brought::add, own::add);
        executor.execute(() -> done.add("1"));
        executor.execute(() -> done.add("2"));
        assertThat(brought).isEmpty();
        assertThat(own).hasSize(1);
        own.remove().run();
        assertThat(own).isEmpty();
        brought.forEach(Runnable::run);
        assertThat(done).containsExactly("1", "2");
    }

    @Test
    void a_task_that_runs_in_place_and_blocks_does_not_hold_up_the_next() {
        UsersExecutor executor = new UsersExecutor(Runnable::run, threads);
        executor.execute(this::block);
        executor.execute(this::block);
        executor.execute(() -> done.add("next"));
        awaitDone("next");
    }

    @Test
    void neither_does_one_that_another_lane_brought_to_an_executor_which_runs_it_in_place() {
        Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
        Executor inPairs = task -> {
            queue.add(task);
            if (queue.size() == 2) {
                List<Runnable> pair = List.of(queue.remove(), queue.remove());
                pair.forEach(Runnable::run);
            }
        };
        UsersExecutor first = new UsersExecutor(inPairs, threads);
        UsersExecutor second = new UsersExecutor(inPairs, threads);
        first.execute(this::block);
        await().until(() -> queue.size() == 1);
        second.execute(() -> done.add("2"));
        await().until(queue::isEmpty);
        second.execute(() -> done.add("3"));
        second.execute(() -> done.add("4"));
        awaitDone("3", "4");
    }

    @Test
    void what_the_executor_refuses_runs_on_threads_of_the_client() {
        for (Throwable thrown :
                List.of(new RejectedExecutionException("a test"), new Error("a test"), new IOException("a test"))) {
            UsersExecutor executor = new UsersExecutor(
                    task -> {
                        throw Sneaky.sneakyThrow(thrown);
                    },
                    threads);
            done.clear();
            executor.execute(() -> done.add(Thread.currentThread().getName().substring(0, 4)));
            executor.execute(() -> done.add("next"));
            awaitDone("own-", "next");
        }
    }

    @Test
    void a_refused_task_that_blocks_does_not_hold_up_the_next() {
        UsersExecutor executor = new UsersExecutor(
                task -> {
                    throw new RejectedExecutionException("saturated");
                },
                threads);
        executor.execute(this::block);
        executor.execute(() -> done.add("next"));
        awaitDone("next");
    }

    @Test
    void an_executor_that_throws_although_it_took_the_task_runs_it_once() {
        UsersExecutor executor = new UsersExecutor(
                task -> {
                    task.run();
                    throw new OutOfMemoryError("a test");
                },
                threads);
        for (int i = 0; i < 100; i++) {
            String name = "task " + i;
            executor.execute(() -> done.add(name));
        }
        await().until(() -> done.size() >= 100);
        executor.execute(() -> done.add("last"));
        await().until(() -> done.contains("last"));
        assertThat(done).hasSize(101).doesNotHaveDuplicates();
    }

    @Test
    void whatever_a_task_throws_does_not_reach_the_executor() {
        List<Throwable> seen = new ArrayList<>();
        UsersExecutor executor = new UsersExecutor(
                task -> {
                    try {
                        task.run();
                    } catch (Throwable e) {
                        seen.add(e);
                    }
                },
                threads);
        executor.execute(() -> {
            throw new AssertionError("thrown by a test");
        });
        executor.execute(() -> done.add("next"));
        awaitDone("next");
        assertThat(seen).isEmpty();
    }
}
