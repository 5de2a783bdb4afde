package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster;
import dev.holdfast.client.support.Rig;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("LockNotBeforeTry") // What becomes of a lock that is not unlocked is the matter of these tests.
class JavaLockTest {
    private final Rig rig = new Rig();
    private final FencedLock view = rig.lock.asJavaLock(ORDER);

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private static boolean elsewhere(BooleanSupplier action) {
        try {
            return CompletableFuture.supplyAsync(action::getAsBoolean, task -> new Thread(task).start())
                    .join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    @Test
    void a_thread_locks_nests_and_unlocks() {
        view.lock();
        long token = view.token();
        view.lock();
        assertThat(view.token()).isEqualTo(token);
        view.unlock();
        assertThat(rig.cluster.holders(ORDER_LOCK)).hasSize(1);
        view.unlock();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void threads_of_one_process_exclude_one_another() {
        view.lock();
        assertThat(elsewhere(view::tryLock)).isFalse();
        assertThat(elsewhere(() -> rig.lock.asJavaLock(ORDER).tryLock())).isFalse();
        view.unlock();
        assertThat(elsewhere(() -> {
                    boolean got = view.tryLock();
                    view.unlock();
                    return got;
                }))
                .isTrue();
    }

    @Test
    void only_the_thread_that_holds_it_may_unlock() {
        assertThatThrownBy(view::unlock).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(view::token).isInstanceOf(IllegalMonitorStateException.class);
        view.lock();
        assertThatThrownBy(() -> elsewhere(() -> {
                    view.unlock();
                    return true;
                }))
                .isInstanceOf(IllegalMonitorStateException.class);
        view.unlock();
    }

    @Test
    void after_a_loss_unlock_complains_and_the_view_can_be_locked_again() {
        view.lock();
        rig.cluster.forceRelease(ORDER_LOCK);
        assertThatThrownBy(view::token).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(view::lock).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(view::unlock).isInstanceOf(IllegalMonitorStateException.class);
        view.lock();
        view.unlock();
        assertThat(elsewhere(view::tryLock)).isTrue();
    }

    @Test
    void try_lock_does_not_wait_for_others() throws InterruptedException {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(Rig.BOB), 1);
        assertThat(view.tryLock()).isFalse();
        assertThat(view.tryLock(0, TimeUnit.SECONDS)).isFalse();
        rig.cluster.forceRelease(ORDER_LOCK);
        assertThat(view.tryLock()).isTrue();
        view.unlock();
    }

    @Test
    void a_timed_try_waits_that_long() {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(Rig.BOB), 1);
        CompletableFuture<Boolean> trying = CompletableFuture.supplyAsync(() -> {
            try {
                return view.tryLock(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> rig.cluster.waiters(ORDER_LOCK) == 1);
        rig.advance(Duration.ofSeconds(5));
        rig.cluster.tick();
        assertThat(trying.join()).isFalse();
    }

    @Test
    void lock_interruptibly_heeds_the_interrupt_and_leaves_the_queue() throws InterruptedException {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(Rig.BOB), 1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread thread = new Thread(() -> {
            try {
                view.lockInterruptibly();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        thread.start();
        await().until(() -> rig.cluster.waiters(ORDER_LOCK) == 1);
        thread.interrupt();
        thread.join();
        assertThat(interrupted).isTrue();
        assertThat(rig.cluster.waiters(ORDER_LOCK)).isZero();
        rig.cluster.forceRelease(ORDER_LOCK);
        assertThat(view.tryLock()).isTrue();
        view.unlock();
    }

    @Test
    void lock_is_not_interruptible_and_keeps_the_interrupt() {
        Thread.currentThread().interrupt();
        view.lock();
        assertThat(Thread.interrupted()).isTrue();
        view.unlock();
    }

    @Test
    void there_are_no_conditions() {
        assertThatThrownBy(view::newCondition).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void a_failed_lock_leaves_the_view_free() {
        rig.client.close();
        assertThatThrownBy(view::lock).isInstanceOf(LockClientClosedException.class);
        assertThatThrownBy(view::unlock).isInstanceOf(IllegalMonitorStateException.class);
    }

    /** Does that on a thread of its own, and waits for it while time goes by. */
    private Throwable failureElsewhere(Runnable action) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        action.run();
                        failure.complete(new AssertionError("did not fail"));
                    } catch (RuntimeException e) {
                        failure.complete(e);
                    }
                })
                .start();
        await().until(() -> {
            rig.advance(Duration.ofSeconds(1));
            return failure.isDone();
        });
        return failure.join();
    }

    @Test
    void after_an_unlock_of_unknown_outcome_the_next_lock_settles_it_and_has_a_token_of_its_own() {
        AtomicLong tokens = new AtomicLong();
        Throwable failure = failureElsewhere(() -> {
            view.lock();
            tokens.set(view.token());
            rig.cluster.next(FakeCluster.Fault.ANSWER_HELD);
            try {
                view.unlock();
            } catch (LockOutcomeUnknownException unknown) {
                assertThat(view.isHeldByCurrentThread()).isFalse();
                assertThat(view.getHoldCount()).isZero();
                assertThatThrownBy(view::token).isInstanceOf(IllegalMonitorStateException.class);
                rig.cluster.answerHeld();
                view.lock();
                assertThat(view.token()).isGreaterThan(tokens.get());
                view.unlock();
                throw unknown;
            }
        });
        assertThat(failure).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void views_of_one_client_are_one_lock() {
        FencedLock other = rig.client.createLock().asJavaLock(ORDER, AcquireOptions.defaults());
        view.lock();
        assertThat(other.tryLock()).isTrue();
        assertThat(other.getHoldCount()).isEqualTo(2);
        assertThat(other.token()).isEqualTo(view.token());
        other.unlock();
        view.unlock();
        assertThat(view.isHeldByCurrentThread()).isFalse();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_view_acquires_with_its_options_and_shows_its_hold() {
        FencedLock timed = rig.lock.asJavaLock(ORDER, AcquireOptions.defaults().ttl(Duration.ofSeconds(5)));
        assertThat(timed.toString()).contains("not held by this thread");
        timed.lock();
        assertThat(timed.handle().leaseLeft().orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(5));
        assertThat(timed.toString()).contains("HELD").contains("order:1").contains("" + timed.token());
        timed.unlock();
        assertThatThrownBy(timed::handle).isInstanceOf(IllegalMonitorStateException.class);
    }

    @Test
    void lock_queues_again_if_its_session_was_lost_while_it_waited() {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(Rig.BOB), 1);
        CompletableFuture<Long> token = CompletableFuture.supplyAsync(() -> {
            view.lock();
            return view.token();
        });
        await().until(() -> rig.cluster.waiters(ORDER_LOCK) == 1);
        rig.cluster.endSession(rig.cluster.session().id);
        await().until(() -> {
            rig.advance(Duration.ofSeconds(1));
            return rig.cluster.waiters(ORDER_LOCK) == 1;
        });
        rig.cluster.forceRelease(ORDER_LOCK);
        assertThat(token.join()).isPositive();
    }

    @Test
    void unlock_after_the_client_was_closed_ends_the_claim() {
        view.lock();
        rig.client.close();
        assertThatThrownBy(view::unlock).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(view::unlock)
                .isInstanceOf(IllegalMonitorStateException.class)
                .hasMessageContaining("does not hold");
    }
}
