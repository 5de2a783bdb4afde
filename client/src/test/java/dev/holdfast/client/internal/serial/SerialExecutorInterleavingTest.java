package dev.holdfast.client.internal.serial;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.support.EveryOrder;
import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.support.LincheckTest;
import dev.holdfast.client.support.Race;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The executors that the client's state is confined to: a plain counter that only their tasks touch loses nothing. */
class SerialExecutorInterleavingTest {
    @LincheckTest
    void tasks_of_two_threads_run_one_at_a_time_and_none_is_left() {
        Interleavings.explore(() -> countFromTwoThreads(Race.FREE, new SerialExecutor(work -> false)));
        Interleavings.explore(() -> countFromTwoThreads(Race.FREE, new OrderedExecutor(Runnable::run)));
    }

    @LincheckTest
    void an_executor_that_looks_at_its_queue_to_stop_is_rejected() {
        Interleavings.assertRaceIsFound(() -> countFromTwoThreads(Race.FREE, new FlaggedExecutor(Race.FREE)));
    }

    @LincheckTest
    void an_executor_that_runs_tasks_at_once_is_rejected() {
        Interleavings.assertRaceIsFound(() -> countFromTwoThreads(Race.FREE, Runnable::run));
    }

    @Test
    void in_every_order_of_their_steps_tasks_run_one_at_a_time_and_none_is_left() {
        EveryOrder.holds(race -> countFromTwoThreads(race, new SerialExecutor(work -> false)));
        EveryOrder.holds(race -> countFromTwoThreads(race, new OrderedExecutor(task -> {
            race.pause();
            task.run();
            race.pause();
        })));
        EveryOrder.breaks(race -> countFromTwoThreads(race, new FlaggedExecutor(race)));
        EveryOrder.breaks(race -> countFromTwoThreads(race, Runnable::run));
    }

    @Test
    void in_every_order_of_their_steps_tasks_brought_to_users_run_once_whether_they_are_taken_in_place_or_refused() {
        EveryOrder.holds(race -> bringFromTwoThreads(race, task -> {
            race.pause();
            task.run();
            race.pause();
        }));
        EveryOrder.holds(race -> bringFromTwoThreads(race, task -> {
            race.pause();
            throw new RejectedExecutionException();
        }));
        EveryOrder.holds(race -> bringFromTwoThreads(race, task -> {
            task.run();
            race.pause();
            throw new RejectedExecutionException();
        }));
    }

    private static void bringFromTwoThreads(Race race, Executor users) {
        AtomicInteger count = new AtomicInteger();
        UsersExecutor executor = new UsersExecutor(users, Runnable::run);
        Runnable twice = () -> {
            executor.execute(count::incrementAndGet);
            executor.execute(() -> {
                race.pause();
                count.incrementAndGet();
            });
        };
        race.together(twice, twice);
        require(count.get() == 4, count + " of 4 tasks run");
    }

    private static void countFromTwoThreads(Race race, Executor executor) {
        int[] count = {0};
        Runnable increment = () -> {
            int before = count[0];
            race.pause();
            count[0] = before + 1;
        };
        Runnable twice = () -> {
            executor.execute(() -> executor.execute(increment));
            executor.execute(increment);
        };
        race.together(twice, twice);
        require(count[0] == 4, count[0] + " of 4 tasks counted");
    }

    /** Leaves a task behind that arrives between its last look at the queue and its farewell. */
    private static final class FlaggedExecutor implements Executor {
        private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean busy = new AtomicBoolean();
        private final Race race;

        FlaggedExecutor(Race race) {
            this.race = race;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
            if (busy.compareAndSet(false, true)) {
                for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
                    next.run();
                }
                race.pause();
                busy.set(false);
            }
        }
    }
}
