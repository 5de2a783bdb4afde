package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Holders who are asked to release what they hold. */
class RequestReleaseTest {
    private final Rig rig = new Rig();
    private final List<String> news = new ArrayList<>();

    @Test
    void a_holder_that_is_asked_may_release() {
        LockHandle handle = rig.hold(ALICE);
        handle.onReleaseRequested(handle::releaseAsync);
        CompletableFuture<AcquireResult> waiting =
                rig.acquireAsync(BOB, AcquireOptions.defaults().waitForever());

        assertThat(rig.lock.requestRelease(ORDER)).isTrue();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThat(waiting.join().acquired()).isTrue();
    }

    @Test
    void nobody_is_asked_for_what_nobody_holds() {
        assertThat(rig.lock.requestRelease(ORDER)).isFalse();
        assertThat(rig.client.createSemaphore(5).requestRelease(ORDER)).isZero();
    }

    @Test
    void all_handles_of_a_hold_hear_of_a_request_and_those_of_others_do_not() {
        rig.hold(ALICE).onReleaseRequested(() -> news.add("first"));
        rig.hold(ALICE).onReleaseRequested(() -> news.add("second"));
        HoldfastSemaphore semaphore = rig.client.createSemaphore(5);
        semaphore.acquire(ALICE, ORDER).orThrow().onReleaseRequested(() -> news.add("alice's permit"));
        semaphore.acquire(BOB, ORDER).orThrow().onReleaseRequested(() -> news.add("bob's permit"));

        assertThat(rig.lock.requestReleaseAsync(ORDER).toCompletableFuture()).isCompletedWithValue(true);
        assertThat(news).containsExactly("first", "second");
        assertThat(semaphore.requestReleaseAsync(ORDER).toCompletableFuture()).isCompletedWithValue(2);
        assertThat(news).containsExactly("first", "second", "alice's permit", "bob's permit");
    }

    @Test
    void a_listener_that_comes_later_hears_of_it_at_once() {
        LockHandle handle = rig.hold(ALICE);
        rig.lock.requestRelease(ORDER);
        handle.onReleaseRequested(() -> news.add("asked"));
        assertThat(news).containsExactly("asked");
        rig.lock.requestRelease(ORDER);
        assertThat(news).containsExactly("asked", "asked");
    }

    @Test
    void a_request_that_is_heard_of_before_the_grant_is_not_forgotten() {
        rig.hold(BOB).release();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, AcquireOptions.defaults());
        rig.cluster.requestRelease(ORDER_LOCK);
        rig.cluster.answerHeld();
        acquired.join().orThrow().onReleaseRequested(() -> news.add("asked"));
        assertThat(news).containsExactly("asked");
    }

    @Test
    void a_request_that_was_not_delivered_comes_with_the_next_subscription() {
        rig.hold(ALICE).onReleaseRequested(() -> news.add("asked"));
        rig.cluster.eventsHeldBack = true;
        rig.lock.requestRelease(ORDER);
        rig.cluster.eventsHeldBack = false;
        assertThat(news).isEmpty();

        rig.cluster.breakSubscriptions();
        rig.pause();
        assertThat(news).containsExactly("asked");
    }

    @Test
    void a_hold_that_outlived_its_session_is_asked_through_the_next() {
        LockHandle handle = rig.hold(ALICE, AcquireOptions.defaults().untilReleased());
        handle.onReleaseRequested(() -> news.add("asked"));
        rig.cluster.endSession(rig.cluster.session().id);
        rig.advance(Rig.LEASE.multipliedBy(2));

        assertThat(rig.lock.requestRelease(ORDER)).isTrue();
        assertThat(news).containsExactly("asked");
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
    }

    @Test
    void who_has_released_is_not_asked() {
        LockHandle handle = rig.hold(ALICE);
        rig.lock.requestRelease(ORDER);
        handle.release();
        handle.onReleaseRequested(() -> news.add("asked"));
        assertThat(news).isEmpty();
    }

    @Test
    void requests_that_come_before_the_listener_is_called_make_one_call() {
        Queue<Runnable> tasks = new ArrayDeque<>();
        Rig slow = new Rig(options -> options.callbackExecutor(tasks::add));
        LockHandle handle = slow.lock.acquire(ALICE, ORDER).orThrow();
        handle.onReleaseRequested(() -> news.add("asked"));
        for (int i = 0; i < 100; i++) {
            slow.cluster.requestRelease(ORDER_LOCK);
        }
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        assertThat(news).containsExactly("asked");
    }

    @Test
    void a_request_that_reached_nobody_fails() {
        rig.hold(ALICE);
        rig.cluster.down = true;
        CompletableFuture<Boolean> asked = rig.lock.requestReleaseAsync(ORDER).toCompletableFuture();
        rig.advance(Duration.ofSeconds(10));
        assertThat(failureOf(asked)).isInstanceOf(LockUnavailableException.class);
    }
}
