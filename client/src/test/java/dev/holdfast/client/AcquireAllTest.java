package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several locks acquired together. */
class AcquireAllTest {
    private static final Lockable A = new Lockable("thing", "a");
    private static final Lockable B = new Lockable("thing", "b");
    private static final Lockable C = new Lockable("thing", "c");
    private static final LockableKey A_KEY = LockableKey.mutex("a");
    private static final LockableKey B_KEY = LockableKey.mutex("b");
    private static final List<Lockable> BOTH = List.of(A, B);
    private static final AcquireOptions NOW = AcquireOptions.defaults();
    private static final AcquireOptions FOREVER = NOW.waitForever();
    private static final Owner ALICE_THERE = Terms.owner(ALICE);

    private final Rig rig = new Rig();

    @Test
    void all_are_held_by_one_command_with_a_handle_each() {
        LockHandles handles = all(ALICE, BOTH, NOW).join().orThrow();

        assertThat(handles.handles()).extracting(LockHandle::lockable).containsExactly(A, B);
        assertThat(handles.handle(B)).isSameAs(handles.handles().get(1));
        assertThat(handles.isHeld()).isTrue();
        handles.requireHeld();
        assertThat(handles.handle(A).token()).isNotEqualTo(handles.handle(B).token());
        assertThat(handles.handle(A).owner()).isEqualTo(ALICE);
        assertThat(rig.commands(Command.AcquireAll.class)).hasSize(1);
        assertThat(rig.cluster.holders(A_KEY)).containsExactly(ALICE_THERE);
        assertThat(rig.cluster.holders(B_KEY)).containsExactly(ALICE_THERE);
        assertThatThrownBy(() -> handles.handle(C)).isInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void a_refusal_names_what_is_in_the_way_and_who_holds_it() {
        hold(BOB, B);

        AcquireAllResult result = all(ALICE, BOTH, NOW).join();

        assertThat(result.acquired()).isFalse();
        assertThat(result.handles()).isEmpty();
        assertThat(result.inTheWay()).contains(B);
        assertThat(result.holder()).contains(BOB);
        assertThat(result.timedOut()).isFalse();
        assertThatThrownBy(result::orThrow).isInstanceOfSatisfying(LockAlreadyHeldException.class, held -> {
            assertThat(held.lockableKey()).isEqualTo("b");
            assertThat(held.currentOwner()).contains(BOB);
        });
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
    }

    @Test
    void a_refusal_tells_that_only_waiters_are_in_the_way() {
        hold(BOB, A);
        all(BOB, List.of(C, B), FOREVER).join();
        all(ALICE, BOTH, FOREVER);
        rig.lock.release(BOB, B);

        // Alice waits for both, and gets neither before the first is free.
        AcquireAllResult result = all(BOB, List.of(B), NOW).join();

        assertThat(result.inTheWay()).contains(B);
        assertThat(result.holder()).isEmpty();
        assertThat(result.waitersAhead()).isEqualTo(1);
        assertThatThrownBy(result::orThrow)
                .isInstanceOf(LockAlreadyHeldException.class)
                .hasMessageContaining("nobody holds it");
    }

    @Test
    void without_an_owner_each_call_has_its_own() {
        try (LockHandles handles = rig.lock.holdAll(BOTH)) {
            assertThat(handles.isHeld()).isTrue();
            assertThatThrownBy(() -> rig.lock.holdAll(List.of(C, B))).isInstanceOf(LockAlreadyHeldException.class);
            assertThatThrownBy(() -> rig.lock.holdAll(List.of(C, B), NOW)).isInstanceOf(LockAlreadyHeldException.class);
            assertThat(rig.cluster.holders(LockableKey.mutex("c"))).isEmpty();
        }
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
        assertThat(rig.cluster.holders(B_KEY)).isEmpty();
    }

    @Test
    void what_cannot_be_asked_for_together_is_refused_before_anything_is_sent() {
        List<Lockable> tooMany = IntStream.rangeClosed(0, HoldfastLock.TOGETHER_MAX)
                .mapToObj(i -> new Lockable("thing", "k" + i))
                .toList();
        for (List<Lockable> wrong : List.of(List.<Lockable>of(), tooMany, List.of(A, B, new Lockable("other", "a")))) {
            assertThat(failureOf(all(ALICE, wrong, NOW)))
                    .isInstanceOfSatisfying(
                            LockRequestRejectedException.class,
                            rejected -> assertThat(rejected.reason()).isEqualTo(Reason.INVALID));
            assertThatThrownBy(() -> rig.lock.acquireAll(ALICE, wrong, NOW))
                    .isInstanceOf(LockRequestRejectedException.class);
        }
        assertThat(failureOf(all(ALICE, Collections.singletonList(null), NOW)))
                .isInstanceOf(NullPointerException.class);
        assertThat(rig.cluster.submitted).isEmpty();
    }

    @Test
    void a_waiter_is_granted_all_by_one_event() {
        LockHandle bobs = hold(BOB, A);
        CompletableFuture<AcquireAllResult> waiting = all(ALICE, BOTH, FOREVER);
        assertThat(waiting).isNotDone();
        assertThat(rig.cluster.waiters(B_KEY)).isEqualTo(1);

        bobs.release();

        assertThat(waiting.join().orThrow().isHeld()).isTrue();
    }

    @Test
    void an_event_may_come_before_the_outcome() {
        hold(BOB, A);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireAllResult> waiting = all(ALICE, BOTH, FOREVER);

        rig.cluster.forceRelease(A_KEY);

        assertThat(waiting.join().acquired()).isTrue();
        rig.cluster.answerHeld();
        rig.advance(Duration.ofSeconds(11));
        assertThat(waiting.join().orThrow().isHeld()).isTrue();
        assertThat(rig.commands(Command.CancelAcquire.class)).isEmpty();
    }

    @Test
    void a_loss_that_is_heard_of_before_the_grant_is_not_forgotten() {
        rig.cluster.next(Fault.NONE, Fault.ANSWER_HELD);
        CompletableFuture<AcquireAllResult> asked = all(ALICE, BOTH, NOW);
        rig.cluster.forceRelease(B_KEY);

        rig.cluster.answerHeld();

        LockHandles handles = asked.join().orThrow();
        assertThat(handles.handle(A).isHeld()).isTrue();
        assertThat(handles.handle(B).state()).isEqualTo(HoldState.LOST);
        assertThat(handles.isHeld()).isFalse();
        assertThatThrownBy(handles::requireHeld).isInstanceOf(LockNotHeldException.class);
    }

    /** The event of the grant comes late; meanwhile its owner has released one of the holds by its name. */
    @Test
    void what_has_ended_before_its_grant_is_heard_of_is_lost() {
        LockHandle bobs = hold(BOB, A);
        CompletableFuture<AcquireAllResult> waiting = all(ALICE, BOTH, FOREVER);
        rig.cluster.eventsHeldBack = true;
        bobs.release();
        rig.lock.release(ALICE, B);
        LockHandle next = hold(BOB, B);
        rig.cluster.eventsHeldBack = false;
        rig.cluster.deliver();

        LockHandles late = waiting.join().orThrow();
        assertThat(late.handle(A).state()).isEqualTo(HoldState.HELD);
        assertThat(late.handle(B).state()).isEqualTo(HoldState.LOST);
        late.close();
        assertThat(next.state()).isEqualTo(HoldState.HELD);
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
        assertThat(rig.cluster.holders(B_KEY)).containsExactly(Terms.owner(BOB));
    }

    @Test
    void a_wait_that_runs_out_is_a_refusal() {
        hold(BOB, A);
        CompletableFuture<AcquireAllResult> waiting = all(ALICE, BOTH, NOW.wait(Duration.ofSeconds(5)));
        rig.advance(Duration.ofSeconds(5));
        rig.cluster.tick();

        assertThat(waiting.join().timedOut()).isTrue();
        assertThat(waiting.join().inTheWay()).isEmpty();
        assertThatThrownBy(() -> waiting.join().orThrow())
                .isInstanceOf(LockAlreadyHeldException.class)
                .hasMessageContaining("'a', 'b'");
    }

    @Test
    void a_wait_of_whose_end_nothing_is_heard_is_undone() {
        hold(BOB, A);
        rig.cluster.eventsHeldBack = true;
        CompletableFuture<AcquireAllResult> waiting = all(ALICE, BOTH, NOW.wait(Duration.ofSeconds(5)));

        rig.advance(Duration.ofSeconds(6));

        assertThat(failureOf(waiting))
                .isInstanceOf(LockOutcomeUnknownException.class)
                .hasMessageContaining("'a' and 'b'");
        assertThat(rig.cluster.waiters(A_KEY)).isZero();
        assertThat(rig.cluster.waiters(B_KEY)).isZero();
    }

    @Test
    void a_timeout_ends_it_and_undoes_what_may_have_been_granted() {
        rig.cluster.next(Fault.NONE, Fault.ANSWER_LOST, Fault.LOST);
        CompletableFuture<AcquireAllResult> asked = all(ALICE, BOTH, NOW.timeout(Duration.ofMillis(30)));

        rig.advance(Duration.ofMillis(30));
        assertThat(failureOf(asked)).isInstanceOf(LockOutcomeUnknownException.class);
        rig.advance(Duration.ofSeconds(2));

        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
        assertThat(rig.cluster.holders(B_KEY)).isEmpty();
    }

    @Test
    void nothing_is_done_if_nobody_is_reached() {
        rig.cluster.down = true;
        CompletableFuture<AcquireAllResult> asked = all(ALICE, BOTH, NOW);

        rig.advance(Duration.ofSeconds(11));

        assertThat(failureOf(asked)).isInstanceOf(LockUnavailableException.class);
    }

    @Test
    void a_cancelled_stage_gives_up_a_queued_acquire() {
        hold(BOB, A);
        CompletableFuture<AcquireAllResult> waiting = all(ALICE, BOTH, FOREVER);

        waiting.cancel(false);

        assertThat(rig.cluster.waiters(A_KEY)).isZero();
        assertThat(rig.cluster.waiters(B_KEY)).isZero();
    }

    @Test
    void a_cancelled_stage_undoes_a_grant_whose_answer_was_lost() {
        rig.cluster.next(Fault.NONE, Fault.ANSWER_LOST);
        CompletableFuture<AcquireAllResult> asked = all(ALICE, BOTH, NOW);
        assertThat(rig.cluster.holders(B_KEY)).containsExactly(ALICE_THERE);

        asked.cancel(false);
        rig.advance(Duration.ofSeconds(2));

        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
        assertThat(rig.cluster.holders(B_KEY)).isEmpty();
    }

    @Test
    void a_grant_that_crosses_the_cancellation_is_undone() {
        hold(BOB, A);
        CompletableFuture<AcquireAllResult> waiting = all(ALICE, BOTH, FOREVER);
        rig.cluster.next(Fault.LOST);
        waiting.cancel(false);
        rig.cluster.forceRelease(A_KEY);
        assertThat(rig.cluster.holders(B_KEY)).containsExactly(ALICE_THERE);

        rig.advance(Duration.ofSeconds(5));

        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
        assertThat(rig.cluster.holders(B_KEY)).isEmpty();
    }

    @Test
    void an_interrupted_caller_leaves_all_queues() throws Exception {
        hold(BOB, A);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                var unused = rig.lock.acquireAll(ALICE, BOTH, FOREVER);
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        caller.start();
        await().until(() -> rig.cluster.waiters(B_KEY) == 1);

        caller.interrupt();
        caller.join();

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(rig.cluster.waiters(A_KEY)).isZero();
        assertThat(rig.cluster.waiters(B_KEY)).isZero();
    }

    @Test
    void a_hook_that_fails_with_anything_does_not_leak_the_grant() {
        List<String> told = new CopyOnWriteArrayList<>();
        HoldfastLock lock = rig.client.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                told.add(context.lockable().key());
                throw new AssertionError("boom");
            }
        }));

        LockHandles handles = lock.holdAll(BOTH);

        assertThat(told).containsExactly("a", "b");
        assertThat(handles.isHeld()).isTrue();
    }

    @Test
    void the_hooks_of_each_run_around_all() {
        List<String> told = new CopyOnWriteArrayList<>();
        HoldfastLock lock = rig.client.createLock(LockOptions.defaults().hooks(telling(told)));

        LockHandles handles = lock.holdAll(BOTH);
        long a = handles.handle(A).token();
        long b = handles.handle(B).token();
        handles.close();

        assertThat(told)
                .containsExactly(
                        "acquire a",
                        "acquire b",
                        "acquired a " + a,
                        "acquired b " + b,
                        "release a",
                        "release b",
                        "released a true",
                        "released b true");
        told.clear();
        hold(BOB, A);
        assertThatThrownBy(() -> lock.holdAll(BOTH)).isInstanceOf(LockAlreadyHeldException.class);
        assertThat(told).containsExactly("acquire a", "acquire b", "acquired a 0", "acquired b 0");
    }

    private static LockHooks telling(List<String> told) {
        return new LockHooks() {
            @Override
            public void beforeAcquire(HookContext context) {
                told.add("acquire " + context.lockable().key());
            }

            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                told.add("acquired " + context.lockable().key() + " " + result.token());
            }

            @Override
            public void beforeRelease(HookContext context) {
                told.add("release " + context.lockable().key());
            }

            @Override
            public void afterRelease(HookContext context, HookResult result) {
                told.add("released " + context.lockable().key() + " " + result.succeeded());
            }
        };
    }

    @Test
    void a_hook_that_forbids_the_release_of_one_leaves_the_others_released() {
        IllegalStateException forbidden = new IllegalStateException("not a");
        HoldfastLock lock = rig.client.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void beforeRelease(HookContext context) {
                if (context.lockable().equals(A)) {
                    throw forbidden;
                }
            }
        }));
        LockHandles handles = lock.holdAll(BOTH);

        assertThatThrownBy(handles::close).isSameAs(forbidden);

        assertThat(handles.handle(A).isHeld()).isTrue();
        assertThat(handles.handle(B).state()).isEqualTo(HoldState.RELEASED);
    }

    @Test
    void a_hook_that_forbids_the_acquire_of_one_prevents_it() {
        HoldfastLock lock = rig.client.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void beforeAcquire(HookContext context) {
                if (context.lockable().equals(B)) {
                    throw new IllegalStateException("not b");
                }
            }
        }));

        assertThatThrownBy(() -> lock.holdAll(BOTH)).isInstanceOf(IllegalStateException.class);
        assertThat(failureOf(lock.acquireAllAsync(ALICE, BOTH, NOW).toCompletableFuture()))
                .isInstanceOf(IllegalStateException.class);

        assertThat(rig.cluster.submitted).isEmpty();
    }

    @Test
    void releases_travel_together() {
        LockHandles handles = all(ALICE, List.of(A, B, C), NOW).join().orThrow();
        int before = rig.batches().size();

        handles.release();

        assertThat(rig.batches()).hasSize(before + 1);
        assertThat(rig.lastBatch().commands()).hasSize(3);
        assertThat(handles.handles()).allMatch(handle -> handle.state() == HoldState.RELEASED);
        assertThatThrownBy(handles::release)
                .isInstanceOf(LockNotHeldException.class)
                .satisfies(first -> assertThat(first.getSuppressed()).hasSize(2));
        handles.close();
    }

    @Test
    void releases_without_blocking_tell_of_the_first_failure() {
        LockHandles handles = all(ALICE, BOTH, NOW).join().orThrow();
        handles.handle(B).release();

        assertThat(failureOf(handles.releaseAsync().toCompletableFuture())).isInstanceOf(LockNotHeldException.class);

        assertThat(handles.handle(A).state()).isEqualTo(HoldState.RELEASED);
        LockHandles again = all(ALICE, BOTH, NOW).join().orThrow();
        assertThat(again.releaseAsync().toCompletableFuture()).isCompleted();
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
    }

    @Test
    void one_may_be_released_or_lost_by_itself() {
        LockHandles handles = all(ALICE, List.of(A, B, C), NOW).join().orThrow();
        List<LossReason> losses = new ArrayList<>();
        handles.handle(B).onLost(losses::add);
        handles.handle(C).release();

        rig.cluster.forceRelease(B_KEY);

        await().untilAsserted(() -> assertThat(losses).containsExactly(LossReason.FORCE_RELEASED));
        assertThat(handles.handle(A).isHeld()).isTrue();
        assertThat(handles.isHeld()).isFalse();
        handles.close();
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
    }

    @Test
    void a_release_of_unknown_outcome_is_told_and_can_be_repeated() {
        LockHandles handles = all(ALICE, BOTH, NOW).join().orThrow();
        rig.cluster.down = true;
        CompletableFuture<Void> released = handles.releaseAsync().toCompletableFuture();
        rig.advance(Duration.ofSeconds(3));
        rig.cluster.down = false;
        rig.advance(Duration.ofSeconds(1));

        assertThat(released).isCompleted();
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
        assertThat(rig.cluster.holders(B_KEY)).isEmpty();
    }

    @Test
    void what_the_owner_holds_is_shared() {
        LockHandle first = hold(ALICE, A);
        LockHandles handles = all(ALICE, BOTH, NOW).join().orThrow();
        assertThat(handles.handle(A).token()).isEqualTo(first.token());

        handles.close();

        assertThat(first.state()).isEqualTo(HoldState.LOST);
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
    }

    @Test
    void a_reentrant_set_gives_back_one_count_each() {
        HoldfastLock lock = rig.client.createLock(LockOptions.defaults().reentrant());
        LockHandle first = lock.acquire(ALICE, A).orThrow();
        LockHandles handles = lock.acquireAllAsync(ALICE, BOTH, NOW)
                .toCompletableFuture()
                .join()
                .orThrow();

        handles.close();

        assertThat(first.isHeld()).isTrue();
        assertThat(rig.cluster.held(A_KEY)).isEqualTo(1);
        assertThat(rig.cluster.holders(B_KEY)).isEmpty();
    }

    @Test
    void a_ttl_is_believed_of_each() {
        LockHandles handles =
                all(ALICE, BOTH, NOW.ttl(Duration.ofSeconds(3))).join().orThrow();
        handles.handle(A).extendAsync(Duration.ofSeconds(20));

        rig.advance(Duration.ofSeconds(3));

        assertThat(handles.handle(A).isHeld()).isTrue();
        assertThat(handles.handle(B).state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void all_are_lost_with_the_session_and_a_waiter_is_told() {
        LockHandles handles = all(ALICE, BOTH, NOW).join().orThrow();
        CompletableFuture<AcquireAllResult> waiting = all(BOB, List.of(B, C), FOREVER);

        rig.cluster.down = true;
        rig.advance(Rig.LEASE.multipliedBy(2));

        assertThat(handles.handles()).allMatch(handle -> handle.state() == HoldState.LOST);
        assertThat(failureOf(waiting)).isInstanceOf(LockSessionLostException.class);
    }

    @Test
    void closing_the_client_ends_a_wait_and_what_is_held() {
        LockHandles handles = all(ALICE, BOTH, NOW).join().orThrow();
        CompletableFuture<AcquireAllResult> waiting = all(BOB, List.of(B, C), FOREVER);

        rig.client.close();

        assertThat(failureOf(waiting)).isInstanceOf(LockClientClosedException.class);
        assertThat(failureOf(all(BOB, BOTH, NOW))).isInstanceOf(LockClientClosedException.class);
        assertThat(handles.isHeld()).isFalse();
        handles.close();
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
    }

    @Test
    void closing_the_client_while_it_is_under_way_fails_it_as_closed() {
        rig.cluster.next(Fault.NONE, Fault.ANSWER_HELD);
        CompletableFuture<AcquireAllResult> asked = all(ALICE, BOTH, NOW);

        rig.client.close();

        assertThat(failureOf(asked)).isInstanceOf(LockClientClosedException.class);
        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
    }

    @Test
    void a_stage_that_was_completed_meanwhile_gives_the_grant_back() {
        rig.cluster.next(Fault.NONE, Fault.ANSWER_HELD);
        CompletableFuture<AcquireAllResult> asked = all(ALICE, BOTH, NOW);
        asked.completeExceptionally(new LockOutcomeUnknownException("test", null));

        rig.cluster.answerHeld();
        rig.advance(Duration.ofSeconds(1));

        assertThat(rig.cluster.holders(A_KEY)).isEmpty();
        assertThat(rig.cluster.holders(B_KEY)).isEmpty();
    }

    @Test
    void several_and_one_of_an_owner_do_not_travel_side_by_side() {
        all(ALICE, List.of(C), NOW).join();
        rig.cluster.next(Fault.HELD);
        all(ALICE, BOTH, NOW);
        int before = rig.batches().size();

        CompletableFuture<AcquireResult> one =
                rig.lock.acquireAsync(ALICE, B, NOW).toCompletableFuture();

        assertThat(rig.batches()).hasSize(before);
        rig.cluster.applyHeld();
        assertThat(one.join().reacquired()).isTrue();
    }

    private LockHandle hold(LockOwner owner, Lockable lockable) {
        return rig.lock.acquire(owner, lockable).orThrow();
    }

    private CompletableFuture<AcquireAllResult> all(LockOwner owner, List<Lockable> lockables, AcquireOptions options) {
        return rig.lock.acquireAllAsync(owner, lockables, options).toCompletableFuture();
    }
}
