package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.LEASE;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.support.ThreadlessTimers;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.SessionBatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A handle that says HELD is held in the cluster, by its token. */
class BeliefTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();
    private static final AcquireOptions LONG = DEFAULTS.ttl(Duration.ofDays(1));
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Rig rig = new Rig();
    private final List<String> news = new ArrayList<>();

    private void listen(LockHandle handle) {
        handle.onSuspect(() -> news.add("suspect"));
        handle.onLost(reason -> news.add("lost: " + reason));
    }

    @Test
    void a_hold_whose_release_is_under_way_is_in_doubt_until_it_is_answered() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        assertThat(handle.state()).isEqualTo(HoldState.IN_DOUBT);
        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.leaseLeft()).contains(Duration.ZERO);
        assertThatThrownBy(handle::requireHeld).isInstanceOf(LockOutcomeUnknownException.class);
        rig.cluster.answerHeld();
        assertThat(released).isCompleted();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThatThrownBy(handle::requireHeld).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void a_hold_whose_release_nobody_answers_never_says_held_again() {
        LockHandle handle = rig.hold(ALICE, LONG);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.advance(TIMEOUT);
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        for (int i = 0; i < 60; i++) {
            assertThat(handle.state()).isEqualTo(HoldState.IN_DOUBT);
            rig.advance(Duration.ofSeconds(1));
        }
        rig.cluster.answerHeld();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
    }

    @Test
    void a_release_by_the_owner_s_name_puts_the_hold_in_doubt_too() {
        LockHandle handle = rig.hold(ALICE, LONG);
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<Void> released = rig.lock.releaseAsync(ALICE, ORDER).toCompletableFuture();
        rig.advance(TIMEOUT);
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(handle.state()).isEqualTo(HoldState.IN_DOUBT);
        CompletableFuture<Void> again = rig.lock.releaseAsync(ALICE, ORDER).toCompletableFuture();
        rig.cluster.answerHeld();
        assertThat(again).isCompleted();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThat(rig.commands(Command.Release.class)).hasSize(1);
    }

    @Test
    void a_release_that_certainly_did_nothing_leaves_the_hold_held() {
        Rig patient = new Rig(options -> options.sessionLease(Duration.ofSeconds(60)));
        LockHandle handle = patient.hold(ALICE);
        patient.cluster.down = true;
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        patient.advance(TIMEOUT);
        assertThat(failureOf(released)).isInstanceOf(LockUnavailableException.class);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        patient.cluster.down = false;
        CompletableFuture<Void> again = handle.releaseAsync().toCompletableFuture();
        patient.pause();
        assertThat(again).isCompleted();
        assertThat(patient.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_release_that_its_session_took_into_the_dark_is_settled_by_the_next() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.untilReleased());
        rig.cluster.next(Fault.LOST);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.cluster.down = true;
        rig.advance(LEASE.plus(LEASE));
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(handle.state()).isEqualTo(HoldState.IN_DOUBT);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
        rig.cluster.down = false;
        rig.pause();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
    }

    @Test
    void a_release_that_was_done_in_the_dark_is_a_release() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.untilReleased());
        listen(handle);
        rig.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.cluster.down = true;
        rig.advance(LEASE.plus(LEASE));
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        rig.cluster.down = false;
        rig.pause();
        assertThat(handle.state()).isEqualTo(HoldState.RELEASED);
        assertThat(news).doesNotContain("lost: NOT_HELD");
    }

    @Test
    void a_release_in_the_dark_stays_in_doubt_when_the_client_is_closed() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.untilReleased());
        rig.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.cluster.down = true;
        rig.advance(LEASE.plus(LEASE));
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        rig.client.close();
        assertThat(handle.state()).isEqualTo(HoldState.IN_DOUBT);
    }

    private enum ReleasedBy {
        HANDLE,
        NAME,
        NAME_UNKNOWN_HERE
    }

    /** The event of a queued acquire's grant comes late; meanwhile its owner has released the hold. */
    @ParameterizedTest
    @EnumSource(ReleasedBy.class)
    void a_grant_that_is_heard_of_after_the_end_of_its_hold_is_of_a_hold_that_is_lost(ReleasedBy how) {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, DEFAULTS.waitForever());
        rig.cluster.eventsHeldBack = true;
        bobs.release();
        if (how != ReleasedBy.NAME_UNKNOWN_HERE) {
            LockHandle again = rig.hold(ALICE);
            if (how == ReleasedBy.HANDLE) {
                again.release();
            }
        }
        if (how != ReleasedBy.HANDLE) {
            rig.lock.release(ALICE, ORDER);
        }
        LockHandle next = rig.hold(BOB);
        rig.cluster.eventsHeldBack = false;
        rig.cluster.deliver();

        LockHandle late = waiting.join().orThrow();
        assertThat(late.state()).isEqualTo(HoldState.LOST);
        assertThat(late.lossSignal().toCompletableFuture().join()).isEqualTo(LossReason.RELEASED_BY_OWNER);
        assertThat(next.state()).isEqualTo(HoldState.HELD);
        assertThat(rig.hold(BOB).token()).isEqualTo(next.token());
    }

    @Test
    void a_grant_that_is_heard_of_late_is_held_if_its_hold_is() {
        LockHandle bobs = rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, DEFAULTS.waitForever());
        rig.cluster.eventsHeldBack = true;
        bobs.release();
        rig.hold(ALICE).release();
        rig.hold(BOB).release();
        // This one is granted at once, and is not the one that the event tells of.
        LockHandle third = rig.hold(ALICE);
        rig.cluster.eventsHeldBack = false;
        rig.cluster.deliver();
        assertThat(waiting.join().orThrow().state()).isEqualTo(HoldState.LOST);
        assertThat(third.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void a_grant_that_is_heard_of_late_is_held_if_only_another_acquire_was_given_up() {
        List<Runnable> callbacks = new ArrayList<>();
        Rig slow = new Rig(options -> options.callbackExecutor(callbacks::add));
        LockHandle bobs = slow.lock.acquire(BOB, ORDER).orThrow();
        CompletableFuture<AcquireResult> waiting = slow.acquireAsync(ALICE, DEFAULTS.waitForever());
        slow.cluster.eventsHeldBack = true;
        bobs.release();
        assertThat(slow.acquireAsync(ALICE, DEFAULTS).cancel(false)).isTrue();
        List.copyOf(callbacks).forEach(Runnable::run);
        callbacks.clear();
        assertThat(slow.commands(Command.Leave.class)).hasSize(1);

        slow.cluster.eventsHeldBack = false;
        slow.cluster.deliver();
        callbacks.forEach(Runnable::run);
        assertThat(waiting.join().orThrow().state()).isEqualTo(HoldState.HELD);
        assertThat(slow.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
    }

    /** This client has lost the hold by its clock, but the cluster has not; the owner acquires it again, and releases it. */
    @Test
    void a_release_of_what_was_lost_ends_what_was_acquired_again_under_its_token() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.ttl(Duration.ofSeconds(3)));
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<Void> extended =
                handle.extendAsync(Duration.ofMinutes(1)).toCompletableFuture();
        CompletableFuture<AcquireResult> again = rig.acquireAsync(ALICE, DEFAULTS);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.advance(Duration.ofSeconds(4));
        rig.cluster.answerHeld();
        rig.pause();
        assertThat(extended).isCompletedExceptionally();
        assertThat(released).isDone();
        assertThat(again.join().token()).isEqualTo(handle.token());
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        assertThat(again.join().orThrow().state()).isEqualTo(HoldState.LOST);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_hold_that_outlives_its_session_is_suspect_until_the_next_follows_it(boolean untilReleased) {
        LockHandle handle = rig.hold(ALICE, untilReleased ? DEFAULTS.untilReleased() : LONG);
        listen(handle);
        rig.cluster.down = true;
        rig.advance(LEASE);
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        assertThat(news).containsExactly("suspect");
        rig.cluster.down = false;
        rig.pause();
        assertThat(handle.state()).isEqualTo(HoldState.HELD);

        rig.cluster.forceRelease(ORDER_LOCK);
        assertThat(news).containsExactly("suspect", "lost: FORCE_RELEASED");
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void what_became_of_a_hold_while_no_session_followed_it_is_found_out_by_the_next() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.untilReleased());
        listen(handle);
        rig.cluster.down = true;
        rig.advance(LEASE);
        rig.cluster.forceRelease(ORDER_LOCK);
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(BOB), 1);
        assertThat(handle.state()).isEqualTo(HoldState.SUSPECT);
        rig.cluster.down = false;
        rig.pause();
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        assertThat(news).containsExactly("suspect", "lost: NOT_HELD");
    }

    @Test
    void an_acquire_that_was_given_up_after_its_grant_keeps_nothing_of_its_owner_s() {
        HoldfastClient elsewhere = Holdfast.client(
                rig.cluster, ClientOptions.defaults().timers(rig.timers).name("elsewhere"));
        LockHandle kept = rig.hold(ALICE);
        List<Runnable> callbacks = new CopyOnWriteArrayList<>();
        HoldfastClient late = Holdfast.client(
                rig.cluster,
                ClientOptions.defaults()
                        .timers(rig.timers)
                        .callbackExecutor(callbacks::add)
                        .name("late"));
        CompletableFuture<AcquireResult> again =
                late.createLock().acquireAsync(ALICE, ORDER, DEFAULTS).toCompletableFuture();
        await().until(() -> !callbacks.isEmpty());
        again.cancel(false);
        List.copyOf(callbacks).forEach(Runnable::run);
        assertThat(late.metrics().registry().counter(ClientMetrics.HOLDS).getCount())
                .isZero();
        assertThat(kept.state()).isEqualTo(HoldState.HELD);

        rig.client.close();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        assertThat(elsewhere.createLock().acquire(BOB, ORDER).acquired()).isTrue();
    }

    @Test
    void what_takes_an_acquire_back_is_not_carried_over_to_a_session_that_has_acquired_the_hold_anew() {
        LockHandle first = rig.hold(ALICE, LONG);
        List<Runnable> callbacks = new CopyOnWriteArrayList<>();
        HoldfastClient late = Holdfast.client(
                rig.cluster,
                ClientOptions.defaults()
                        .timers(new ThreadlessTimers(rig.timers))
                        .callbackExecutor(callbacks::add)
                        .name("late"));
        CompletableFuture<AcquireResult> given =
                late.createLock().acquireAsync(ALICE, ORDER, DEFAULTS).toCompletableFuture();
        given.cancel(false);
        rig.cluster.down = true;
        List.copyOf(callbacks).forEach(Runnable::run);
        CompletableFuture<AcquireResult> wanted = late.createLock()
                .acquireAsync(ALICE, ORDER, DEFAULTS.wait(Duration.ofMinutes(5)))
                .toCompletableFuture();
        rig.advance(LEASE.plus(LEASE));
        rig.cluster.down = false;
        rig.advance(Duration.ofSeconds(1));
        callbacks.forEach(Runnable::run);

        assertThat(wanted.join().orThrow().state()).isEqualTo(HoldState.HELD);
        assertThat(rig.cluster.sessions.keySet()).hasSizeGreaterThan(2);
        assertThat(rig.commands(Command.Leave.class))
                .allSatisfy(leave -> assertThat(leave.token()).isEqualTo(first.token()));
        assertThat(rig.batches().stream()
                        .filter(batch ->
                                batch.commands().stream().anyMatch(each -> each.command() instanceof Command.Leave))
                        .map(SessionBatch::session)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void a_lease_that_ended_by_the_clock_is_not_held() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.ttl(Duration.ofSeconds(5)));
        handle.requireHeld();
        rig.timers.pause(Duration.ofSeconds(6));
        assertThatThrownBy(handle::requireHeld).isInstanceOf(LockExpiredException.class);
    }

    @Test
    void releasing_by_name_takes_the_hold_from_several_handles_and_says_so() {
        LockHandle first = rig.hold(ALICE);
        LockHandle second = rig.lock.acquire(ALICE, ORDER).orThrow();
        listen(first);
        listen(second);
        rig.lock.release(ALICE, ORDER);
        assertThat(news).containsExactly("lost: RELEASED_BY_OWNER", "lost: RELEASED_BY_OWNER");
    }

    @Test
    void a_hold_is_extended_without_blocking() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.ttl(Duration.ofSeconds(5)));
        handle.extendAsync(Duration.ofSeconds(50)).toCompletableFuture().join();
        assertThat(handle.leaseLeft().orElseThrow()).isGreaterThan(Duration.ofSeconds(49));
        assertThat(handle.extendAsync(Duration.ZERO).toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    @SuppressWarnings("NullAway") // What becomes of an argument that is wrong is the matter of this test.
    void what_is_wrong_with_the_arguments_of_an_asynchronous_call_arrives_in_its_stage() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(3);
        for (CompletionStage<?> stage : List.of(
                rig.lock.acquireAsync(null, ORDER, DEFAULTS),
                rig.lock.releaseAsync(ALICE, null),
                rig.lock.extendAsync(ALICE, ORDER, Duration.ZERO),
                semaphore.acquireAsync(ALICE, ORDER, 0, DEFAULTS),
                semaphore.releaseAsync(ALICE, ORDER, 0),
                semaphore.extendAsync(ALICE, ORDER, Duration.ofDays(999)))) {
            assertThat(stage.toCompletableFuture()).isCompletedExceptionally();
        }
    }

    @Test
    void a_result_tells_what_the_hold_counts() {
        HoldfastSemaphore semaphore = rig.client.createSemaphore(3);
        assertThat(semaphore.acquire(ALICE, ORDER, 2).count()).isEqualTo(2);
        assertThat(semaphore.acquire(ALICE, ORDER).count()).isEqualTo(3);
        assertThat(semaphore.acquire(BOB, ORDER).count()).isZero();
    }

    @Test
    void who_is_in_the_way_survives_serialization() throws Exception {
        LockAlreadyHeldException refused = new LockAlreadyHeldException("order:1", ALICE, BOB);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(refused);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(((LockAlreadyHeldException) in.readObject()).currentOwner())
                    .contains(BOB);
        }
    }
}
