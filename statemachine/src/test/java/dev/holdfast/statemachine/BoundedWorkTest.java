package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** However much there is to do, an entry, a piece of a snapshot and a page of a listing are of bounded size. */
class BoundedWorkTest {
    private static final int MANY = 5 * MachineState.STEPS_PER_ENTRY;

    private final LockMachine machine = new LockMachine();
    private final InvariantChecker invariants = new InvariantChecker();
    private final SessionId one = open(1);
    private final SessionId two = open(2);
    private long stamp = 1000;
    private long sequence;

    @Test
    void leases_that_end_together_end_in_several_entries_and_are_nobodys_meanwhile() {
        send(one, MANY, i -> Acquires.mutex(LockableKey.mutex("k" + i), ANN, false, Lease.ttl(50), 0));
        stamp += 100;

        Applied first = tick();

        assertThat(first.expiredHolds()).isBetween(1, MachineState.STEPS_PER_ENTRY);
        assertThat(machine.nextDeadlineMs()).isLessThanOrEqualTo(machine.logTimeMs());
        LockableKey last = LockableKey.mutex("k" + (MANY - 1));
        assertThat(machine.state.lockables.get(last)).isNotNull();
        Outcome.Granted again = (Outcome.Granted) send(one, 1, i -> Acquires.mutex(last, ANN, false, Lease.SESSION, 0));
        assertThat(again.reacquired()).isFalse();
        assertThat(again.token()).isGreaterThan(MANY);
        assertThat(send(two, 1, i -> new Command.Extend(LockableKey.mutex("k" + (MANY - 2)), ANN, MANY - 1, 1000)))
                .isInstanceOf(Outcome.NotHeld.class);
        assertThat(send(two, 1, i -> Acquires.mutex(LockableKey.mutex("k" + (MANY - 3)), BOB, false, Lease.SESSION, 0)))
                .isInstanceOf(Outcome.Granted.class);
        catchUp();
        assertThat(machine.holdCount()).isEqualTo(2);
    }

    @Test
    void the_holds_of_an_ended_session_end_in_several_entries() {
        send(one, MANY, i -> Acquires.mutex(LockableKey.mutex("k" + i), ANN, false, Lease.SESSION, 0));

        Applied ended = apply(new Batch(List.of(new Command.ExpireSession(one)), List.of()));

        assertThat(ended.ended()).containsExactly(one);
        assertThat(machine.holdCount()).isPositive();
        assertThat(machine.sessionCount()).isEqualTo(1);
        assertThat(machine.eventsAfter(one, 0)).isNull();
        assertThat(open(1)).as("the same client, again").isNotEqualTo(one);
        LockableKey last = LockableKey.mutex("k" + (MANY - 1));
        assertThat(send(two, 1, i -> Acquires.mutex(last, ANN, false, Lease.SESSION, 0)))
                .isInstanceOfSatisfying(
                        Outcome.Granted.class,
                        granted -> assertThat(granted.reacquired()).isFalse());
        catchUp();
        assertThat(machine.holdCount()).isEqualTo(1);
        assertThat(machine.state.sessions.size()).isEqualTo(2);
    }

    @Test
    void the_waiters_of_an_ended_session_leave_in_several_entries_and_are_in_nobodys_way() {
        send(two, 1, i -> Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0));
        send(one, MANY, i -> waiting(Owner.of("user", "w" + i)));
        send(two, 1, i -> waiting(BOB));

        apply(new Batch(List.of(new Command.ExpireSession(one)), List.of()));
        assertThat(machine.waiterCount()).isGreaterThan(1);
        send(two, 1, i -> new Command.ForceRelease(MUTEX, Command.ForceRelease.ANY_TOKEN));
        catchUp();

        assertThat(machine.waiterCount()).isZero();
        assertThat(machine.state.lockables.get(MUTEX).holdOf(BOB)).isNotNull();
    }

    @Test
    void the_holders_of_a_semaphore_are_released_by_force_in_several_entries() {
        send(one, MANY, i -> permits(Owner.of("user", "h" + i)));

        assertThat(send(two, 1, i -> new Command.ForceRelease(POOL, Command.ForceRelease.ANY_TOKEN)))
                .isEqualTo(new Outcome.ForceReleased(MANY));
        assertThat(machine.holdCount()).isPositive();
        assertThat(send(two, 1, i -> new Command.ForceRelease(POOL, Command.ForceRelease.ANY_TOKEN)))
                .isEqualTo(new Outcome.ForceReleased(0));
        Owner last = Owner.of("user", "h" + (MANY - 1));
        assertThat(send(two, 1, i -> permits(last)))
                .isInstanceOfSatisfying(
                        Outcome.Granted.class,
                        granted -> assertThat(granted.reacquired()).isFalse());
        catchUp();

        assertThat(machine.holdCount()).isEqualTo(1);
        assertThat(machine.eventsAfter(one, 0))
                .hasSize(MANY)
                .allSatisfy(event -> assertThat(((Event.HoldLost) event.event()).reason())
                        .isEqualTo(Event.LossReason.FORCE_RELEASED));
    }

    @Test
    void what_many_permits_that_are_free_at_once_grant_is_granted_in_several_entries() {
        int limit = 2 * MANY;
        send(two, 1, i -> Acquires.permits(POOL, ANN, limit, limit, 0));
        send(one, MANY, i -> Acquires.permits(POOL, Owner.of("user", "w" + i), 1, limit, Command.Acquire.WAIT_FOREVER));

        send(two, 1, i -> new Command.ForceRelease(POOL, Command.ForceRelease.ANY_TOKEN));
        assertThat(machine.waiterCount()).isPositive();
        assertThat(send(two, 1, i -> Acquires.permits(POOL, BOB, 1, limit, 0)))
                .as("one that comes later does not overtake")
                .isInstanceOf(Outcome.Refused.class);
        catchUp();

        assertThat(machine.waiterCount()).isZero();
        assertThat(machine.holdCount()).isEqualTo(MANY);
    }

    @Test
    void waiters_make_no_more_holders_than_there_may_be() {
        int most = Limits.HOLDERS_PER_LOCKABLE_MAX;
        send(one, most - 1, i -> permits(Owner.of("user", "h" + i)));
        send(two, 1, i -> Acquires.permits(POOL, ANN, Limits.PERMITS_MAX - most + 1, Limits.PERMITS_MAX, 0));
        send(two, 1, i -> Acquires.permits(POOL, BOB, 1, Limits.PERMITS_MAX, Command.Acquire.WAIT_FOREVER));

        long holdOfAnn = machine.state.lockables.get(POOL).holdOf(ANN).token;
        send(two, 1, i -> new Command.Release(POOL, ANN, holdOfAnn, 100, Command.Release.ANYWHERE, false));
        assertThat(machine.waiterCount()).as("no room for another holder").isEqualTo(1);
        send(two, 1, i -> new Command.ForceRelease(POOL, 1));

        assertThat(machine.waiterCount()).isZero();
        assertThat(machine.state.lockables.get(POOL).holdCount()).isEqualTo(most);
    }

    @Test
    void a_hold_has_a_bounded_number_of_sessions() {
        for (int i = 0; i < Limits.SESSIONS_PER_HOLD_MAX; i++) {
            SessionId session = open(10 + i);
            assertThat(send(session, 1, each -> Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0)))
                    .isInstanceOf(Outcome.Granted.class);
        }
        long token = machine.lastToken();

        assertThat(send(one, 1, each -> Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0)))
                .isInstanceOf(Outcome.Rejected.class);
        assertThat(send(one, 1, each -> new Command.Attach(MUTEX, ANN, token))).isInstanceOf(Outcome.Rejected.class);
    }

    @Test
    void a_request_to_release_asks_a_bounded_number_of_holders() {
        send(one, MANY, i -> permits(Owner.of("user", "h" + i)));

        assertThat(send(two, 1, i -> new Command.RequestRelease(POOL)))
                .isEqualTo(new Outcome.ReleaseRequested(Limits.RELEASES_REQUESTED_MAX));
    }

    @Test
    void a_lockable_and_a_session_larger_than_a_piece_are_cut() throws CorruptSnapshotException {
        String padding = "x".repeat(200);
        send(two, 1, i -> Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0));
        send(one, 8_000, i -> waiting(Owner.of("user", padding + i)));
        send(two, 3000, i -> permits(Owner.of("user", padding + i)));
        for (int i = 0; i < 8_000; i++) {
            machine.state
                    .sessions
                    .get(two)
                    .addEvent(
                            new Event.HoldLost(LockableKey.mutex(padding + i), ANN, 1, Event.LossReason.EXPIRED, 1000));
        }

        List<byte[]> pieces = Snapshots.takeAll(machine);

        assertThat(pieces)
                .hasSizeGreaterThan(5)
                .allSatisfy(piece -> assertThat(piece.length).isLessThan(2 << 20));
        LockMachine restored = Snapshots.restore(pieces);
        assertThat(restored.stateHash()).isEqualTo(machine.stateHash());
        new InvariantChecker().check(restored.state);
    }

    @Test
    void a_snapshot_that_continues_what_it_did_not_begin_is_refused() {
        String padding = "x".repeat(200);
        send(two, 1, i -> Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0));
        send(one, 8_000, i -> waiting(Owner.of("user", padding + i)));
        List<byte[]> pieces = Snapshots.takeAll(machine);

        for (int missing = 0; missing < pieces.size(); missing++) {
            List<byte[]> fewer = new ArrayList<>(pieces);
            fewer.remove(missing);
            assertThatThrownBy(() -> Snapshots.restore(fewer)).isInstanceOf(CorruptSnapshotException.class);
        }
    }

    @Test
    void a_page_ends_when_it_shows_enough() {
        int holders = Limits.PAGE_SIZE_MAX;
        for (int each = 0; each < 8; each++) {
            LockableKey pool = LockableKey.semaphore("p" + each);
            send(one, holders, i -> Acquires.permits(pool, Owner.of("user", "h" + i), 1, Limits.PERMITS_MAX, 0));
        }
        List<Answer.LockableView> all = new ArrayList<>();
        LockableKey after = null;
        int pages = 0;
        boolean more = true;
        while (more) {
            Answer.LockablePage page =
                    (Answer.LockablePage) machine.answer(new Query.ListLockables("", after, Limits.PAGE_SIZE_MAX));
            all.addAll(page.lockables());
            after = all.get(all.size() - 1).lockable();
            more = page.more();
            pages++;
        }

        assertThat(pages).isGreaterThan(1);
        assertThat(all).hasSize(8);
    }

    @Test
    void a_page_of_those_that_are_waited_for_ends_when_many_were_left_out() {
        int many = 2 * Inspector.LEFT_OUT_PER_PAGE_MAX + 10;
        send(one, many, i -> Acquires.mutex(numbered(i), ANN, false, Lease.SESSION, 0));
        List<LockableKey> waitedFor = List.of(numbered(3), numbered(many - 1));
        for (LockableKey each : waitedFor) {
            send(two, 1, i -> Acquires.mutex(each, BOB, false, Lease.SESSION, Command.Acquire.WAIT_FOREVER));
        }

        List<LockableKey> found = new ArrayList<>();
        LockableKey after = null;
        int pages = 1;
        for (; ; pages++) {
            Answer.LockablePage page = (Answer.LockablePage)
                    machine.answer(new Query.ListLockables("", after, Limits.PAGE_SIZE_MAX, true));
            for (Answer.LockableView each : page.lockables()) {
                after = each.lockable();
                if (each.waiterCount() > 0) {
                    found.add(after);
                }
            }
            if (!page.more()) {
                break;
            }
        }
        assertThat(found).isEqualTo(waitedFor);
        assertThat(pages).isEqualTo(3);
    }

    private static LockableKey numbered(int i) {
        return LockableKey.mutex(String.format("n%06d", i));
    }

    private static ClientCommand waiting(Owner owner) {
        return Acquires.mutex(MUTEX, owner, false, Lease.SESSION, Command.Acquire.WAIT_FOREVER);
    }

    private static ClientCommand permits(Owner owner) {
        return Acquires.permits(POOL, owner, 1, Limits.PERMITS_MAX, 0);
    }

    private SessionId open(long nonce) {
        return TestSession.opened(apply(TestSession.openBatch(nonce)));
    }

    private Outcome send(SessionId session, int count, IntFunction<ClientCommand> command) {
        Outcome last = new Outcome.SessionClosed();
        for (int from = 0; from < count; from += 1000) {
            List<SequencedCommand> commands = new ArrayList<>();
            long before = sequence;
            for (int i = from; i < Math.min(from + 1000, count); i++) {
                commands.add(new SequencedCommand(++sequence, command.apply(i)));
            }
            var outcomes = apply(Batch.of(new SessionBatch(session, before, 0, commands)))
                    .replies()
                    .get(0)
                    .outcomes();
            last = outcomes.get(outcomes.size() - 1).outcome();
        }
        return last;
    }

    private Applied tick() {
        return apply(new Batch(List.of(new Command.Tick()), List.of()));
    }

    private void catchUp() {
        while (machine.state.isBehind()) {
            var unused = tick();
        }
        invariants.check(machine.state);
    }

    private Applied apply(SessionBatch batch) {
        return apply(Batch.of(batch));
    }

    private Applied apply(Batch batch) {
        return machine.apply(machine.appliedIndex() + 1, stamp, batch);
    }
}
