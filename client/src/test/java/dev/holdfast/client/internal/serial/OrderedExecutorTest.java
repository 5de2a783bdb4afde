package dev.holdfast.client.internal.serial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.support.Sneaky;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class OrderedExecutorTest {
    private final ArrayDeque<Runnable> brought = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();

    private void runAll() {
        while (!brought.isEmpty()) {
            brought.remove().run();
        }
    }

    @Test
    void tasks_run_in_order_and_those_that_come_meanwhile_after_them() {
        OrderedExecutor ordered = new OrderedExecutor(brought::add);
        ordered.execute(() -> {
            ordered.execute(() -> done.add("third"));
            done.add("first");
        });
        ordered.execute(() -> done.add("second"));
        assertThat(brought).hasSize(1);
        runAll();
        assertThat(done).containsExactly("first", "second", "third");
        ordered.execute(() -> done.add("fourth"));
        runAll();
        assertThat(done).endsWith("fourth");
    }

    @Test
    void an_executor_that_throws_once_leaves_nothing_stuck() {
        for (Throwable thrown : List.of(new RejectedExecutionException(), new OutOfMemoryError("a test"))) {
            boolean[] failing = {true};
            done.clear();
            OrderedExecutor ordered = new OrderedExecutor(task -> {
                if (failing[0]) {
                    throw Sneaky.sneakyThrow(thrown);
                }
                brought.add(task);
            });
            ordered.execute(() -> done.add("first"));
            failing[0] = false;
            ordered.execute(() -> done.add("second"));
            runAll();
            assertThat(done).containsExactly("first", "second");
        }
    }

    @Test
    void an_executor_that_throws_although_it_took_the_tasks_runs_them_once_and_one_at_a_time() {
        OrderedExecutor ordered = new OrderedExecutor(task -> {
            brought.add(task);
            if (brought.size() == 1) {
                throw new OutOfMemoryError("a test");
            }
        });
        ordered.execute(() -> {
            done.add("first begins");
            // As another thread of the executor would meanwhile.
            runAll();
            done.add("first ends");
        });
        ordered.execute(() -> done.add("second"));
        runAll();
        assertThat(done).containsExactly("first begins", "first ends", "second");

        OrderedExecutor inPlace = new OrderedExecutor(task -> {
            task.run();
            throw new OutOfMemoryError("a test");
        });
        done.clear();
        inPlace.execute(() -> done.add("first"));
        inPlace.execute(() -> done.add("second"));
        assertThat(done).containsExactly("first", "second");
    }

    @Test
    void whatever_a_task_throws_does_not_stop_the_others() {
        OrderedExecutor ordered = new OrderedExecutor(brought::add);
        for (Throwable thrown : List.of(new IllegalStateException("a test"), new Error("a test"), new IOException())) {
            ordered.execute(() -> {
                throw Sneaky.sneakyThrow(thrown);
            });
        }
        ordered.execute(() -> done.add("next"));
        runAll();
        assertThat(done).containsExactly("next");
    }

    @Test
    void an_interrupt_that_a_task_throws_is_kept_until_all_have_run() {
        OrderedExecutor ordered = new OrderedExecutor(brought::add);
        ordered.execute(() -> {
            throw Sneaky.sneakyThrow(new InterruptedException("a test"));
        });
        ordered.execute(() -> done.add("interrupted: " + Thread.currentThread().isInterrupted()));
        runAll();
        assertThat(done).containsExactly("interrupted: false");
        assertThat(Thread.interrupted()).isTrue();
    }
}
