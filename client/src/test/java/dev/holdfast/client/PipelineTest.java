package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How commands travel: numbers, batches, attempts, acknowledgements. */
class PipelineTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Rig rig = new Rig();

    private CompletableFuture<AcquireResult> acquire(LockOwner owner, String order) {
        return acquire(rig, owner, order);
    }

    private static CompletableFuture<AcquireResult> acquire(Rig rig, LockOwner owner, String order) {
        Lockable lockable =
                Holdfast.createLockable("order", LockableOptions.plural()).of(order);
        return rig.lock.acquireAsync(owner, lockable, DEFAULTS).toCompletableFuture();
    }

    private static List<Long> sequences(SessionBatch batch) {
        return batch.commands().stream().map(SequencedCommand::sequence).toList();
    }

    @Test
    void the_session_is_opened_alone_under_a_nonce_by_the_first_operation() {
        assertThat(rig.cluster.submitted).isEmpty();
        rig.hold(ALICE);
        SessionBatch open = rig.cluster.submitted.get(0);
        assertThat(open.session().low()).isZero();
        assertThat(sequences(open)).containsExactly(0L);
        assertThat(open.commands().get(0).command()).isEqualTo(new Command.OpenSession(8_000, "host-1", "test"));
        assertThat(rig.batches().get(0).session()).isEqualTo(rig.cluster.session().id);
        assertThat(sequences(rig.batches().get(0))).containsExactly(1L);
    }

    @Test
    void commands_that_come_while_two_batches_are_under_way_share_the_next() {
        rig.hold(ALICE);
        rig.cluster.next(Fault.HELD, Fault.HELD);
        List<CompletableFuture<AcquireResult>> all = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            all.add(acquire(ALICE, "x" + i));
        }
        assertThat(batchSizes()).containsExactly(1, 1, 1);
        rig.cluster.applyHeld();
        rig.cluster.applyHeld();
        assertThat(all).allSatisfy(each -> assertThat(each.join().acquired()).isTrue());
        assertThat(batchSizes()).containsExactly(1, 1, 1, 1024, 474);
        assertThat(rig.batches().stream().flatMap(batch -> sequences(batch).stream()))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 1501).boxed().toList());
    }

    private List<Integer> batchSizes() {
        return rig.batches().stream().map(batch -> batch.commands().size()).toList();
    }

    /** Two batches are under way: one of {@code count} commands, {@code x1} to {@code x<count>}, and a small one. */
    private void holdTwo(int count) {
        rig.hold(ALICE);
        rig.cluster.next(Fault.HELD, Fault.HELD, Fault.HELD, Fault.HELD);
        acquire(ALICE, "a");
        acquire(ALICE, "b");
        for (int i = 1; i <= count; i++) {
            acquire(ALICE, "x" + i);
        }
        rig.cluster.applyHeld();
        assertThat(batchSizes()).containsExactly(1, 1, 1, count);
    }

    @Test
    void a_batch_goes_beside_another_if_it_is_at_least_half_as_large() {
        holdTwo(5);
        rig.cluster.applyHeld();
        acquire(ALICE, "y1");
        acquire(ALICE, "y2");
        assertThat(batchSizes()).containsExactly(1, 1, 1, 5);
        acquire(ALICE, "y3");
        assertThat(batchSizes()).containsExactly(1, 1, 1, 5, 3);
        for (int i = 0; i < 10; i++) {
            acquire(ALICE, "z" + i);
        }
        assertThat(batchSizes()).containsExactly(1, 1, 1, 5, 3);
    }

    @Test
    void an_owner_s_commands_on_one_lock_are_never_in_two_batches() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        CompletableFuture<AcquireResult> again = rig.acquireAsync(ALICE, DEFAULTS);
        CompletableFuture<AcquireResult> behind = acquire(BOB, "2");
        assertThat(batchSizes()).containsExactly(1, 1);
        rig.cluster.applyHeld();
        assertThat(released).isCompleted();
        assertThat(again.join().acquired()).isTrue();
        assertThat(behind.join().acquired()).isTrue();
        assertThat(batchSizes()).containsExactly(1, 1, 2);
    }

    @Test
    void another_owner_s_commands_on_the_same_lock_may_go_beside() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        CompletableFuture<AcquireResult> other = rig.acquireAsync(BOB, DEFAULTS);
        assertThat(other.join().acquired()).isFalse();
        rig.cluster.applyHeld();
        assertThat(released).isCompleted();
    }

    @Test
    void nothing_goes_beside_a_batch_whose_first_attempt_failed() {
        rig.hold(ALICE);
        rig.cluster.next(Fault.LOST, Fault.HELD);
        CompletableFuture<AcquireResult> first = acquire(ALICE, "2");
        rig.pause();
        assertThat(batchSizes()).containsExactly(1, 1, 1);
        CompletableFuture<AcquireResult> second = acquire(ALICE, "3");
        assertThat(batchSizes()).containsExactly(1, 1, 1);
        rig.cluster.applyHeld();
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    @Test
    void nothing_goes_beside_another_while_a_command_that_was_given_up_may_yet_be_applied() {
        Rig patient = new Rig(options -> options.sessionLease(Duration.ofSeconds(60)));
        patient.hold(BOB);
        LockHandle other = acquire(patient, ALICE, "other").join().orThrow();
        patient.cluster.next(Fault.HELD, Fault.HELD);
        // Goes on after its deadline, as it is a handle's.
        other.releaseAsync();
        CompletableFuture<Void> extended =
                patient.lock.extendAsync(BOB, ORDER, TIMEOUT).toCompletableFuture();
        SessionBatch late = patient.lastBatch();
        patient.advance(TIMEOUT);
        assertThat(failureOf(extended)).isInstanceOf(LockOutcomeUnknownException.class);
        patient.cluster.failNewestHeld(Kind.OUTCOME_UNKNOWN);
        patient.pause();
        int sent = patient.batches().size();

        CompletableFuture<AcquireResult> again = patient.acquireAsync(BOB, DEFAULTS);
        assertThat(patient.batches()).hasSize(sent);
        patient.cluster.applyHeld();

        assertThat(again.join().acquired()).isTrue();
        assertThat(patient.lastBatch().outcomesAcknowledged())
                .isEqualTo(sequences(late).get(0));
        patient.cluster.apply(late);
        assertThat(patient.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(BOB));
    }

    @Test
    void nothing_of_a_caller_is_sent_while_a_command_that_was_given_up_may_yet_be_applied() {
        Rig patient = new Rig(options -> options.sessionLease(Duration.ofSeconds(60)));
        patient.hold(BOB);
        patient.cluster.next(Fault.HELD, Fault.HELD, Fault.HELD);
        CompletableFuture<AcquireResult> plug = acquire(patient, ALICE, "plug");
        CompletableFuture<AcquireResult> beside = acquire(patient, ALICE, "beside");
        CompletableFuture<AcquireResult> acquired = acquire(patient, ALICE, "2");
        CompletableFuture<Void> extended =
                patient.lock.extendAsync(BOB, ORDER, TIMEOUT).toCompletableFuture();
        patient.cluster.applyHeld();
        patient.cluster.applyHeld();
        assertThat(plug).isCompleted();
        assertThat(beside).isCompleted();
        SessionBatch late = patient.lastBatch();
        assertThat(late.commands()).hasSize(2);
        patient.advance(TIMEOUT);
        assertThat(failureOf(acquired)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(failureOf(extended)).isInstanceOf(LockOutcomeUnknownException.class);
        CompletableFuture<AcquireResult> again = patient.acquireAsync(BOB, DEFAULTS);
        patient.cluster.next(Fault.HELD);
        patient.cluster.failHeld(Kind.OUTCOME_UNKNOWN);
        patient.pause();
        assertThat(patient.lastBatch().commands())
                .singleElement()
                .extracting(SequencedCommand::command)
                .isInstanceOf(Command.CancelAcquire.class);
        assertThat(again).isNotDone();

        patient.cluster.applyHeld();
        assertThat(again.join().acquired()).isTrue();
        patient.cluster.apply(late);
        assertThat(patient.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(BOB));
    }

    @Test
    void batches_that_are_answered_out_of_order_are_acknowledged_up_to_the_oldest_that_is_not() {
        rig.hold(ALICE);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<AcquireResult> oldest = acquire(ALICE, "2");
        for (int i = 3; i < 10; i++) {
            assertThat(acquire(ALICE, "" + i).join().acquired()).isTrue();
            assertThat(rig.lastBatch().outcomesAcknowledged()).isEqualTo(1);
        }
        rig.cluster.applyHeld();
        assertThat(oldest).isCompleted();
        acquire(ALICE, "10");
        assertThat(rig.lastBatch().outcomesAcknowledged()).isEqualTo(9);
    }

    @Test
    void while_a_batch_is_stuck_no_more_than_four_full_ones_go_by_it() {
        rig.hold(ALICE);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<AcquireResult> oldest = acquire(ALICE, "stuck");
        List<CompletableFuture<AcquireResult>> all = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            all.add(acquire(ALICE, "x" + i));
        }
        assertThat(all.stream().filter(CompletableFuture::isDone).count()).isBetween(4000L, 4096L);
        rig.cluster.applyHeld();
        assertThat(oldest).isCompleted();
        assertThat(all).allMatch(CompletableFuture::isDone);
    }

    @Test
    void a_batch_is_bounded_in_bytes_too() {
        rig.hold(ALICE);
        rig.cluster.next(Fault.HELD, Fault.HELD);
        for (int i = 0; i < 1000; i++) {
            acquire(ALICE, "x".repeat(1000) + i);
        }
        rig.cluster.applyHeld();
        rig.cluster.applyHeld();
        assertThat(rig.batches().get(3).commands()).hasSizeBetween(300, 400);
    }

    @Test
    void a_batch_is_repeated_with_the_same_numbers_until_it_is_answered() {
        rig.hold(BOB);
        rig.cluster.next(Fault.NO_LEADER, Fault.LOST, Fault.ANSWER_LOST);
        CompletableFuture<AcquireResult> acquired = acquire(ALICE, "2");
        assertThat(acquired).isNotDone();
        rig.advance(Duration.ofSeconds(1));
        assertThat(acquired.join().acquired()).isTrue();
        List<SessionBatch> attempts = rig.batches().subList(1, 5);
        assertThat(attempts)
                .allSatisfy(batch ->
                        assertThat(batch.commands()).isEqualTo(attempts.get(0).commands()));
        assertThat(attempts).extracting(SessionBatch::session).containsOnly(rig.cluster.session().id);
    }

    @Test
    void an_attempt_is_repeated_after_20_to_50_ms() {
        rig.hold(BOB);
        rig.cluster.next(Fault.NO_LEADER);
        acquire(ALICE, "2");
        rig.advance(Duration.ofMillis(19));
        assertThat(rig.batches()).hasSize(2);
        rig.advance(Duration.ofMillis(31));
        assertThat(rig.batches()).hasSize(3);
    }

    @Test
    void outcomes_are_acknowledged_by_the_next_batch() {
        LockHandle handle = rig.hold(ALICE);
        assertThat(rig.lastBatch().outcomesAcknowledged()).isZero();
        handle.release();
        assertThat(rig.lastBatch().outcomesAcknowledged()).isEqualTo(1);
        rig.hold(BOB);
        assertThat(rig.lastBatch().outcomesAcknowledged()).isEqualTo(2);
    }

    @Test
    void a_command_that_never_left_fails_as_unavailable_at_its_deadline() {
        rig.hold(BOB);
        rig.cluster.down = true;
        CompletableFuture<AcquireResult> acquired = acquire(ALICE, "2");
        rig.advance(TIMEOUT.minusMillis(1));
        assertThat(acquired).isNotDone();
        rig.advance(Duration.ofMillis(1));
        assertThat(failureOf(acquired)).isInstanceOf(LockUnavailableException.class);
    }

    @Test
    void without_a_session_an_operation_fails_as_unavailable_and_the_client_stops_trying() {
        rig.cluster.down = true;
        CompletableFuture<AcquireResult> acquired = acquire(ALICE, "2");
        rig.advance(TIMEOUT);
        assertThat(failureOf(acquired))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("NO_LEADER");
        int attempts = rig.cluster.submitted.size();
        rig.advance(TIMEOUT);
        assertThat(rig.cluster.submitted.size()).isBetween(attempts, attempts + 1);
        rig.cluster.down = false;
        assertThat(rig.hold(ALICE).state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void a_command_that_may_have_been_applied_fails_as_unknown_at_its_deadline() {
        Rig patient = new Rig(options -> options.sessionLease(Duration.ofSeconds(60)));
        LockHandle handle = patient.hold(BOB);
        patient.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        patient.cluster.down = true;
        patient.advance(TIMEOUT);
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(handle.state()).isEqualTo(HoldState.IN_DOUBT);
    }

    @Test
    void an_attempt_that_is_not_answered_leaves_the_outcome_unknown() {
        LockHandle handle = rig.hold(BOB);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.advance(TIMEOUT);
        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(handle.state()).isEqualTo(HoldState.IN_DOUBT);
        rig.cluster.applyHeld();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_command_that_was_given_up_is_left_out_of_further_attempts_and_acknowledged() {
        LockHandle handle = rig.hold(BOB);
        rig.cluster.next(Fault.HELD);
        CompletableFuture<Void> extended =
                rig.lock.extendAsync(BOB, ORDER, TIMEOUT).toCompletableFuture();
        rig.advance(TIMEOUT);
        assertThat(failureOf(extended)).isInstanceOf(LockOutcomeUnknownException.class);
        SessionBatch late = rig.lastBatch();
        rig.cluster.failHeld(Kind.OUTCOME_UNKNOWN);
        rig.pause();
        assertThat(acquire(ALICE, "2").join().acquired()).isTrue();
        assertThat(rig.lastBatch().outcomesAcknowledged()).isEqualTo(2);
        assertThat(rig.commands(Command.Extend.class)).hasSize(1);

        rig.cluster.apply(late);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(BOB));
        handle.release();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void an_acquire_that_was_given_up_is_cancelled_and_acknowledged_only_then() {
        rig.hold(BOB, DEFAULTS).release();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        rig.advance(TIMEOUT);
        assertThat(failureOf(acquired)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));

        rig.cluster.answerHeld();
        assertThat(rig.commands(Command.CancelAcquire.class)).containsExactly(new Command.CancelAcquire(3));
        assertThat(rig.lastBatch().outcomesAcknowledged()).isEqualTo(2);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        acquire(BOB, "3");
        assertThat(rig.lastBatch().outcomesAcknowledged()).isEqualTo(4);
    }

    @Test
    void a_cancelled_acquire_that_arrives_late_grants_nothing() {
        rig.hold(BOB, DEFAULTS).release();
        rig.cluster.next(Fault.HELD);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        SessionBatch late = rig.lastBatch();
        rig.advance(TIMEOUT);
        assertThat(failureOf(acquired)).isInstanceOf(LockOutcomeUnknownException.class);
        rig.cluster.failHeld(Kind.OUTCOME_UNKNOWN);
        rig.pause();
        assertThat(rig.commands(Command.CancelAcquire.class)).hasSize(1);
        rig.cluster.apply(late);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        acquire(BOB, "3");
        rig.cluster.apply(late);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_cancel_is_repeated_for_as_long_as_the_session_lives() {
        rig.hold(BOB, DEFAULTS).release();
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        acquired.cancel(true);
        rig.cluster.next(Fault.NO_LEADER, Fault.LOST, Fault.NO_LEADER);
        rig.cluster.answerHeld();
        rig.advance(Duration.ofSeconds(1));
        assertThat(rig.commands(Command.CancelAcquire.class)).hasSize(4);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void an_acquire_that_was_cancelled_before_it_was_sent_is_never_sent() {
        rig.hold(BOB);
        rig.cluster.next(Fault.HELD, Fault.HELD);
        acquire(BOB, "2");
        acquire(BOB, "3");
        CompletableFuture<AcquireResult> acquired = acquire(ALICE, "4");
        acquired.cancel(true);
        rig.cluster.applyHeld();
        rig.cluster.applyHeld();
        assertThat(rig.commands(Command.Acquire.class)).hasSize(3);
        assertThat(rig.commands(Command.CancelAcquire.class)).isEmpty();
    }

    @Test
    void a_refused_batch_fails_at_once_as_rejected() {
        rig.hold(BOB);
        rig.cluster.next(Fault.REFUSED);
        assertThat(failureOf(acquire(ALICE, "2"))).isInstanceOf(LockRequestRejectedException.class);
        assertThat(acquire(ALICE, "2").join().acquired()).isTrue();
    }

    @Test
    void a_session_that_may_not_be_opened_fails_what_waits_for_it() {
        rig.cluster.next(Fault.REFUSED);
        assertThat(failureOf(acquire(ALICE, "2"))).isInstanceOf(LockRequestRejectedException.class);
        assertThat(acquire(ALICE, "2").join().acquired()).isTrue();
    }

    @Test
    void an_opening_whose_answer_was_lost_is_repeated_under_the_same_nonce() {
        rig.cluster.next(Fault.ANSWER_LOST, Fault.NO_LEADER);
        CompletableFuture<AcquireResult> acquired = acquire(ALICE, "2");
        rig.pause();
        rig.pause();
        assertThat(acquired.join().acquired()).isTrue();
        assertThat(rig.cluster.sessions).hasSize(1);
    }

    @Test
    void a_session_heard_of_after_its_lease_is_closed_unused_and_another_is_opened() {
        rig.cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<AcquireResult> acquired = acquire(ALICE, "2");
        rig.timers.pause(Rig.LEASE);
        rig.cluster.answerHeld();
        assertThat(acquired.join().acquired()).isTrue();
        assertThat(rig.cluster.session().id.low()).isEqualTo(2);
        assertThat(rig.commands(Command.CloseSession.class)).hasSize(1);
    }

    @Test
    void a_query_is_repeated_until_it_is_answered_and_needs_no_session() {
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(BOB), 1);
        assertThat(rig.lock.isLocked(ORDER)).isTrue();
        assertThat(rig.cluster.submitted).isEmpty();
    }
}
