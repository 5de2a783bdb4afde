package dev.holdfast.statemachine;

import static dev.holdfast.protocol.Answer.ChangeView.NOTHING_ENDED;
import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the machine tells of what happened to lockables. That it tells all of it, the simulation checks. */
class ChangesTest {
    private final LockMachine machine = new LockMachine();
    private final SessionId one = open("one");
    private final SessionId two = open("two");
    private long sequence;

    private SessionId open(String name) {
        Applied applied = machine.apply(
                machine.appliedIndex() + 1,
                machine.logTimeMs(),
                Batch.of(new SessionBatch(
                                new SessionId(name.hashCode(), 0),
                                0,
                                0,
                                List.of(new SequencedCommand(0, new Command.OpenSession(60_000, "host", name))))
                        .withCaller(new Caller("principal of " + name, "10.0.0.7", 1))));
        return applied.opened().get(0).session();
    }

    private List<Change> at(long logTimeMs, SessionId session, Command.ClientCommand command) {
        return machine.apply(
                        machine.appliedIndex() + 1,
                        logTimeMs,
                        Batch.of(new SessionBatch(session, 0, 0, List.of(new SequencedCommand(++sequence, command)))))
                .changes();
    }

    private List<Change> at(long logTimeMs, Command.SystemCommand command) {
        return machine.apply(machine.appliedIndex() + 1, logTimeMs, Batch.ofSystem(command))
                .changes();
    }

    private static Change.Client client(SessionId session, String name) {
        return new Change.Client(session, "host", name, "principal of " + name, "10.0.0.7");
    }

    @Test
    void a_lock_goes_from_one_to_the_next() {
        Change.Client ann = client(one, "one");
        Change.Client bob = client(two, "two");
        assertThat(at(1000, one, new Command.Acquire(MUTEX, ANN, 1, 1, false, Lease.SESSION, 0)))
                .containsExactly(new Change(ChangeKind.GRANTED, MUTEX, ANN, 1, 1, NOTHING_ENDED, ann));
        assertThat(at(1500, two, new Command.Acquire(MUTEX, BOB, 1, 1, false, Lease.SESSION, 10_000)))
                .containsExactly(new Change(ChangeKind.QUEUED, MUTEX, BOB, 0, 1, NOTHING_ENDED, bob));
        assertThat(at(3000, one, new Command.Release(MUTEX, ANN, 1, Command.Release.ALL)))
                .containsExactly(
                        new Change(ChangeKind.RELEASED, MUTEX, ANN, 1, 0, 2000, ann),
                        new Change(ChangeKind.GRANTED, MUTEX, BOB, 2, 1, 1500, bob));
    }

    @Test
    void what_ends_a_hold_or_a_wait_is_told_apart() {
        Change.Client bob = client(two, "two");
        var unused = at(0, one, new Command.Acquire(MUTEX, ANN, 1, 1, false, Lease.ttl(100), 0));
        unused = at(0, two, new Command.Acquire(MUTEX, BOB, 1, 1, false, Lease.SESSION, 50));
        assertThat(at(50, new Command.Tick()))
                .containsExactly(new Change(ChangeKind.WAIT_TIMED_OUT, MUTEX, BOB, 0, 1, 50, bob));
        assertThat(at(100, new Command.Tick()))
                .containsExactly(new Change(ChangeKind.EXPIRED, MUTEX, ANN, 1, 0, 100, client(one, "one")));

        unused = at(100, two, new Command.Acquire(MUTEX, BOB, 1, 1, false, Lease.SESSION, 0));
        assertThat(at(160, one, new Command.ForceRelease(MUTEX, Command.ForceRelease.ANY_TOKEN)))
                .as("whose hold it was; the audit knows who took it")
                .containsExactly(new Change(ChangeKind.FORCE_RELEASED, MUTEX, BOB, 2, 0, 60, bob));

        unused = at(200, two, new Command.Acquire(MUTEX, BOB, 1, 1, false, Lease.SESSION, 0));
        unused = at(200, one, new Command.Acquire(MUTEX, ANN, 1, 1, false, Lease.SESSION, 1000));
        long acquire = sequence;
        assertThat(at(207, one, new Command.CancelAcquire(acquire)))
                .containsExactly(new Change(ChangeKind.WAIT_CANCELLED, MUTEX, ANN, 0, 1, 7, client(one, "one")));
        unused = at(210, one, new Command.Acquire(MUTEX, ANN, 1, 1, false, Lease.SESSION, 1000));
        assertThat(at(220, new Command.ExpireSession(one)))
                .containsExactly(
                        new Change(ChangeKind.WAIT_ENDED_WITH_SESSION, MUTEX, ANN, 0, 1, 10, client(one, "one")));
        assertThat(at(230, new Command.ExpireSession(two)))
                .containsExactly(new Change(ChangeKind.ENDED_WITH_SESSION, MUTEX, BOB, 3, 0, 30, bob));
    }

    @Test
    void a_hold_of_permits_tells_what_is_left() {
        Change.Client ann = client(one, "one");
        var unused = at(0, one, new Command.Acquire(POOL, ANN, 3, 5, false, Lease.SESSION, 0));
        assertThat(at(1, one, new Command.Acquire(POOL, ANN, 2, 5, false, Lease.SESSION, 0)))
                .containsExactly(new Change(ChangeKind.GRANTED_AGAIN, POOL, ANN, 1, 5, NOTHING_ENDED, ann));
        assertThat(at(2, one, new Command.Release(POOL, ANN, 1, 4)))
                .containsExactly(new Change(ChangeKind.RELEASED, POOL, ANN, 1, 1, NOTHING_ENDED, ann));
        assertThat(at(3, one, new Command.CancelAcquire(1)))
                .as("what is left of it goes with the acquire that is taken back")
                .containsExactly(new Change(ChangeKind.RELEASED, POOL, ANN, 1, 0, 3, ann));
    }

    @Test
    void what_changes_nothing_is_not_told() {
        var unused = at(0, one, new Command.Acquire(MUTEX, ANN, 1, 1, false, Lease.SESSION, 0));
        assertThat(at(1, two, new Command.Acquire(MUTEX, BOB, 1, 1, false, Lease.SESSION, 0)))
                .as("a refusal")
                .isEmpty();
        assertThat(at(2, two, new Command.Release(MUTEX, BOB, 1, Command.Release.ALL)))
                .as("of what somebody else holds")
                .isEmpty();
        assertThat(at(3, one, new Command.Extend(MUTEX, ANN, 1, 1000)))
                .as("an extension")
                .isEmpty();
    }
}
