package dev.holdfast.client.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class EveryOrderTest {
    @Test
    void every_order_of_two_steps_and_two_steps_is_run_once() {
        Set<String> seen = new TreeSet<>();
        int orders = EveryOrder.holds(race -> {
            StringBuilder order = new StringBuilder();
            race.together(() -> twoSteps(race, order, "a"), () -> twoSteps(race, order, "b"));
            seen.add(order.toString());
        });

        assertThat(seen).containsExactly("aabb", "abab", "abba", "baab", "baba", "bbaa");
        assertThat(orders).isEqualTo(6);
    }

    private static void twoSteps(Race race, StringBuilder order, String name) {
        order.append(name);
        race.pause();
        order.append(name);
    }

    @Test
    void a_thread_that_waits_for_a_lock_lets_the_one_that_has_it_go_on() {
        int orders = EveryOrder.holds(race -> {
            ReentrantLock lock = new ReentrantLock();
            int[] count = {0};
            Runnable increment = () -> {
                lock.lock();
                try {
                    int before = count[0];
                    race.pause();
                    count[0] = before + 1;
                } finally {
                    lock.unlock();
                }
            };
            race.together(increment, increment);
            assertThat(count[0]).isEqualTo(2);
        });

        assertThat(orders).isGreaterThan(1);
    }

    @Test
    void a_deadlock_is_a_failure() {
        assertThatThrownBy(() -> EveryOrder.holds(race -> {
                    ReentrantLock left = new ReentrantLock();
                    ReentrantLock right = new ReentrantLock();
                    race.together(() -> takeBoth(race, left, right), () -> takeBoth(race, right, left));
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageEndingWith("deadlock");
    }

    @Test
    void a_lock_that_a_thread_from_outside_has_is_waited_for() {
        EveryOrder.holds(race -> {
            ReentrantLock lock = new ReentrantLock();
            CountDownLatch taken = new CountDownLatch(1);
            Thread outsider = new Thread(() -> {
                lock.lock();
                taken.countDown();
                while (!lock.hasQueuedThreads()) {
                    Thread.onSpinWait();
                }
                // Long enough for whoever takes this for a deadlock to say so.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                lock.unlock();
            });
            outsider.start();
            assertThat(awaited(taken)).isTrue();
            Runnable take = () -> {
                lock.lock();
                lock.unlock();
            };
            race.together(take, take);
        });
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void takeBoth(Race race, ReentrantLock one, ReentrantLock other) {
        one.lock();
        race.pause();
        other.lock();
        other.unlock();
        one.unlock();
    }

    @Test
    void a_scenario_that_no_order_breaks_is_not_said_to_break() {
        assertThatThrownBy(() -> EveryOrder.breaks(race -> race.together(race::pause, race::pause)))
                .hasMessage("none of 6 orders breaks it");
    }
}
