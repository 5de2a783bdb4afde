package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.ORDER_SEMAPHORE;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.SemaphoreWaitTimedOutException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.FakeSession;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Queued acquires, and the events that end their waits. */
class WaitTest {
    private static final AcquireOptions FOREVER = AcquireOptions.defaults().waitForever();

    private final Rig rig = new Rig();

    @Test
    void a_waiter_is_granted_by_an_event() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        assertThat(waiting).isNotDone();
        bobs.release();
        LockHandle alices = waiting.join().orThrow();
        assertThat(alices.token()).isGreaterThan(bobs.token());
        assertThat(alices.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void an_event_may_come_before_the_outcome() {
        LockHandle bobs = rig.hold(BOB);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        rig.cluster.forceRelease(ORDER_LOCK);
        assertThat(waiting.join().acquired()).isTrue();
        assertThat(bobs.state()).isEqualTo(HoldState.LOST);
        rig.advance(Duration.ofSeconds(11));
        rig.cluster.answerHeld();
        rig.advance(Duration.ofSeconds(11));
        assertThat(waiting.join().orThrow().state()).isEqualTo(HoldState.HELD);
        assertThat(rig.commands(Command.CancelAcquire.class)).isEmpty();
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
    }

    @Test
    void a_wait_that_runs_out_is_a_refusal() {
        rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting =
                rig.acquireAsync(ALICE, AcquireOptions.defaults().wait(Duration.ofSeconds(5)));
        rig.advance(Duration.ofSeconds(5));
        rig.cluster.tick();
        assertThat(waiting.join().acquired()).isFalse();
        assertThat(waiting.join().timedOut()).isTrue();
        assertThatThrownBy(() -> waiting.join().orThrow()).isInstanceOf(LockAlreadyHeldException.class);
    }

    @Test
    void a_wait_of_whose_end_nothing_is_heard_is_given_up_after_a_grace() {
        rig.hold(BOB);
        rig.cluster.eventsHeldBack = true;
        CompletableFuture<AcquireResult> waiting =
                rig.acquireAsync(ALICE, AcquireOptions.defaults().wait(Duration.ofSeconds(5)));
        rig.advance(Duration.ofSeconds(5).plus(Duration.ofSeconds(1)).minusMillis(1));
        assertThat(waiting).isNotDone();
        rig.advance(Duration.ofMillis(1));
        assertThat(failureOf(waiting)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(rig.commands(Command.CancelAcquire.class)).containsExactly(new Command.CancelAcquire(2));
        assertThat(rig.cluster.waiters(ORDER_LOCK)).isZero();
    }

    @Test
    void cancelling_the_stage_takes_the_waiter_out_of_the_queue() {
        rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        assertThat(rig.cluster.waiters(ORDER_LOCK)).isEqualTo(1);
        waiting.cancel(false);
        assertThat(rig.cluster.waiters(ORDER_LOCK)).isZero();
    }

    @Test
    void completing_the_stage_in_any_other_way_does_too() {
        rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        waiting.completeExceptionally(new IllegalStateException("enough"));
        assertThat(rig.cluster.waiters(ORDER_LOCK)).isZero();
    }

    @Test
    void a_grant_that_crosses_its_cancellation_is_undone() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        rig.cluster.eventsHeldBack = true;
        bobs.release();
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
        rig.cluster.next(Fault.HELD);
        waiting.cancel(false);
        rig.cluster.eventsHeldBack = false;
        rig.cluster.deliver();
        rig.cluster.applyHeld();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void the_event_of_a_grant_is_not_acknowledged_before_its_cancellation_is_answered() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        rig.cluster.eventsHeldBack = true;
        bobs.release();
        rig.cluster.next(Fault.HELD);
        waiting.cancel(false);
        rig.cluster.eventsHeldBack = false;
        rig.cluster.deliver();
        rig.cluster.failHeld(Kind.OUTCOME_UNKNOWN);
        rig.pause();
        assertThat(rig.lastBatch().eventsAcknowledged()).isZero();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        rig.advance(Duration.ofSeconds(2));
        assertThat(rig.lastBatch().eventsAcknowledged()).isEqualTo(1);
    }

    @Test
    void interrupting_a_blocking_acquire_undoes_it() throws InterruptedException {
        rig.hold(BOB);
        AtomicReference<Exception> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                rig.lock.acquire(ALICE, ORDER, FOREVER).orThrow();
            } catch (InterruptedException e) {
                thrown.set(e);
            }
        });
        thread.start();
        await().until(() -> rig.cluster.waiters(ORDER_LOCK) == 1);
        thread.interrupt();
        thread.join();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(rig.cluster.waiters(ORDER_LOCK)).isZero();
    }

    @Test
    void an_interrupted_thread_acquires_nothing() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> rig.lock.acquire(ALICE, ORDER, FOREVER)).isInstanceOf(InterruptedException.class);
        assertThat(rig.cluster.submitted).isEmpty();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void a_release_is_not_interruptible_and_keeps_the_interrupt() {
        LockHandle handle = rig.hold(ALICE);
        Thread.currentThread().interrupt();
        handle.release();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_broken_subscription_is_resumed_after_the_last_event() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> first = rig.acquireAsync(ALICE, FOREVER);
        bobs.release();
        CompletableFuture<AcquireResult> second = rig.acquireAsync(BOB, FOREVER);
        rig.cluster.breakSubscriptions();
        first.join().orThrow().release();
        assertThat(second).isNotDone();
        rig.pause();
        assertThat(second.join().acquired()).isTrue();
        assertThat(rig.cluster.subscribeCount).isEqualTo(2);
    }

    @Test
    void an_event_that_is_delivered_again_has_no_effect() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        bobs.release();
        LockHandle alices = waiting.join().orThrow();
        FakeSession session = rig.cluster.session();
        session.sink.onEvents(session.events());
        assertThat(alices.state()).isEqualTo(HoldState.HELD);
        alices.release();
        assertThat(rig.lastBatch().eventsAcknowledged()).isEqualTo(1);
    }

    @Test
    void a_gap_in_the_events_is_not_passed_over() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        rig.cluster.eventsHeldBack = true;
        bobs.release();
        FakeSession session = rig.cluster.session();
        rig.cluster.eventsHeldBack = false;
        session.sink.onEvents(List.of(new NumberedEvent(2, new Event.WaitEnded(77, Event.WaitEnd.TIMED_OUT))));
        assertThat(rig.cluster.subscribeCount).isEqualTo(2);
        assertThat(waiting.join().acquired()).isTrue();
    }

    @Test
    void an_idle_client_acknowledges_its_events_after_a_while() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        bobs.release();
        assertThat(waiting.join().acquired()).isTrue();
        assertThat(rig.lastBatch().eventsAcknowledged()).isZero();
        rig.advance(Duration.ofSeconds(1));
        assertThat(rig.commands(Command.Acknowledge.class)).hasSize(1);
        assertThat(rig.lastBatch().eventsAcknowledged()).isEqualTo(1);
        rig.advance(Duration.ofSeconds(10));
        assertThat(rig.commands(Command.Acknowledge.class)).hasSize(1);
    }

    @Test
    void what_another_command_acknowledges_needs_no_command_of_its_own() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, FOREVER);
        bobs.release();
        waiting.join().orThrow().release();
        rig.advance(Duration.ofSeconds(10));
        assertThat(rig.commands(Command.Acknowledge.class)).isEmpty();
    }

    private static final AcquireOptions FIVE_SECONDS = AcquireOptions.defaults().wait(Duration.ofSeconds(5));

    private CompletableFuture<LockHandle> inTheQueue(HoldfastSemaphore semaphore, int permits) {
        CompletableFuture<LockHandle> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return semaphore.hold(ORDER, permits, FIVE_SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> rig.cluster.waiters(ORDER_SEMAPHORE) == 1);
        return waiting;
    }

    @Test
    void a_wait_for_permits_that_runs_out_tells_how_many_are_free_and_who_has_the_others() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        semaphore.acquire(ALICE, ORDER, 3).orThrow();
        semaphore.acquire(BOB, ORDER, 1).orThrow();
        CompletableFuture<LockHandle> waiting = inTheQueue(semaphore, 2);
        rig.advance(Duration.ofSeconds(5));
        rig.cluster.tick();
        await().until(waiting::isDone);
        assertThat(failureOf(waiting))
                .hasMessageContaining("'order:1'")
                .hasMessageContaining("PT5S")
                .hasMessageContaining("user:alice, user:bob.")
                .isInstanceOfSatisfying(SemaphoreWaitTimedOutException.class, e -> {
                    assertThat(e.lockableKey()).isEqualTo("order:1");
                    assertThat(e.requested()).isEqualTo(2);
                    assertThat(e.max()).isEqualTo(5);
                    assertThat(e.available()).hasValue(1);
                    assertThat(e.holders()).containsExactly(ALICE, BOB);
                    assertThat(e.waited()).isEqualTo(Duration.ofSeconds(5));
                });
    }

    @Test
    void looking_who_has_the_permits_takes_no_longer_than_the_grace_of_the_wait() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        semaphore.acquire(ALICE, ORDER, 5).orThrow();
        CompletableFuture<LockHandle> waiting = inTheQueue(semaphore, 2);
        rig.advance(Duration.ofSeconds(5));
        rig.cluster.down = true;
        int asked = rig.cluster.queryCount;
        rig.cluster.tick();
        await().until(() -> rig.cluster.queryCount > asked);
        rig.advance(Duration.ofMillis(999));
        assertThat(waiting).isNotDone();
        rig.advance(Duration.ofMillis(1));
        await().until(waiting::isDone);
        assertThat(failureOf(waiting)).isInstanceOfSatisfying(SemaphoreWaitTimedOutException.class, e -> {
            assertThat(e.available()).isEmpty();
            assertThat(e.holders()).isEmpty();
        });
    }

    @Test
    void a_result_whose_wait_for_permits_ran_out_tells_what_was_asked_for() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        semaphore.acquire(ALICE, ORDER, 5).orThrow();
        CompletableFuture<AcquireResult> waiting =
                semaphore.acquireAsync(ORDER, 2, FIVE_SECONDS).toCompletableFuture();
        rig.advance(Duration.ofSeconds(5));
        rig.cluster.tick();
        assertThat(waiting.join().timedOut()).isTrue();
        assertThatThrownBy(waiting.join()::orThrow).isInstanceOfSatisfying(SemaphoreWaitTimedOutException.class, e -> {
            assertThat(e.requested()).isEqualTo(2);
            assertThat(e.available()).isEmpty();
        });
    }

    @Test
    void not_every_holder_of_permits_is_named() {
        List<LockOwner> many = IntStream.range(0, 13)
                .mapToObj(i -> new LockOwner("user", "u" + i, null))
                .toList();
        SemaphoreWaitTimedOutException e =
                new SemaphoreWaitTimedOutException("pool", 2, 13, Duration.ofSeconds(1), 0, many);
        assertThat(e.holders()).isEqualTo(many.subList(0, 10));
        assertThat(e).hasMessageContaining("user:u9 and 3 more.");
    }
}
