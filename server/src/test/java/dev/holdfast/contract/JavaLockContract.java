package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.FencedLock;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The view as {@code java.util.concurrent.locks.Lock}. */
abstract class JavaLockContract extends ContractBase {
    private FencedLock view;

    @BeforeEach
    void make_a_view() {
        view = lock.asJavaLock(thing);
    }

    @Test
    void it_is_held_between_lock_and_unlock() {
        view.lock();
        assertThat(lock.isLocked(thing)).isTrue();
        assertThat(view.token()).isPositive();
        view.unlock();
        assertThat(lock.isLocked(thing)).isFalse();
        assertThatThrownBy(view::token).isInstanceOf(IllegalMonitorStateException.class);
    }

    @Test
    void an_unlock_by_another_thread_is_refused() {
        view.lock();

        assertThat(inAnotherThread(() -> {
                    assertThatThrownBy(view::unlock).isInstanceOf(IllegalMonitorStateException.class);
                    assertThatThrownBy(view::token).isInstanceOf(IllegalMonitorStateException.class);
                    return lock.isLocked(thing);
                }))
                .isTrue();
        view.unlock();
    }

    @Test
    void an_unlock_without_a_lock_is_refused() {
        assertThatThrownBy(view::unlock).isInstanceOf(IllegalMonitorStateException.class);
    }

    @Test
    void an_unlock_after_a_loss_is_refused() {
        view.lock();
        lock.forceRelease(thing);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(view::token).isInstanceOf(IllegalMonitorStateException.class));
        assertThatThrownBy(view::unlock).isInstanceOf(IllegalMonitorStateException.class);
        view.lock();
        view.unlock();
    }

    @Test
    void it_is_reentrant() {
        view.lock();
        long token = view.token();
        assertThat(view.tryLock()).isTrue();
        assertThat(view.token()).isEqualTo(token);
        view.unlock();
        assertThat(lock.isLocked(thing)).isTrue();
        assertThat(inAnotherThread(() -> view.tryLock())).isFalse();
        view.unlock();
        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void two_views_exclude_one_another() {
        FencedLock second = otherClient().createLock().asJavaLock(thing);
        view.lock();
        assertThat(second.tryLock()).isFalse();
        view.unlock();
        assertThat(second.tryLock()).isTrue();
        second.unlock();
    }

    @Test
    void try_lock_waits_for_the_given_time_only() throws InterruptedException {
        view.lock();
        assertThat(inAnotherThread(() -> view.tryLock(100, TimeUnit.MILLISECONDS)))
                .isFalse();
        AtomicBoolean locked = new AtomicBoolean();
        Thread patient = new Thread(() -> {
            try {
                locked.set(view.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
                view.unlock();
            } catch (InterruptedException e) {
                locked.set(false);
            }
        });
        patient.start();
        awaitBlocked(patient);
        view.unlock();
        patient.join(PATIENCE.toMillis());
        assertThat(locked).isTrue();
    }

    @Test
    void lock_interruptibly_is_interruptible() throws InterruptedException {
        view.lock();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread waiter = new Thread(() -> {
            try {
                view.lockInterruptibly();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        waiter.start();
        awaitBlocked(waiter);

        waiter.interrupt();

        waiter.join(PATIENCE.toMillis());
        assertThat(interrupted).isTrue();
        view.unlock();
        awaitFree();
    }

    @Test
    void a_wait_behind_another_process_is_interruptible_too() throws InterruptedException {
        otherClient().createLock().acquire(ALICE, thing).orThrow();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread waiter = new Thread(() -> {
            try {
                view.lockInterruptibly();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        waiter.start();
        awaitWaiters(1);

        waiter.interrupt();

        waiter.join(PATIENCE.toMillis());
        assertThat(interrupted).isTrue();
        awaitWaiters(0);
    }

    @Test
    void lock_waits_on_when_interrupted_and_keeps_the_interrupt() throws InterruptedException {
        view.lock();
        AtomicBoolean kept = new AtomicBoolean();
        Thread waiter = new Thread(() -> {
            view.lock();
            kept.set(Thread.interrupted());
            view.unlock();
        });
        waiter.start();
        awaitBlocked(waiter);
        waiter.interrupt();

        view.unlock();

        waiter.join(PATIENCE.toMillis());
        assertThat(kept).isTrue();
        awaitFree();
    }

    @Test
    void it_has_no_conditions() {
        assertThatThrownBy(view::newCondition).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void threads_exclude_one_another() {
        FencedLock second = otherClient().createLock().asJavaLock(thing);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        // Written under the lock only.
        int[] turns = new int[1];
        CompletableFuture<?>[] threads = new CompletableFuture<?>[4];
        for (int i = 0; i < threads.length; i++) {
            FencedLock mine = i % 2 == 0 ? view : second;
            CompletableFuture<Void> done = new CompletableFuture<>();
            threads[i] = done;
            new Thread(() -> {
                        try {
                            for (int turn = 0; turn < 15; turn++) {
                                mine.lock();
                                try {
                                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                                    turns[0]++;
                                    inside.decrementAndGet();
                                } finally {
                                    mine.unlock();
                                }
                            }
                            done.complete(null);
                        } catch (RuntimeException | Error e) {
                            done.completeExceptionally(e);
                        }
                    })
                    .start();
        }
        result(CompletableFuture.allOf(threads));
        assertThat(most).hasValue(1);
        assertThat(turns[0]).isEqualTo(60);
    }

    private static void awaitBlocked(Thread thread) {
        await().atMost(PATIENCE)
                .until(() ->
                        thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
    }

    private static <T> T inAnotherThread(Callable<T> task) {
        return result(CompletableFuture.supplyAsync(() -> {
            try {
                return task.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }));
    }
}
