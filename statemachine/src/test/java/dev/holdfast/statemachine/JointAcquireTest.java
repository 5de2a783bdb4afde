package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.released;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.statemachine.v1.LockableProto;
import dev.holdfast.statemachine.v1.LockablesProto;
import dev.holdfast.statemachine.v1.SnapshotPieceProto;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Acquires of several mutexes at once. */
class JointAcquireTest {
    private static final LockableKey A = LockableKey.mutex("a");
    private static final LockableKey B = LockableKey.mutex("b");
    private static final LockableKey C = LockableKey.mutex("c");
    private static final Owner DAN = Owner.of("user", "dan");
    private static final long EVER = Command.Acquire.WAIT_FOREVER;

    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();
    private final TestSession three = scenario.open();

    // ---- granted or refused at once

    @Test
    void what_is_free_is_granted_in_one_step_with_a_token_for_each() {
        assertThat(all(one, ANN, 0, B, A)).isEqualTo(granted(fresh(1), fresh(2)));

        assertThat(holderOf(B)).isEqualTo(ANN);
        assertThat(holderOf(A)).isEqualTo(ANN);
    }

    @Test
    void one_is_enough() {
        assertThat(all(one, ANN, 0, A)).isEqualTo(granted(fresh(1)));
    }

    @Test
    void if_one_is_held_none_is_granted_and_the_refusal_names_the_first_in_the_way() {
        two.acquire(B, BOB);
        two.acquire(C, CAT);

        assertThat(all(one, ANN, 0, A, C, B)).isEqualTo(new Outcome.RefusedAll(C, CAT, 2, 0));

        assertThat(holderOf(A)).isNull();
        assertThat(scenario.machine().waiterCount()).isZero();
        assertThat(two.acquire(A, BOB)).as("nothing has changed").isEqualTo(Acquires.granted(3));
    }

    @Test
    void waiters_alone_are_in_the_way_too() {
        one.acquire(A, ANN);
        all(two, BOB, EVER, A, B);

        assertThat(all(three, CAT, 0, C, B)).isEqualTo(new Outcome.RefusedAll(B, null, 0, 1));
    }

    @Test
    void what_the_owner_holds_already_is_acquired_again() {
        one.acquire(B, ANN);
        two.acquireOrWait(B, BOB);

        assertThat(all(two, ANN, 0, A, B)).isEqualTo(granted(fresh(2), again(1, 1)));

        one.release(B, ANN, 1);
        assertThat(holderOf(A)).isEqualTo(ANN);
        assertThat(holderOf(B)).isEqualTo(BOB);
    }

    @Test
    void reentrant_acquires_count() {
        one.acquireReentrantly(A, ANN);

        assertThat(one.send(new Command.AcquireAll(List.of(A, B), ANN, true, Lease.SESSION, 0)))
                .isEqualTo(granted(again(1, 2), fresh(2)));

        assertThat(one.release(A, ANN, 1, 1)).isEqualTo(new Outcome.Released(1));
        assertThat(one.release(B, ANN, 2, 1)).isEqualTo(released());
    }

    @Test
    void a_hold_that_is_full_refuses_all() {
        one.acquireReentrantly(B, ANN);
        scenario.state().lockables.get(B).holdOf(ANN).add(Limits.PERMITS_MAX - 1);

        assertThat(one.send(new Command.AcquireAll(List.of(A, B), ANN, true, Lease.SESSION, 0)))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(RejectionCode.LIMIT_REACHED));
        assertThat(holderOf(A)).isNull();
    }

    @Test
    void each_is_released_by_itself() {
        all(one, ANN, 0, A, B);
        two.acquireOrWait(B, BOB);

        assertThat(one.release(B, ANN, 2)).isEqualTo(released());

        assertThat(two.events()).containsExactly(waitGranted(1, 3));
        assertThat(holderOf(A)).isEqualTo(ANN);
    }

    @Test
    void as_many_as_allowed_are_acquired_at_once() {
        List<LockableKey> most = new ArrayList<>();
        for (int i = 0; i < Limits.LOCKABLES_PER_ACQUIRE_MAX; i++) {
            most.add(LockableKey.mutex("k" + i));
        }

        assertThat(one.send(new Command.AcquireAll(most, ANN, false, Lease.SESSION, 0)))
                .isInstanceOf(Outcome.GrantedAll.class);
        assertThat(scenario.machine().holdCount()).isEqualTo(most.size());
    }

    @Test
    void a_ttl_holds_for_each() {
        one.send(new Command.AcquireAll(List.of(A, B), ANN, false, Lease.ttl(100), 0));

        assertThat(scenario.tickAfter(100).expiredHolds()).isEqualTo(2);
    }

    @Test
    void all_end_with_their_session() {
        all(one, ANN, 0, A, B);

        scenario.expire(one);

        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void what_is_repeated_is_answered_as_before() {
        Command.AcquireAll command = new Command.AcquireAll(List.of(A, B), ANN, true, Lease.SESSION, 0);
        Outcome first = one.sendAs(1, command);

        assertThat(one.sendAs(1, command)).isEqualTo(first);
        assertThat(scenario.state().lockables.get(A).holdOf(ANN).count()).isEqualTo(1);
    }

    // ---- the queues

    @Test
    void it_is_granted_when_the_last_is_free_and_told_once() {
        two.acquire(A, BOB);
        two.acquire(B, BOB);
        assertThat(all(one, ANN, EVER, A, C, B)).isEqualTo(new Outcome.Queued(0));

        two.release(A, BOB, 1);
        assertThat(one.events()).isEmpty();
        two.release(B, BOB, 2);

        assertThat(one.events()).containsExactly(allGranted(1, fresh(3), fresh(4), fresh(5)));
        assertThat(scenario.machine().waiterCount()).isZero();
    }

    @Test
    void its_position_is_that_in_the_longest_queue() {
        two.acquire(A, BOB);
        two.acquireOrWait(A, CAT);

        assertThat(all(one, ANN, EVER, B, A, C)).isEqualTo(new Outcome.Queued(1));
    }

    @Test
    void a_free_mutex_is_kept_for_the_waiter_at_the_head_of_its_queue() {
        two.acquire(A, BOB);
        all(one, ANN, EVER, A, B);

        assertThat(three.acquire(B, CAT)).isEqualTo(new Outcome.Refused(null, 0, 1, 1));
        assertThat(three.acquireOrWait(B, CAT)).isEqualTo(new Outcome.Queued(1));

        two.release(A, BOB, 1);
        assertThat(three.events()).isEmpty();
        one.release(B, ANN, 3);
        assertThat(three.events()).containsExactly(waitGranted(2, 4));
    }

    @Test
    void it_does_not_overtake_single_waiters() {
        two.acquire(A, BOB);
        three.acquireOrWait(A, CAT);
        all(one, ANN, EVER, B, A);

        two.release(A, BOB, 1);
        assertThat(three.events()).containsExactly(waitGranted(1, 2));
        assertThat(one.events()).isEmpty();

        three.release(A, CAT, 2);
        assertThat(one.events()).containsExactly(allGranted(1, fresh(3), fresh(4)));
    }

    @Test
    void sets_that_cross_are_granted_in_the_order_of_their_arrival() {
        three.acquire(A, DAN);
        three.acquire(B, DAN);
        three.acquire(C, DAN);
        all(one, ANN, EVER, A, B);
        all(two, BOB, EVER, C, B);
        all(three, CAT, EVER, C, A);

        three.release(C, DAN, 3);
        three.release(B, DAN, 2);
        three.release(A, DAN, 1);
        assertThat(one.events()).containsExactly(allGranted(1, fresh(4), fresh(5)));
        assertThat(two.events()).isEmpty();

        one.release(B, ANN, 5);
        assertThat(two.events()).containsExactly(allGranted(1, fresh(6), fresh(7)));

        one.release(A, ANN, 4);
        assertThat(three.events()).isEmpty();
        two.release(C, BOB, 6);
        assertThat(three.events()).containsExactly(allGranted(4, fresh(8), fresh(9)));
    }

    @Test
    void sets_in_opposite_orders_do_not_block_each_other() {
        all(one, ANN, 0, A, B);
        all(two, BOB, EVER, B, A);
        all(three, CAT, EVER, A, B);

        one.release(B, ANN, 2);
        one.release(A, ANN, 1);
        assertThat(two.events()).containsExactly(allGranted(1, fresh(3), fresh(4)));

        two.release(A, BOB, 4);
        two.release(B, BOB, 3);
        assertThat(three.events()).containsExactly(allGranted(1, fresh(5), fresh(6)));
    }

    @Test
    void an_owner_that_holds_some_needs_only_the_others() {
        one.acquire(A, ANN);
        two.acquireOrWait(A, CAT);
        two.acquire(B, BOB);
        all(one, ANN, EVER, A, B);

        two.release(B, BOB, 2);

        assertThat(one.events()).containsExactly(allGranted(2, again(1, 1), fresh(3)));
    }

    @Test
    void an_owner_that_loses_what_it_holds_waits_for_that_too() {
        one.acquire(A, ANN);
        two.acquire(B, BOB);
        all(one, ANN, EVER, A, B);
        three.acquireOrWait(A, CAT);

        one.release(A, ANN, 1);
        assertThat(three.events()).as("it comes first").isEmpty();
        two.release(B, BOB, 2);

        assertThat(one.events()).containsExactly(allGranted(2, fresh(3), fresh(4)));
    }

    @Test
    void a_grant_to_its_owner_may_be_the_last_that_it_needs() {
        three.acquire(A, DAN);
        one.acquireOrWait(A, ANN);
        two.acquireOrWait(A, BOB);
        all(one, ANN, EVER, B, A);

        three.release(A, DAN, 1);

        assertThat(one.events()).containsExactly(waitGranted(1, 2), allGranted(2, fresh(3), again(2, 1)));
    }

    @Test
    void joint_waiters_of_one_owner_are_granted_together_where_they_can_be() {
        three.acquire(A, DAN);
        three.acquire(C, DAN);
        all(one, ANN, EVER, A, B);
        all(two, ANN, EVER, B, A);
        all(two, ANN, EVER, B, C);

        three.release(A, DAN, 1);

        assertThat(one.events()).containsExactly(allGranted(1, fresh(3), fresh(4)));
        assertThat(two.events()).containsExactly(allGranted(1, again(4, 1), again(3, 1)));
        three.release(C, DAN, 2);
        assertThat(two.events()).hasSize(2).contains(allGranted(2, again(4, 1), fresh(5)));
    }

    @Test
    void a_grant_that_makes_others_of_its_owner_possible_grants_them_wherever_they_stand() {
        three.acquire(A, DAN);
        three.acquireOrWait(C, DAN);
        three.acquireOrWait(C, BOB);
        all(one, ANN, EVER, A, B);
        // Behind the first at A and B, and behind Bob at C.
        all(two, ANN, EVER, B, C);
        three.release(C, DAN, 2);
        three.release(C, BOB, 3);
        assertThat(two.events()).isEmpty();

        three.release(A, DAN, 1);

        assertThat(one.events()).containsExactly(allGranted(1, fresh(4), fresh(5)));
        assertThat(two.events()).containsExactly(allGranted(1, again(5, 1), fresh(6)));
    }

    // ---- the ends of waits

    @Test
    void a_wait_that_times_out_leaves_all_queues_and_the_next_in_each_proceed() {
        three.acquire(A, DAN);
        all(one, ANN, 50, A, B, C);
        two.acquireOrWait(B, BOB);
        two.acquireOrWait(C, CAT);

        scenario.tickAfter(50);

        assertThat(one.events()).containsExactly(new Event.WaitEnded(1, Event.WaitEnd.TIMED_OUT));
        assertThat(two.events()).containsExactly(waitGranted(1, 2), waitGranted(2, 3));
        assertThat(scenario.machine().waiterCount()).isZero();
        assertThat(scenario.machine().nextDeadlineMs()).isEqualTo(LogTime.NEVER);
    }

    @Test
    void a_wait_that_ends_when_the_last_is_free_is_not_granted() {
        three.acquire(A, DAN, Lease.ttl(50), 0);
        all(one, ANN, 50, A, B);

        scenario.tickAfter(50);

        assertThat(one.events()).containsExactly(new Event.WaitEnded(1, Event.WaitEnd.TIMED_OUT));
        assertThat(scenario.machine().holdCount()).isZero();
        assertThat(scenario.state().lockables.size()).isZero();
    }

    @Test
    void a_chain_of_waits_that_end_together_is_worked_off_however_long_it_is() {
        LockMachine machine = scenario.machine();
        three.acquire(LockableKey.mutex("k0"), DAN);
        for (int i = 0; i < 20_000; i++) {
            List<LockableKey> link = List.of(LockableKey.mutex("k" + i), LockableKey.mutex("k" + (i + 1)));
            Command.AcquireAll waiting = new Command.AcquireAll(link, ANN, false, Lease.SESSION, 50);
            machine.apply(machine.appliedIndex() + 1, 1000, Batch.of(one.batch(i + 1, waiting)));
        }

        scenario.tickAfter(60);
        scenario.catchUp();

        assertThat(scenario.machine().waiterCount()).isZero();
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void a_cancelled_waiter_leaves_all_queues() {
        three.acquire(A, DAN);
        all(one, ANN, EVER, A, B);
        two.acquireOrWait(B, BOB);

        assertThat(one.cancel(1)).isEqualTo(new Outcome.Cancelled(true));

        assertThat(two.events()).containsExactly(waitGranted(1, 2));
        three.release(A, DAN, 1);
        assertThat(one.events()).isEmpty();
        assertThat(scenario.machine().holdCount()).isEqualTo(1);
    }

    @Test
    void a_cancel_undoes_a_grant_of_all() {
        one.acquire(B, ANN);
        all(one, ANN, 0, A, B);

        assertThat(one.cancel(2)).isEqualTo(new Outcome.Cancelled(true));

        assertThat(holderOf(A)).isNull();
        assertThat(holderOf(B)).as("acquired before").isEqualTo(ANN);
    }

    @Test
    void a_cancel_undoes_a_grant_that_an_event_told_of() throws CorruptSnapshotException {
        three.acquire(A, DAN);
        one.send(new Command.AcquireAll(List.of(A, B), ANN, true, Lease.UNTIL_RELEASED, EVER));
        three.release(A, DAN, 1);
        two.acquireOrWait(A, BOB);
        two.acquireOrWait(B, BOB);
        scenario.restart();

        assertThat(one.cancel(1)).isEqualTo(new Outcome.Cancelled(true));

        assertThat(two.events()).containsExactly(waitGranted(2, 4), waitGranted(1, 5));
    }

    @Test
    void a_cancel_undoes_what_is_left_of_a_grant() {
        all(one, ANN, 0, A, B);
        one.release(A, ANN, 1);

        assertThat(one.cancel(1)).isEqualTo(new Outcome.Cancelled(true));
        assertThat(one.cancel(1)).isEqualTo(new Outcome.Cancelled(false));

        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_cancel_that_comes_first_refuses_the_acquire() {
        one.sendAs(2, new Command.CancelAcquire(1));

        assertThat(one.sendAs(1, new Command.AcquireAll(List.of(A, B), ANN, false, Lease.SESSION, 0)))
                .isInstanceOf(Outcome.Rejected.class);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void what_is_acknowledged_cannot_be_cancelled_any_more() {
        three.acquire(A, DAN);
        all(one, ANN, 0, B, C);
        all(two, BOB, EVER, A);
        three.release(A, DAN, 1);
        one.acknowledge(1, 0);
        two.acknowledge(1, 1);

        assertThat(one.cancel(1)).isEqualTo(new Outcome.Cancelled(false));
        assertThat(two.cancel(1)).isEqualTo(new Outcome.Cancelled(false));
        assertThat(scenario.machine().holdCount()).isEqualTo(3);
    }

    @Test
    void the_end_of_a_session_takes_its_waiters_out_of_all_queues() {
        three.acquire(A, DAN);
        all(one, ANN, EVER, A, B, C);
        all(one, CAT, EVER, B, C);
        all(two, BOB, EVER, C, B);

        scenario.expire(one);

        assertThat(two.events()).containsExactly(allGranted(1, fresh(2), fresh(3)));
        assertThat(scenario.machine().waiterCount()).isZero();
    }

    @Test
    void what_the_end_of_a_session_frees_is_granted() {
        all(three, DAN, 0, A, B);
        all(one, ANN, EVER, A, B);

        three.close();

        assertThat(one.events()).containsExactly(allGranted(1, fresh(3), fresh(4)));
    }

    @Test
    void force_release_and_expiry_serve_joint_waiters() {
        three.acquire(A, DAN);
        three.acquire(B, DAN, Lease.ttl(100), 0);
        all(one, ANN, EVER, A, B);

        two.send(new Command.ForceRelease(A, Command.ForceRelease.ANY_TOKEN));
        assertThat(one.events()).isEmpty();
        scenario.tickAfter(100);

        assertThat(one.events()).containsExactly(allGranted(1, fresh(3), fresh(4)));
    }

    // ---- snapshots, inspection, bounds

    @Test
    void a_snapshot_keeps_the_places_of_a_waiter_together() throws CorruptSnapshotException {
        three.acquire(A, DAN);
        three.acquire(C, DAN);
        all(one, ANN, EVER, C, A, B);
        all(two, BOB, 70, B, A);

        scenario.restart();

        three.release(A, DAN, 1);
        three.release(C, DAN, 2);
        assertThat(one.events()).containsExactly(allGranted(1, fresh(3), fresh(4), fresh(5)));
        scenario.restart();
        scenario.tickAfter(70);
        assertThat(two.events()).containsExactly(new Event.WaitEnded(1, Event.WaitEnd.TIMED_OUT));
        assertThat(one.cancel(1)).isEqualTo(new Outcome.Cancelled(true));
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_snapshot_is_of_the_moment_when_it_began() throws CorruptSnapshotException {
        three.acquire(A, DAN);
        all(one, ANN, EVER, A, B, C);
        String before = scenario.hash();
        SnapshotCapture capture = scenario.machine().capture();
        List<byte[]> pieces = new ArrayList<>(capture.take(1).pieces());
        one.cancel(1);
        while (!capture.isComplete()) {
            pieces.addAll(capture.take(1).pieces());
        }

        assertThat(Snapshots.restore(pieces).stateHash()).isEqualTo(before);
    }

    @Test
    void a_snapshot_that_lacks_a_place_is_refused() throws Exception {
        three.acquire(A, DAN);
        all(one, ANN, EVER, A, B);
        List<byte[]> pieces = new ArrayList<>();
        for (byte[] bytes : Snapshots.takeAll(scenario.machine())) {
            SnapshotPieceProto piece = SnapshotPieceProto.parseFrom(bytes);
            pieces.add(piece.hasLockables() ? withoutWaitersOf(B, piece).toByteArray() : bytes);
        }

        assertThatThrownBy(() -> Snapshots.restore(pieces))
                .isInstanceOf(CorruptSnapshotException.class)
                .hasMessageContaining("lacks a place");
    }

    private static SnapshotPieceProto withoutWaitersOf(LockableKey lockable, SnapshotPieceProto piece) {
        LockablesProto.Builder lockables = LockablesProto.newBuilder();
        for (LockableProto proto : piece.getLockables().getLockablesList()) {
            boolean that = proto.getLockable().getKey().equals(lockable.key());
            lockables.addLockables(that ? proto.toBuilder().clearWaiters().build() : proto);
        }
        return SnapshotPieceProto.newBuilder().setLockables(lockables).build();
    }

    @Test
    void inspection_lists_a_joint_waiter_in_each_queue() {
        three.acquire(A, DAN);
        all(one, ANN, 100, A, B);

        for (LockableKey lockable : List.of(A, B)) {
            var view = (Answer.LockableView) scenario.machine().answer(new Query.Inspect(lockable, 10));
            assertThat(view.waiterCount()).isEqualTo(1);
            assertThat(view.waiters()).singleElement().satisfies(waiter -> {
                assertThat(waiter.owner()).isEqualTo(ANN);
                assertThat(waiter.permits()).isEqualTo(1);
                assertThat(waiter.waitLeftMs()).isEqualTo(100);
            });
        }
        assertThat(scenario.machine().waiterCount()).isEqualTo(2);
    }

    @Test
    void a_session_is_bounded_by_the_places_of_its_waiters() {
        LockMachine machine = scenario.machine();
        three.acquire(A, DAN);
        List<LockableKey> most = new ArrayList<>(List.of(A));
        while (most.size() < Limits.LOCKABLES_PER_ACQUIRE_MAX) {
            most.add(LockableKey.mutex("k" + most.size()));
        }
        Command.AcquireAll waiting = new Command.AcquireAll(most, ANN, false, Lease.SESSION, EVER);
        long index = machine.appliedIndex();
        int fitting = Limits.WAITERS_PER_SESSION_MAX / most.size();

        Outcome last = new Outcome.SessionClosed();
        for (int i = 1; i <= fitting; i++) {
            last = TestSession.outcomeOf(machine.apply(++index, 1000, Batch.of(one.batch(i, waiting))));
        }
        assertThat(last).isEqualTo(new Outcome.Queued(fitting - 1));
        assertThat(TestSession.outcomeOf(machine.apply(++index, 1000, Batch.of(one.batch(fitting + 1, waiting)))))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(RejectionCode.LIMIT_REACHED));
        scenario.expire(one);
        scenario.catchUp();
        assertThat(machine.waiterCount()).isZero();
    }

    // ---- words

    private static Outcome all(TestSession session, Owner owner, long waitMs, LockableKey... lockables) {
        return session.send(new Command.AcquireAll(List.of(lockables), owner, false, Lease.SESSION, waitMs));
    }

    private static Outcome.Granted fresh(long token) {
        return new Outcome.Granted(token, LogTime.NEVER, 1, false);
    }

    private static Outcome.Granted again(long token, int count) {
        return new Outcome.Granted(token, LogTime.NEVER, count, true);
    }

    private static Outcome granted(Outcome.Granted... grants) {
        return new Outcome.GrantedAll(List.of(grants));
    }

    private static Event allGranted(long acquireSequence, Outcome.Granted... grants) {
        return new Event.WaitGrantedAll(acquireSequence, List.of(grants));
    }

    private static Event waitGranted(long acquireSequence, long token) {
        return new Event.WaitGranted(acquireSequence, token, LogTime.NEVER, 1, false);
    }

    private Owner holderOf(LockableKey lockable) {
        LockableEntry entry = scenario.state().lockables.get(lockable);
        Hold hold = entry == null ? null : entry.oldestHold();
        return hold == null ? null : hold.owner;
    }
}
