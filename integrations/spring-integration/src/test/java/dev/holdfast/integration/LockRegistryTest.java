package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.integration.support.locks.LockRegistry;

/** What Spring Integration's tests of its own registries ask for, in real time. */
class LockRegistryTest {
    private static final Lockable FOO = new Lockable("foo", "spring-integration:foo");

    private final TestCluster cluster = TestCluster.start();
    private final HoldfastClient client = cluster.client();
    private final HoldfastClient otherClient = cluster.newClient();
    private final HoldfastLockRegistry registry = new HoldfastLockRegistry(client);
    private final HoldfastLockRegistry elsewhere = new HoldfastLockRegistry(otherClient);
    private final HoldfastLock inspection = cluster.newClient().createLock();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        cluster.close();
    }

    private <T> T onAnotherThread(Callable<T> work) throws Exception {
        try {
            return threads.submit(work).get(1, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void awaitWaiter() {
        await().until(() ->
                inspection.get(FOO).map(info -> info.waiters().size()).orElse(0) > 0);
    }

    @Test
    void each_way_to_lock_locks_and_unlocks() throws Exception {
        RegistryLock lock = registry.obtain("foo");
        for (int i = 0; i < 10; i++) {
            lock.lock();
            assertLockedOnce(lock);
            lock.lockInterruptibly();
            assertLockedOnce(lock);
            assertThat(lock.tryLock()).isTrue();
            assertLockedOnce(lock);
            assertThat(lock.tryLock(1, TimeUnit.MINUTES)).isTrue();
            assertLockedOnce(lock);
            lock.lock(Duration.ofMinutes(1));
            assertLockedOnce(lock);
            assertThat(lock.tryLock(Duration.ZERO, Duration.ofMinutes(1))).isTrue();
            assertLockedOnce(lock);
        }
    }

    private void assertLockedOnce(RegistryLock lock) {
        assertThat(inspection.isLocked(FOO)).isTrue();
        lock.unlock();
        assertThat(inspection.isLocked(FOO)).isFalse();
    }

    @Test
    void a_key_has_one_lock_and_that_is_reentrant() throws Exception {
        RegistryLock lock = registry.obtain("foo");
        lock.lock();
        RegistryLock again = registry.obtain("foo");
        assertThat(again).isSameAs(lock);
        again.lock();
        again.lockInterruptibly();
        assertThat(again.tryLock()).isTrue();
        for (int i = 0; i < 3; i++) {
            again.unlock();
            assertThat(inspection.isLocked(FOO)).isTrue();
        }
        lock.unlock();
        assertThat(inspection.isLocked(FOO)).isFalse();
    }

    @Test
    void different_keys_are_different_locks() throws Exception {
        RegistryLock foo = registry.obtain("foo");
        RegistryLock bar = registry.obtain("bar");
        assertThat(bar).isNotSameAs(foo);
        foo.lock();
        assertThat(onAnotherThread(() -> {
                    boolean locked = bar.tryLock();
                    bar.unlock();
                    return locked;
                }))
                .isTrue();
        foo.unlock();
    }

    @Test
    void different_regions_are_different_locks() {
        registry.obtain("foo").lock();
        RegistryLock other = new HoldfastLockRegistry(otherClient, "other").obtain("foo");
        assertThat(other.tryLock()).isTrue();
        assertThat(elsewhere.obtain("foo").tryLock()).isFalse();
    }

    @Test
    void a_second_thread_fails_to_get_the_lock_and_cannot_unlock_it() throws Exception {
        registry.obtain("foo").lock();
        for (HoldfastLockRegistry each : List.of(registry, elsewhere)) {
            RegistryLock lock = each.obtain("foo");
            assertThat(onAnotherThread(() -> lock.tryLock(20, TimeUnit.MILLISECONDS)))
                    .isFalse();
            assertThat(onAnotherThread(() -> lock.tryLock())).isFalse();
            assertThatExceptionOfType(IllegalMonitorStateException.class)
                    .isThrownBy(() -> onAnotherThread(() -> {
                        lock.unlock();
                        return null;
                    }))
                    .withMessageContaining("own");
        }
        registry.obtain("foo").unlock();
    }

    @Test
    void a_waiting_thread_gets_the_lock_when_it_is_unlocked() throws Exception {
        for (HoldfastLockRegistry each : List.of(registry, elsewhere)) {
            RegistryLock mine = registry.obtain("foo");
            mine.lockInterruptibly();
            Future<Long> token = threads.submit(() -> {
                RegistryLock theirs = each.obtain("foo");
                theirs.lockInterruptibly();
                try {
                    return theirs.token();
                } finally {
                    theirs.unlock();
                }
            });
            awaitWaiter();
            long before = mine.token();
            mine.unlock();
            assertThat(token.get(1, TimeUnit.MINUTES)).isGreaterThan(before);
        }
    }

    private interface Acquire {
        void by(RegistryLock lock) throws InterruptedException;
    }

    @Test
    void an_interrupted_waiter_leaves_nothing_behind() throws Exception {
        interruptWhileItWaits(RegistryLock::lockInterruptibly);
        interruptWhileItWaits(
                lock -> assertThat(lock.tryLock(1, TimeUnit.HOURS)).isTrue());
        interruptWhileItWaits(lock -> assertThat(lock.tryLock(Duration.ofHours(1), Duration.ofHours(1)))
                .isTrue());
    }

    private void interruptWhileItWaits(Acquire acquire) throws Exception {
        registry.obtain("foo").lock();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiter = new Thread(() -> {
            try {
                acquire.by(elsewhere.obtain("foo"));
            } catch (InterruptedException e) {
                thrown.set(e);
            }
        });
        waiter.start();
        awaitWaiter();
        waiter.interrupt();
        waiter.join(Duration.ofMinutes(1).toMillis());
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);

        await().until(() -> inspection.get(FOO).orElseThrow().waiters().isEmpty());
        registry.obtain("foo").unlock();
        assertThat(inspection.isLocked(FOO)).isFalse();
    }

    @Test
    void an_interrupted_thread_does_not_even_try_where_it_can_be_interrupted() {
        RegistryLock lock = registry.obtain("foo");
        List<Acquire> interruptible = List.of(
                RegistryLock::lockInterruptibly,
                each -> assertThat(each.tryLock(1, TimeUnit.HOURS)).isTrue(),
                each -> assertThat(each.tryLock(Duration.ofHours(1), Duration.ofHours(1)))
                        .isTrue());
        for (Acquire each : interruptible) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> each.by(lock));
            assertThat(Thread.interrupted()).isFalse();
            assertThat(inspection.isLocked(FOO)).isFalse();
        }
    }

    @Test
    void a_lock_that_cannot_be_interrupted_waits_on_and_leaves_the_thread_interrupted() throws Exception {
        List<Acquire> uninterruptible = List.of(RegistryLock::lock, each -> each.lock(Duration.ofHours(1)));
        for (Acquire each : uninterruptible) {
            registry.obtain("foo").lock();
            AtomicBoolean held = new AtomicBoolean();
            AtomicBoolean interrupted = new AtomicBoolean();
            Thread waiter = new Thread(() -> {
                RegistryLock lock = elsewhere.obtain("foo");
                try {
                    each.by(lock);
                } catch (InterruptedException e) {
                    return;
                }
                held.set(lock.isHeldByCurrentThread());
                interrupted.set(Thread.currentThread().isInterrupted());
                lock.unlock();
            });
            waiter.start();
            awaitWaiter();
            waiter.interrupt();
            registry.obtain("foo").unlock();
            waiter.join(Duration.ofMinutes(1).toMillis());
            assertThat(held).isTrue();
            assertThat(interrupted).isTrue();
            assertThat(inspection.isLocked(FOO)).isFalse();
        }
    }

    @Test
    void an_interrupted_thread_can_unlock() {
        RegistryLock lock = registry.obtain("foo");
        lock.lock();
        Thread.currentThread().interrupt();
        lock.unlock();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(inspection.isLocked(FOO)).isFalse();
    }

    @Test
    void an_unlock_after_the_lock_was_taken_says_so_and_leaves_the_next_hold_alone() throws Exception {
        RegistryLock lock = registry.obtain("foo");
        lock.lock();
        assertThat(inspection.forceRelease(FOO)).isTrue();
        RegistryLock next = elsewhere.obtain("foo");
        next.lock();

        assertThatExceptionOfType(ConcurrentModificationException.class)
                .isThrownBy(lock::unlock)
                .withMessageContaining("'spring-integration:foo' was lost");

        assertThat(next.isHeldByCurrentThread()).isTrue();
        next.unlock();
        lock.lock();
        lock.unlock();
    }

    @Test
    void a_nested_lock_after_the_loss_is_refused() {
        RegistryLock lock = registry.obtain("foo");
        lock.lock();
        LockHandle handle = lock.handle();
        inspection.forceRelease(FOO);
        await().until(() -> !handle.isHeld());
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::tryLock);
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);
        assertThat(lock.tryLock()).isTrue();
    }

    @Test
    void a_lock_is_renewed_only_by_the_thread_that_holds_it() throws Exception {
        RegistryLock lock = registry.obtain("foo");
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(() -> registry.renewLock("foo"));
        lock.lock();
        registry.renewLock("foo");
        registry.renewLock("foo", Duration.ofMinutes(1));
        assertThatExceptionOfType(IllegalMonitorStateException.class)
                .isThrownBy(() -> onAnotherThread(() -> {
                    registry.renewLock("foo");
                    return null;
                }));
        lock.unlock();
        assertThat(inspection.isLocked(FOO)).isFalse();
    }

    @Test
    void work_is_executed_under_the_lock() throws Exception {
        LockRegistry<?> any = registry;
        assertThat(any.<Boolean, RuntimeException>executeLocked("foo", () -> inspection.isLocked(FOO)))
                .isTrue();
        assertThat(inspection.isLocked(FOO)).isFalse();

        elsewhere.obtain("foo").lock();
        AtomicInteger done = new AtomicInteger();
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> any.<Integer, RuntimeException>executeLocked(
                        "foo", Duration.ofMillis(20), done::incrementAndGet));
        assertThat(done).hasValue(0);
    }

    @Test
    void a_lock_that_is_held_or_waited_for_stays_what_it_is_however_many_others_there_are() throws Exception {
        CountDownLatch enough = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        Future<?> holder = threads.submit(() -> {
            registry.obtain("foo").lock();
            held.countDown();
            enough.await();
            registry.obtain("foo").unlock();
            return null;
        });
        assertThat(held.await(1, TimeUnit.MINUTES)).isTrue();
        Future<Boolean> waiter = threads.submit(() -> {
            registry.obtain("foo").lock();
            registry.obtain("foo").unlock();
            return true;
        });
        awaitWaiter();

        List<RegistryLock> others = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            others.add(registry.obtain("other" + i));
        }
        System.gc();

        assertThat(others).hasSize(10_000);
        assertThat(registry.obtain("foo").tryLock()).isFalse();
        enough.countDown();
        holder.get(1, TimeUnit.MINUTES);
        assertThat(waiter.get(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void two_processes_with_several_threads_are_never_inside_together() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        List<Future<Integer>> workers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            HoldfastLockRegistry of = i % 2 == 0 ? registry : elsewhere;
            workers.add(threads.submit(() -> {
                int most = 0;
                for (int round = 0; round < 20; round++) {
                    RegistryLock lock = of.obtain("foo");
                    lock.lock();
                    try {
                        most = Math.max(most, inside.incrementAndGet());
                        Thread.yield();
                        inside.decrementAndGet();
                    } finally {
                        lock.unlock();
                    }
                }
                return most;
            }));
        }
        for (Future<Integer> each : workers) {
            assertThat(each.get(1, TimeUnit.MINUTES)).isEqualTo(1);
        }
    }

    @Test
    void conditions_are_not_supported() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> registry.obtain("foo").newCondition());
    }

    @Test
    void the_locks_of_a_closed_client_are_free_and_whoever_held_them_hears_of_it() {
        RegistryLock lock = elsewhere.obtain("foo");
        lock.lock();
        otherClient.close();
        assertThat(inspection.isLocked(FOO)).isFalse();
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);
    }

    @Test
    void a_lease_without_an_end_and_a_region_that_is_no_name_are_refused() {
        HoldfastLock lock = client.createLock();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HoldfastLockRegistry(
                        lock, "foo", AcquireOptions.defaults().untilReleased()))
                .withMessageContaining("whileClientLives()");
        assertThatExceptionOfType(LockRequestRejectedException.class)
                .isThrownBy(() -> new HoldfastLockRegistry(client, "f\noo"));
        assertThatExceptionOfType(LockRequestRejectedException.class)
                .isThrownBy(() -> new HoldfastLockRegistry(client, "f".repeat(1000)));
    }
}
