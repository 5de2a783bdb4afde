package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.ORDER_SEMAPHORE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockExpiringException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.FakeCluster.KeepAlives;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.support.ThreadlessTimers;
import dev.holdfast.protocol.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Work that is interrupted before its hold can be lost. Where not told otherwise, time passes while the work runs. */
class WithLockTest {
    private static final AcquireOptions TEN_SECONDS = AcquireOptions.defaults().ttl(Duration.ofSeconds(10));

    /** After so long without a confirmation, half of the time since the session became suspect is over. */
    private static final Duration SESSION_IN_DANGER = Duration.ofMillis(5_960);

    /** A little later than a tenth before its end. */
    private static final Duration TTL_IN_DANGER = Duration.ofMillis(9_050);

    private static final Duration MS = Duration.ofMillis(1);

    private final Rig rig = new Rig();

    @AfterEach
    void no_interrupt_is_left() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private static boolean isInterrupted() {
        return Thread.currentThread().isInterrupted();
    }

    /** What work does that heeds interrupts. */
    private static void heed() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("heeded");
        }
    }

    @Test
    void the_result_of_the_work_is_returned_and_the_lock_is_free() throws IOException {
        HeldWork<String, IOException> work = held -> {
            held.requireHeld();
            assertThat(rig.cluster.holders(ORDER_LOCK)).hasSize(1);
            return "done";
        };
        assertThat(rig.lock.withLock(ORDER, work)).isEqualTo("done");
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void what_the_work_throws_is_thrown_and_the_lock_is_free() {
        IOException thrown = new IOException("disk full");
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, held -> {
                    throw thrown;
                }))
                .isSameAs(thrown);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void work_is_not_begun_without_the_lock() {
        rig.hold(BOB);
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, held -> {
                    throw new AssertionError("begun");
                }))
                .isInstanceOf(LockAlreadyHeldException.class);
    }

    @Test
    void work_is_interrupted_when_a_quarter_of_the_session_lease_is_left_without_a_renewal() {
        rig.cluster.keepAlives = KeepAlives.SILENT;
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, held -> {
                    rig.advance(SESSION_IN_DANGER.minus(MS));
                    heed();
                    rig.advance(MS);
                    assertThat(isInterrupted()).isTrue();
                    heed();
                    return null;
                }))
                .isInstanceOf(LockExpiringException.class)
                .hasMessageContaining("order:1")
                .satisfies(e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(InterruptedException.class));
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_renewal_in_time_spares_the_work() throws InterruptedException {
        rig.cluster.keepAlives = KeepAlives.SILENT;
        rig.lock.withLock(ORDER, held -> {
            rig.advance(Duration.ofSeconds(5));
            assertThat(held.state()).isEqualTo(HoldState.SUSPECT);
            rig.cluster.keepAlives = KeepAlives.ANSWERED;
            rig.advance(Duration.ofMinutes(1));
            heed();
            return null;
        });
    }

    @Test
    void a_renewal_in_time_does_not_spare_the_work_the_next_time() {
        rig.cluster.keepAlives = KeepAlives.SILENT;
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, held -> {
                    rig.advance(Duration.ofSeconds(5));
                    rig.cluster.keepAlives = KeepAlives.ANSWERED;
                    rig.advance(Duration.ofMinutes(1));
                    heed();
                    rig.cluster.keepAlives = KeepAlives.SILENT;
                    while (held.isHeld() && !isInterrupted()) {
                        rig.advance(Duration.ofMillis(10));
                    }
                    assertThat(held.isHeld()).isTrue();
                    heed();
                    return null;
                }))
                .isInstanceOf(LockExpiringException.class);
    }

    @Test
    void work_under_a_ttl_is_interrupted_when_a_tenth_of_it_is_left() {
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
                    rig.advance(Duration.ofMillis(8_900));
                    heed();
                    rig.advance(TTL_IN_DANGER.minusMillis(8_900));
                    assertThat(held.isHeld()).isTrue();
                    heed();
                    return null;
                }))
                .isInstanceOf(LockExpiringException.class);
    }

    @Test
    void an_extension_by_a_suspect_listener_comes_in_time() throws InterruptedException {
        rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
            held.onSuspect(() -> held.extendAsync(Duration.ofSeconds(10)));
            rig.advance(Duration.ofMinutes(1));
            heed();
            return null;
        });
    }

    @Test
    void work_that_is_done_although_it_was_interrupted_returns_its_result() throws InterruptedException {
        String result = rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
            rig.advance(TTL_IN_DANGER);
            assertThat(isInterrupted()).isTrue();
            return "done in time";
        });
        assertThat(result).isEqualTo("done in time");
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void work_that_goes_on_until_its_hold_is_lost_has_no_result_and_is_interrupted_again() {
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
                    rig.advance(TTL_IN_DANGER);
                    assertThat(Thread.interrupted()).isTrue();
                    while (held.isHeld()) {
                        assertThat(isInterrupted()).isFalse();
                        rig.advance(Duration.ofMillis(10));
                    }
                    assertThat(isInterrupted()).isTrue();
                    return "too late";
                }))
                .isInstanceOf(LockExpiredException.class);
    }

    @Test
    void a_loss_is_told_instead_of_what_the_work_throws() {
        IOException thrown = new IOException("by a consequence of the interrupt, perhaps");
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
                    rig.advance(Duration.ofSeconds(10));
                    throw thrown;
                }))
                .isInstanceOf(LockExpiredException.class)
                .hasSuppressedException(thrown);
    }

    @Test
    void an_error_of_the_work_is_thrown_itself_and_tells_of_the_loss() {
        Error thrown = new AssertionError("a defect");
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
                    rig.advance(Duration.ofSeconds(10));
                    throw thrown;
                }))
                .isSameAs(thrown)
                .satisfies(e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(LockExpiredException.class));
    }

    @Test
    void work_is_interrupted_at_once_when_its_lock_is_taken_by_force() {
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, held -> {
                    rig.cluster.forceRelease(ORDER_LOCK);
                    heed();
                    return null;
                }))
                .isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void work_is_not_begun_under_a_hold_that_was_lost_before() {
        rig.hold(BOB).release();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<Object> working = CompletableFuture.supplyAsync(() -> rig.lock.withLock(ORDER, held -> {
            throw new AssertionError("begun");
        }));
        await().until(() -> !rig.cluster.holders(ORDER_LOCK).isEmpty());
        rig.cluster.forceRelease(ORDER_LOCK);
        rig.cluster.answerHeld();
        await().until(working::isDone);
        assertThat(Rig.failureOf(working)).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void closing_the_client_interrupts_work_also_under_a_ttl() {
        for (AcquireOptions options : new AcquireOptions[] {AcquireOptions.defaults(), TEN_SECONDS}) {
            Rig closing = new Rig();
            assertThatThrownBy(() -> closing.lock.withLock(ORDER, options, held -> {
                        closing.client.close();
                        heed();
                        return null;
                    }))
                    .isInstanceOf(LockClientClosedException.class);
        }
    }

    @Test
    void a_release_by_the_work_ends_the_watch_over_it() throws InterruptedException {
        String result = rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
            rig.advance(Duration.ofSeconds(8));
            held.release();
            rig.advance(Duration.ofMinutes(1));
            heed();
            return "done";
        });
        assertThat(result).isEqualTo("done");
    }

    @Test
    void a_release_that_fails_is_told_if_the_work_has_not_failed_itself() {
        rig.hold(ALICE).release();
        HoldfastLock hasty = rig.lock.withRequestTimeout(Duration.ofSeconds(1));
        CompletableFuture<Object> working = CompletableFuture.supplyAsync(() -> hasty.withLock(ORDER, held -> {
            rig.cluster.down = true;
            return "done";
        }));
        await().until(() -> !rig.commands(Command.Release.class).isEmpty());
        await().until(() -> {
            rig.advance(Duration.ofSeconds(1));
            return working.isDone();
        });
        assertThat(Rig.failureOf(working)).isInstanceOf(LockUnavailableException.class);
    }

    @Test
    void an_interrupt_from_outside_is_kept() throws InterruptedException {
        rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
            Thread.currentThread().interrupt();
            return null;
        });
        assertThat(Thread.interrupted()).isTrue();
        rig.lock.withLock(ORDER, TEN_SECONDS, held -> {
            Thread.currentThread().interrupt();
            rig.advance(TTL_IN_DANGER);
            return null;
        });
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void an_interrupt_from_outside_that_stops_the_work_reaches_the_caller() {
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, held -> {
                    Thread.currentThread().interrupt();
                    heed();
                    return null;
                }))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void an_interrupt_that_comes_after_the_work_hits_nobody() {
        Queue<Runnable> late = new ArrayDeque<>();
        Rig delayed = new Rig(options -> options.timers(new ThreadlessTimers(rig.timers, late::add)));
        assertThatThrownBy(() -> delayed.lock.withLock(ORDER, held -> {
                    delayed.cluster.forceRelease(ORDER_LOCK);
                    return null;
                }))
                .isInstanceOf(LockNotHeldException.class);
        assertThat(late).isNotEmpty();
        late.forEach(Runnable::run);
        assertThat(isInterrupted()).isFalse();
    }

    @Test
    void the_loss_of_an_inner_hold_does_not_interrupt_the_outer_work() throws InterruptedException {
        Lockable inner = new Lockable("inner", "inner");
        rig.lock.withLock(ORDER, outer -> {
            assertThatThrownBy(() -> rig.lock.withLock(inner, TEN_SECONDS, held -> {
                        rig.advance(Duration.ofSeconds(10));
                        assertThat(isInterrupted()).isTrue();
                        return null;
                    }))
                    .isInstanceOf(LockExpiredException.class);
            heed();
            outer.requireHeld();
            return null;
        });
    }

    @Test
    void the_loss_of_the_outer_hold_interrupts_the_inner_work_and_what_follows_it() {
        Lockable inner = new Lockable("inner", "inner");
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, TEN_SECONDS, outer -> {
                    String result = rig.lock.withLock(inner, held -> {
                        rig.advance(TTL_IN_DANGER);
                        assertThat(isInterrupted()).isTrue();
                        return "inner";
                    });
                    assertThat(result).isEqualTo("inner");
                    assertThat(isInterrupted()).isTrue();
                    heed();
                    return null;
                }))
                .isInstanceOf(LockExpiringException.class);
    }

    @Test
    void the_end_of_inner_work_does_not_swallow_the_interrupt_of_the_outer() {
        Lockable inner = new Lockable("inner", "inner");
        rig.cluster.keepAlives = KeepAlives.SILENT;
        assertThatThrownBy(() -> rig.lock.withLock(ORDER, outer -> {
                    assertThatThrownBy(() -> rig.lock.withLock(inner, held -> {
                                rig.advance(SESSION_IN_DANGER);
                                heed();
                                return null;
                            }))
                            .isInstanceOf(LockExpiringException.class);
                    assertThat(isInterrupted()).isTrue();
                    heed();
                    return null;
                }))
                .isInstanceOf(LockExpiringException.class);
    }

    @Test
    void permits_protect_work_just_so() throws InterruptedException {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(3);
        int held = semaphore.withPermits(ORDER, 2, two -> {
            assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isEqualTo(2);
            assertThatThrownBy(() -> semaphore.withPermits(ORDER, 2, none -> null))
                    .isInstanceOf(SemaphoreCapacityExceededException.class);
            return two.permits();
        });
        assertThat(held).isEqualTo(2);
        assertThat(rig.cluster.held(ORDER_SEMAPHORE)).isZero();
        assertThatThrownBy(() -> semaphore.withPermits(ORDER, 1, TEN_SECONDS, one -> {
                    rig.advance(TTL_IN_DANGER);
                    heed();
                    return null;
                }))
                .isInstanceOf(LockExpiringException.class);
    }

    @Test
    void code_of_users_that_blocks_everywhere_does_not_hold_up_the_interrupt() {
        CountDownLatch unblock = new CountDownLatch(1);
        Rig real = new Rig(options -> options.timers(rig.timers).callbackExecutor(task -> block(unblock)));
        HoldfastClient client = real.client;
        CompletableFuture<Object> working =
                CompletableFuture.supplyAsync(() -> client.createLock().withLock(ORDER, held -> {
                    for (int i = 0; i < 100; i++) {
                        held.onSuspect(() -> {});
                        held.onLost(reason -> {});
                        held.lossSignal().thenAccept(reason -> {});
                    }
                    real.cluster.forceRelease(ORDER_LOCK);
                    block(new CountDownLatch(1));
                    return null;
                }));
        try {
            await().until(working::isDone);
            assertThat(Rig.failureOf(working)).isInstanceOf(LockNotHeldException.class);
        } finally {
            unblock.countDown();
            client.close();
        }
    }

    private static void block(CountDownLatch unblock) {
        try {
            unblock.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void work_while_held_is_interrupted_before_the_hold_can_be_lost_and_leaves_it_held() {
        rig.cluster.keepAlives = KeepAlives.SILENT;
        LockHandle held = rig.hold(ALICE);
        assertThatThrownBy(() -> held.whileHeld(same -> {
                    assertThat(same).isSameAs(held);
                    rig.advance(SESSION_IN_DANGER);
                    heed();
                    return null;
                }))
                .isInstanceOf(LockExpiringException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(InterruptedException.class));
        assertThat(held.isHeld()).isTrue();
        assertThat(rig.cluster.holders(ORDER_LOCK)).hasSize(1);
    }

    @Test
    void work_while_held_that_ends_in_time_is_not_interrupted_afterwards() {
        LockHandle held = rig.hold(ALICE, TEN_SECONDS);
        assertThat(held.<String, RuntimeException>whileHeld(same -> "done")).isEqualTo("done");
        rig.advance(Duration.ofSeconds(11));
        assertThat(held.state()).isEqualTo(HoldState.LOST);
        assertThat(isInterrupted()).isFalse();
    }

    @Test
    void work_while_held_whose_hold_was_lost_does_not_pass_for_done() {
        LockHandle held = rig.hold(ALICE, TEN_SECONDS).withRequestTimeout(Duration.ofSeconds(1));
        assertThatThrownBy(() -> held.whileHeld(same -> {
                    assertThat(same).isSameAs(held);
                    rig.advance(Duration.ofSeconds(11));
                    return "done";
                }))
                .isInstanceOf(LockExpiredException.class);
        assertThatThrownBy(() -> held.whileHeld(same -> {
                    throw new AssertionError("begun");
                }))
                .isInstanceOf(LockExpiredException.class);
    }

    @Test
    void whoever_watches_work_while_held_hears_of_an_interrupt_that_the_work_swallows() {
        LockHandle held = rig.hold(ALICE, TEN_SECONDS);
        AtomicBoolean told = new AtomicBoolean();
        held.<@Nullable Object, RuntimeException>whileHeld(
                same -> {
                    rig.advance(TTL_IN_DANGER.minus(Duration.ofMillis(100)));
                    assertThat(told).isFalse();
                    rig.advance(Duration.ofMillis(100));
                    assertThat(Thread.interrupted()).isTrue();
                    return null;
                },
                () -> {
                    told.set(true);
                    return true;
                });
        assertThat(told).isTrue();
    }

    @Test
    void work_while_held_is_not_interrupted_where_whoever_watches_it_does_not_want_it() {
        LockHandle held = rig.hold(ALICE, TEN_SECONDS);
        AtomicBoolean asked = new AtomicBoolean();
        assertThat(held.<String, RuntimeException>whileHeld(
                        same -> {
                            rig.advance(TTL_IN_DANGER);
                            assertThat(asked).isTrue();
                            assertThat(isInterrupted()).isFalse();
                            return "done";
                        },
                        () -> {
                            asked.set(true);
                            return false;
                        }))
                .isEqualTo("done");
    }

    @Test
    void work_while_held_may_be_nested() {
        LockHandle held = rig.hold(ALICE, TEN_SECONDS);
        assertThatThrownBy(() -> held.whileHeld(outer -> {
                    outer.whileHeld(inner -> null);
                    rig.advance(TTL_IN_DANGER);
                    heed();
                    return null;
                }))
                .isInstanceOf(LockExpiringException.class);
    }

    @Test
    void work_while_held_may_release() {
        LockHandle held = rig.hold(ALICE);
        assertThat(held.<String, RuntimeException>whileHeld(same -> {
                    same.release();
                    return "done";
                }))
                .isEqualTo("done");
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }
}
