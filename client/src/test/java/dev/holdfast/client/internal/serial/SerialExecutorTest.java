package dev.holdfast.client.internal.serial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.internal.serial.SerialExecutor.Helper;
import dev.holdfast.client.support.Sneaky;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {

    @Test
    void a_task_brought_by_a_task_comes_after_it() {
        SerialExecutor serial = new SerialExecutor(Helper.NONE);
        List<String> order = new ArrayList<>();
        serial.execute(() -> {
            serial.execute(() -> order.add("inner"));
            order.add("outer");
        });
        assertThat(order).containsExactly("outer", "inner");
    }

    @Test
    void what_follows_the_tasks_comes_after_those_that_are_there() {
        SerialExecutor serial = new SerialExecutor(Helper.NONE);
        List<String> order = new ArrayList<>();
        serial.execute(() -> {
            serial.afterwards(() -> {
                order.add("follower");
                serial.execute(() -> order.add("brought by the follower"));
            });
            serial.execute(() -> order.add("second"));
            serial.execute(() -> order.add("third"));
            order.add("first");
        });
        assertThat(order).containsExactly("first", "second", "third", "follower", "brought by the follower");
    }

    @Test
    void what_follows_is_not_put_off_for_ever() {
        SerialExecutor serial = new SerialExecutor(Helper.NONE);
        List<Integer> followed = new ArrayList<>();
        int[] done = new int[1];
        serial.execute(() -> {
            for (int i = 0; i < 1000; i++) {
                serial.execute(() -> {
                    done[0]++;
                    if (followed.isEmpty() && done[0] == 1) {
                        serial.afterwards(() -> followed.add(done[0]));
                    }
                });
            }
        });
        assertThat(done[0]).isEqualTo(1000);
        assertThat(followed)
                .singleElement()
                .satisfies(after -> assertThat(after).isBetween(1, 256));
    }

    @Test
    void what_follows_does_so_though_the_tasks_that_were_expected_never_come() {
        SerialExecutor serial = new SerialExecutor(Helper.NONE);
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            serial.execute(() -> {
                serial.expect(7);
                serial.afterwards(() -> order.add("follower"));
            });
        }
        assertThat(order).hasSize(100);
    }

    @Test
    void a_follower_that_throws_does_not_stop_the_others() {
        SerialExecutor serial = new SerialExecutor(Helper.NONE);
        List<String> order = new ArrayList<>();
        serial.execute(() -> {
            serial.afterwards(() -> {
                throw new IllegalStateException("thrown by a test");
            });
            serial.afterwards(() -> order.add("next"));
        });
        serial.execute(() -> order.add("task"));
        assertThat(order).containsExactly("next", "task");
    }

    @Test
    void a_task_that_throws_does_not_stop_the_others() {
        SerialExecutor serial = new SerialExecutor(Helper.NONE);
        List<String> done = new ArrayList<>();
        for (Throwable thrown : List.of(new IllegalStateException("a test"), new Error("a test"), new IOException())) {
            serial.execute(() -> {
                throw Sneaky.sneakyThrow(thrown);
            });
            serial.execute(() -> done.add("next"));
        }
        assertThat(done).containsExactly("next", "next", "next");
    }

    /** Brings so many tasks from within a task, so that one thread has to run all of them. */
    private static void bring(int count, SerialExecutor serial, Runnable task) {
        serial.execute(() -> {
            for (int i = 0; i < count; i++) {
                serial.execute(task);
            }
        });
    }

    @Test
    void who_has_run_many_tasks_of_others_is_relieved() {
        ArrayDeque<Runnable> relieved = new ArrayDeque<>();
        SerialExecutor serial = new SerialExecutor(relieved::add);
        int[] done = new int[1];
        bring(2000, serial, () -> done[0]++);
        assertThat(done[0]).isBetween(100, 1000);
        while (!relieved.isEmpty()) {
            relieved.remove().run();
        }
        assertThat(done[0]).isEqualTo(2000);
    }

    @Test
    void who_is_not_relieved_goes_on() {
        int[] asked = new int[1];
        SerialExecutor serial = new SerialExecutor(work -> {
            asked[0]++;
            return false;
        });
        int[] done = new int[1];
        bring(2000, serial, () -> done[0]++);
        assertThat(done[0]).isEqualTo(2000);
        assertThat(asked[0]).isPositive();
    }

    @Test
    void tasks_of_many_threads_run_one_at_a_time_and_none_is_lost() throws InterruptedException {
        ExecutorService helper = Executors.newCachedThreadPool();
        SerialExecutor serial = new SerialExecutor(work -> {
            helper.execute(work);
            return true;
        });
        int[] plainCounter = new int[1];
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                awaitQuietly(start);
                for (int n = 0; n < 20_000; n++) {
                    serial.execute(() -> plainCounter[0]++);
                }
            });
            thread.start();
            threads.add(thread);
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        int[] seen = new int[1];
        await().until(() -> {
            serial.execute(() -> seen[0] = plainCounter[0]);
            return seen[0] == 80_000;
        });
        helper.shutdown();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
