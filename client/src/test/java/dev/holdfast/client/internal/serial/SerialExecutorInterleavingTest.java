package dev.holdfast.client.internal.serial;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.support.Interleavings;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The executors that the client's state is confined to: a plain counter that only their tasks touch loses nothing. */
@Tag("long")
class SerialExecutorInterleavingTest {
    @Test
    void tasks_of_two_threads_run_one_at_a_time_and_none_is_left() {
        Interleavings.explore(() -> countFromTwoThreads(new SerialExecutor(Runnable::run)));
        Interleavings.explore(() -> countFromTwoThreads(new OrderedExecutor(Runnable::run)));
    }

    @Test
    void an_executor_that_looks_at_its_queue_to_stop_is_rejected() {
        Interleavings.assertRaceIsFound(() -> countFromTwoThreads(new FlaggedExecutor()));
    }

    @Test
    void an_executor_that_runs_tasks_at_once_is_rejected() {
        Interleavings.assertRaceIsFound(() -> countFromTwoThreads(Runnable::run));
    }

    private static void countFromTwoThreads(Executor executor) {
        int[] count = {0};
        Runnable twice = () -> {
            executor.execute(() -> executor.execute(() -> count[0]++));
            executor.execute(() -> count[0]++);
        };
        Interleavings.together(twice, twice);
        require(count[0] == 4, count[0] + " of 4 tasks counted");
    }

    /** Leaves a task behind that arrives between its last look at the queue and its farewell. */
    private static final class FlaggedExecutor implements Executor {
        private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean busy = new AtomicBoolean();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
            if (busy.compareAndSet(false, true)) {
                for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
                    next.run();
                }
                busy.set(false);
            }
        }
    }
}
