package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AfterLockTest {
    private final ReentrantLock lock = new ReentrantLock();
    private final List<String> done = new ArrayList<>();
    private final AfterLock after = new AfterLock(lock, () -> done.add("wake"));

    @Test
    void a_task_runs_at_once_where_the_lock_is_not_held() {
        after.run(() -> done.add("task"));
        assertThat(done).containsExactly("task");
    }

    @Test
    void a_task_that_comes_inside_of_the_lock_runs_outside_of_it() {
        lock.lock();
        try {
            after.run(() -> done.add("first"));
            after.run(() -> done.add("second"));
        } finally {
            lock.unlock();
        }
        assertThat(done).containsExactly("wake", "wake");
        after.runHeld();
        after.runHeld();
        assertThat(done).containsExactly("wake", "wake", "first", "second");
    }

    /** As when a leader steps down while the answer to its heartbeat, of a later term, is there as soon as it is sent. */
    @Test
    @Timeout(120)
    void an_answer_that_takes_ratis_s_lock_and_a_step_down_that_takes_this_one_do_not_wait_for_each_other()
            throws Exception {
        Object division = new Object();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch steppingDown = new CountDownLatch(1);
        CompletableFuture<Void> stepDown = CompletableFuture.runAsync(() -> {
            await(inside);
            synchronized (division) {
                steppingDown.countDown();
                lock.lock();
                lock.unlock();
            }
        });
        lock.lock();
        try {
            inside.countDown();
            await(steppingDown);
            after.run(() -> {
                synchronized (division) {
                    done.add("answer");
                }
            });
        } finally {
            lock.unlock();
        }
        stepDown.get(1, TimeUnit.MINUTES);
        after.runHeld();
        assertThat(done).containsExactly("wake", "answer");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
