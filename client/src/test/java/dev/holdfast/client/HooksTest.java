package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.HookResult.Status;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.support.Sneaky;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HooksTest {
    private final RuntimeException forbidden = new IllegalStateException("forbidden by a hook");

    private final List<String> calls = new ArrayList<>();
    private final List<Throwable> hookErrors = new ArrayList<>();
    private final Rig rig = new Rig(options -> options.hookErrorHandler((context, error) -> hookErrors.add(error)));

    private final LockHooks recording = new LockHooks() {
        @Override
        public void beforeAcquire(HookContext context) {
            calls.add("before acquire " + context.owner() + " " + context.ttl());
        }

        @Override
        public void afterAcquire(HookContext context, HookResult result) {
            calls.add("after acquire " + result.status());
        }

        @Override
        public void beforeRelease(HookContext context) {
            calls.add("before release");
        }

        @Override
        public void afterRelease(HookContext context, HookResult result) {
            calls.add("after release " + result.status());
        }

        @Override
        public void beforeExtend(HookContext context) {
            calls.add("before extend " + context.ttl());
        }

        @Override
        public void afterExtend(HookContext context, HookResult result) {
            calls.add("after extend " + result.status());
        }

        @Override
        public void beforeForceRelease(HookContext context) {
            calls.add("before force " + context.owner());
        }

        @Override
        public void afterForceRelease(HookContext context, HookResult result) {
            calls.add("after force " + result.status());
        }
    };

    private HoldfastLock lockWith(LockHooks hooks) {
        return rig.client.createLock(LockOptions.defaults().hooks(hooks));
    }

    @Test
    void hooks_run_around_every_operation() throws InterruptedException {
        HoldfastLock lock = lockWith(recording);
        LockHandle handle = lock.hold(ALICE, ORDER, AcquireOptions.defaults().ttl(Duration.ofSeconds(3)));
        handle.extend(Duration.ofSeconds(4));
        assertThat(lock.acquire(BOB, ORDER).acquired()).isFalse();
        handle.release();
        lock.forceRelease(ORDER);
        assertThat(calls)
                .containsExactly(
                        "before acquire user:alice PT3S",
                        "after acquire SUCCEEDED",
                        "before extend PT4S",
                        "after extend SUCCEEDED",
                        "before acquire user:bob null",
                        "after acquire REFUSED",
                        "before release",
                        "after release SUCCEEDED",
                        "before force null",
                        "after force REFUSED");
    }

    @Test
    void a_before_hook_that_throws_stops_the_operation() {
        HoldfastLock lock = lockWith(new LockHooks() {
            @Override
            public void beforeAcquire(HookContext context) {
                throw forbidden;
            }

            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                calls.add("after");
            }
        });
        assertThatThrownBy(() -> lock.acquire(ALICE, ORDER)).isSameAs(forbidden);
        assertThatThrownBy(() -> lock.acquire(ALICE, ORDER, AcquireOptions.defaults()))
                .isSameAs(forbidden);
        assertThat(failureOf(lock.acquireAsync(ALICE, ORDER, AcquireOptions.defaults())
                        .toCompletableFuture()))
                .isSameAs(forbidden);
        assertThat(rig.cluster.submitted).isEmpty();
        assertThat(calls).isEmpty();
    }

    @Test
    void hooks_that_ran_before_one_that_throws_are_told_that_it_failed_and_those_after_it_do_not_run() {
        HoldfastLock lock = rig.client.createLock(LockOptions.defaults()
                .hooks(recording)
                .hooks(new LockHooks() {
                    @Override
                    public void beforeAcquire(HookContext context) {
                        if (context.lockable().equals(ORDER)) {
                            throw forbidden;
                        }
                    }

                    @Override
                    public void afterAcquire(HookContext context, HookResult result) {
                        calls.add("after " + context.lockable().key() + " " + result.failure());
                    }
                })
                .hooks(recording));
        assertThatThrownBy(() -> lock.acquire(ALICE, ORDER)).isSameAs(forbidden);
        assertThat(calls).containsExactly("before acquire user:alice null", "after acquire FAILED");
        calls.clear();
        assertThat(failureOf(lock.acquireAsync(ALICE, ORDER, AcquireOptions.defaults())
                        .toCompletableFuture()))
                .isSameAs(forbidden);
        assertThat(calls).containsExactly("before acquire user:alice null", "after acquire FAILED");
        calls.clear();

        // Of several, those whose hooks had run all.
        Lockable first = new Lockable("order", "a first one");
        assertThatThrownBy(() -> lock.acquireAll(ALICE, List.of(first, ORDER), AcquireOptions.defaults()))
                .isSameAs(forbidden);
        assertThat(calls)
                .containsExactly(
                        "before acquire user:alice null",
                        "before acquire user:alice null",
                        "before acquire user:alice null",
                        "after acquire FAILED",
                        "after acquire FAILED",
                        "after a first one " + forbidden,
                        "after acquire FAILED");
        assertThat(rig.cluster.submitted).isEmpty();
    }

    @Test
    void an_after_hook_that_throws_does_not_lose_the_grant() {
        HoldfastLock lock = lockWith(new LockHooks() {
            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                throw forbidden;
            }
        });
        LockHandle handle = lock.acquire(ALICE, ORDER).orThrow();
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        assertThat(hookErrors).containsExactly(forbidden);
        assertThat(lock.acquireAsync(ALICE, ORDER, AcquireOptions.defaults())
                        .toCompletableFuture()
                        .join()
                        .acquired())
                .isTrue();
        assertThat(hookErrors).hasSize(2);
    }

    private static LockHooks throwingAfterwards(Throwable thrown) {
        return new LockHooks() {
            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                throw Sneaky.sneakyThrow(thrown);
            }

            @Override
            public void afterRelease(HookContext context, HookResult result) {
                throw Sneaky.sneakyThrow(thrown);
            }

            @Override
            public void afterForceRelease(HookContext context, HookResult result) {
                throw Sneaky.sneakyThrow(thrown);
            }
        };
    }

    @Test
    void an_error_or_a_checked_exception_of_an_after_hook_is_reported_and_the_caller_gets_the_handle()
            throws InterruptedException {
        for (Throwable thrown : List.of(new AssertionError("a test"), new IOException("a test"))) {
            hookErrors.clear();
            HoldfastLock lock = lockWith(throwingAfterwards(thrown));
            lock.acquire(ALICE, ORDER).orThrow().release();
            lock.acquire(ALICE, ORDER, AcquireOptions.defaults()).orThrow().close();
            lock.acquireAsync(ALICE, ORDER, AcquireOptions.defaults())
                    .toCompletableFuture()
                    .join()
                    .orThrow()
                    .releaseAsync()
                    .toCompletableFuture()
                    .join();
            assertThatThrownBy(() -> lock.release(ALICE, ORDER)).isInstanceOf(LockNotHeldException.class);
            assertThat(failureOf(lock.releaseAsync(ALICE, ORDER).toCompletableFuture()))
                    .isInstanceOf(LockNotHeldException.class);
            assertThat(lock.forceRelease(ORDER)).isFalse();
            assertThat(hookErrors).hasSize(9).containsOnly(thrown);
            assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        }
    }

    @Test
    void the_hooks_after_one_that_throws_run_all_the_same() {
        HoldfastLock lock = rig.client.createLock(LockOptions.defaults()
                .hooks(throwingAfterwards(new Error("a test")))
                .hooks(recording));
        lock.acquire(ALICE, ORDER).orThrow();
        assertThat(calls).contains("after acquire SUCCEEDED");
    }

    @Test
    void an_error_handler_that_throws_an_error_does_not_lose_the_grant_either() {
        for (Throwable thrown : List.of(new AssertionError("a test"), new IOException("a test"))) {
            Rig careless = new Rig(options -> options.hookErrorHandler((context, error) -> {
                throw Sneaky.sneakyThrow(thrown);
            }));
            HoldfastLock lock =
                    careless.client.createLock(LockOptions.defaults().hooks(throwingAfterwards(new Error("a test"))));
            assertThat(lock.acquire(ALICE, ORDER).acquired()).isTrue();
            assertThat(lock.acquireAsync(ALICE, ORDER, AcquireOptions.defaults())
                            .toCompletableFuture()
                            .join()
                            .acquired())
                    .isTrue();
        }
    }

    @Test
    void an_after_hook_that_throws_that_it_was_interrupted_leaves_the_thread_interrupted() {
        HoldfastLock lock = lockWith(throwingAfterwards(new InterruptedException("a test")));
        assertThat(lock.acquire(ALICE, ORDER).acquired()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void whatever_a_before_hook_throws_reaches_the_caller_as_it_is() {
        for (Throwable thrown : List.of(new AssertionError("a test"), new IOException("a test"))) {
            HoldfastLock lock = lockWith(new LockHooks() {
                @Override
                public void beforeAcquire(HookContext context) {
                    throw Sneaky.sneakyThrow(thrown);
                }

                @Override
                public void beforeRelease(HookContext context) {
                    throw Sneaky.sneakyThrow(thrown);
                }
            });
            assertThatThrownBy(() -> lock.acquire(ALICE, ORDER)).isSameAs(thrown);
            assertThatThrownBy(() -> lock.acquire(ALICE, ORDER, AcquireOptions.defaults()))
                    .isSameAs(thrown);
            assertThat(failureOf(lock.acquireAsync(ALICE, ORDER, AcquireOptions.defaults())
                            .toCompletableFuture()))
                    .isSameAs(thrown);
            assertThatThrownBy(() -> lock.release(ALICE, ORDER)).isSameAs(thrown);
            assertThat(failureOf(lock.releaseAsync(ALICE, ORDER).toCompletableFuture()))
                    .isSameAs(thrown);
        }
        assertThat(rig.cluster.submitted).isEmpty();
    }

    @Test
    void an_error_handler_that_throws_does_not_lose_it_either() {
        Rig careless = new Rig(options -> options.hookErrorHandler((context, error) -> {
            throw Sneaky.sneakyThrow(error);
        }));
        HoldfastLock lock = careless.client.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                throw forbidden;
            }
        }));
        assertThat(lock.acquire(ALICE, ORDER).acquired()).isTrue();
    }

    @Test
    void a_failed_operation_is_told_with_its_failure() {
        List<HookResult> results = new ArrayList<>();
        HoldfastLock lock = lockWith(new LockHooks() {
            @Override
            public void afterRelease(HookContext context, HookResult result) {
                results.add(result);
            }
        });
        assertThatThrownBy(() -> lock.release(ALICE, ORDER)).isInstanceOf(LockNotHeldException.class);
        assertThat(results.get(0).status()).isEqualTo(Status.FAILED);
        assertThat(results.get(0).failure()).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void hooks_run_in_the_order_in_which_they_were_added() {
        LockHooks other = new LockHooks() {
            @Override
            public void beforeAcquire(HookContext context) {
                calls.add("other");
            }
        };
        HoldfastLock lock =
                rig.client.createLock(LockOptions.defaults().hooks(recording).hooks(other));
        lock.acquire(ALICE, ORDER).orThrow();
        assertThat(calls).containsExactly("before acquire user:alice null", "other", "after acquire SUCCEEDED");
    }

    @Test
    void audit_hooks_hear_of_what_succeeded_only() {
        HoldfastLock lock = lockWith(Holdfast.auditLockHooks(
                context -> calls.add("acquired by " + context.owner()),
                context -> calls.add("released"),
                context -> calls.add("extended"),
                context -> calls.add("forced")));
        LockHandle handle = lock.acquire(ALICE, ORDER).orThrow();
        assertThat(lock.acquire(BOB, ORDER).acquired()).isFalse();
        handle.extend(Duration.ofSeconds(1));
        handle.release();
        lock.forceRelease(ORDER);
        lock.acquire(BOB, ORDER).orThrow();
        lock.forceRelease(ORDER);
        assertThat(calls)
                .containsExactly("acquired by user:alice", "extended", "released", "acquired by user:bob", "forced");
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }
}
