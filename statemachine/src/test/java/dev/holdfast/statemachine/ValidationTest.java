package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ValidationTest {
    private static final String LONE_HIGH = "a\ud83d";
    private static final String LONE_LOW = "\ude00a";
    private static final String PAIR = "\ud83d\ude00";

    private final LockMachine machine = new LockMachine();
    private final SessionId session = open(machine);
    private long lastSequence;

    private static SessionId open(LockMachine machine) {
        Applied applied = machine.apply(1, 1000, Batch.of(TestSession.openBatch(1)));
        return TestSession.opened(applied);
    }

    @ParameterizedTest
    @MethodSource("badTexts")
    void a_bad_rule_is_refused(String text, RejectionCode code) {
        refuses(new Command.PutRule(new Rule(text, Role.LOCK, "", OwnerBinding.ANY)), code);
        refuses(new Command.RemoveRule(new Rule(text, Role.LOCK, "", OwnerBinding.ANY)), code);
        if (!text.isEmpty()) {
            String prefix = code == RejectionCode.TOO_LONG ? text.repeat(5) : text;
            refuses(new Command.PutRule(new Rule("alice", Role.LOCK, prefix, OwnerBinding.ANY)), code);
        }
        refuses(new Command.PutRule(new Rule("alice", Role.ADMIN, "a", OwnerBinding.ANY)), RejectionCode.INVALID);
        refuses(new Command.PutRule(new Rule("alice", Role.READ, "a", OwnerBinding.OWNER)), RejectionCode.INVALID);
    }

    @ParameterizedTest
    @MethodSource("badTexts")
    void nothing_of_a_batch_is_executed_whose_caller_has_a_bad_name(String text, RejectionCode code) {
        if (!text.isEmpty()) {
            SessionBatch open = TestSession.openBatch(7);
            for (Caller caller : List.of(new Caller(text, "", 1), new Caller("", text, 1))) {
                Applied applied = machine.apply(machine.appliedIndex() + 1, 1000, Batch.of(open.withCaller(caller)));
                assertThat(TestSession.outcomeOf(applied))
                        .isInstanceOfSatisfying(
                                Outcome.Rejected.class,
                                rejected -> assertThat(rejected.code()).isEqualTo(code));
                assertThat(applied.opened()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("badTexts")
    void a_bad_key_is_refused_and_changes_nothing(String text, RejectionCode code) {
        String key = code == RejectionCode.TOO_LONG ? text.repeat(5) : text;
        LockableKey lockable = LockableKey.mutex(key);
        refuses(acquire(lockable, ANN), code);
        refuses(acquireAll(MUTEX, lockable), code);
        refuses(new Command.Release(lockable, ANN, 1, 0), code);
        refuses(new Command.Extend(lockable, ANN, 1, 1), code);
        refuses(new Command.Attach(lockable, ANN, 1), code);
        refuses(new Command.Leave(lockable, ANN, 1), code);
        refuses(new Command.ExpireIn(lockable, ANN, 1, 1, 1), code);
        refuses(new Command.Drain(lockable, ANN, 1, Lease.SESSION), code);
        refuses(new Command.ForceRelease(lockable, 0), code);
        refuses(new Command.RequestRelease(lockable), code);
    }

    @ParameterizedTest
    @MethodSource("badTexts")
    void a_bad_owner_is_refused_and_changes_nothing(String text, RejectionCode code) {
        List<Owner> owners = List.of(
                Owner.of(text, "id"),
                Owner.of("type", text),
                new Owner("type", "id", new Owner.Scope(text, "id")),
                new Owner("type", "id", new Owner.Scope("type", text)));
        for (Owner owner : owners) {
            refuses(acquire(MUTEX, owner), code);
            refuses(new Command.AcquireAll(List.of(MUTEX), owner, false, Lease.SESSION, 0), code);
            refuses(new Command.Release(MUTEX, owner, 1, 0), code);
            refuses(new Command.Extend(MUTEX, owner, 1, 1), code);
        }
    }

    @ParameterizedTest
    @MethodSource("badTexts")
    void a_bad_name_of_a_session_is_refused_and_opens_nothing(String text, RejectionCode code) {
        refusesOpen(new Command.OpenSession(1000, text, "name"), code);
        refusesOpen(new Command.OpenSession(1000, "host", text), code);
    }

    @Test
    void an_acquire_of_several_names_some_mutexes_once_each_and_not_too_many() {
        LockableKey[] tooMany = IntStream.rangeClosed(0, Limits.LOCKABLES_PER_ACQUIRE_MAX)
                .mapToObj(i -> LockableKey.mutex("k" + i))
                .toArray(LockableKey[]::new);

        refuses(acquireAll(), RejectionCode.INVALID);
        refuses(acquireAll(tooMany), RejectionCode.INVALID);
        refuses(acquireAll(MUTEX, Acquires.OTHER_MUTEX, MUTEX), RejectionCode.INVALID);
        refuses(acquireAll(MUTEX, POOL), RejectionCode.INVALID);
        refuses(new Command.AcquireAll(List.of(MUTEX), ANN, false, Lease.SESSION, -1), RejectionCode.INVALID);
        refuses(new Command.AcquireAll(List.of(MUTEX), ANN, false, Lease.ttl(0), 0), RejectionCode.INVALID);
    }

    private static Command.AcquireAll acquireAll(LockableKey... lockables) {
        return new Command.AcquireAll(List.of(lockables), ANN, false, Lease.SESSION, 0);
    }

    static Stream<Arguments> badTexts() {
        return Stream.of(
                arguments("", RejectionCode.INVALID),
                arguments("a\u0000", RejectionCode.INVALID),
                arguments("\n", RejectionCode.INVALID),
                arguments("\u001f", RejectionCode.INVALID),
                arguments("\u007f", RejectionCode.INVALID),
                arguments("\u0085", RejectionCode.INVALID),
                arguments("\u009f", RejectionCode.INVALID),
                arguments(LONE_HIGH, RejectionCode.INVALID),
                arguments(LONE_HIGH + "b", RejectionCode.INVALID),
                arguments(LONE_LOW, RejectionCode.INVALID),
                arguments("x".repeat(256), RejectionCode.TOO_LONG),
                arguments("\u00e9".repeat(128), RejectionCode.TOO_LONG),
                arguments("\u20ac".repeat(86), RejectionCode.TOO_LONG),
                arguments(PAIR.repeat(64), RejectionCode.TOO_LONG));
    }

    @ParameterizedTest
    @MethodSource("badNumbers")
    void a_number_out_of_range_is_refused_and_changes_nothing(ClientCommand command) {
        refuses(command, RejectionCode.INVALID);
    }

    static Stream<ClientCommand> badNumbers() {
        return Stream.of(
                permits(0, 1),
                permits(-1, 1),
                permits(Integer.MIN_VALUE, 1),
                permits(Limits.PERMITS_MAX + 1, Limits.PERMITS_MAX),
                permits(1, 0),
                permits(1, -1),
                permits(1, Limits.PERMITS_MAX + 1),
                new Command.Acquire(MUTEX, ANN, 2, 2, false, Lease.SESSION, 0),
                new Command.Acquire(MUTEX, ANN, 1, 2, false, Lease.SESSION, 0),
                new Command.Acquire(POOL, ANN, 1, 1, true, Lease.SESSION, 0),
                waiting(-1),
                waiting(Long.MIN_VALUE),
                waiting(Limits.WAIT_MS_MAX + 1),
                waiting(Long.MAX_VALUE - 1),
                leased(Lease.ttl(0)),
                leased(Lease.ttl(-1)),
                leased(Lease.ttl(Limits.TTL_MS_MAX + 1)),
                leased(Lease.ttl(Long.MAX_VALUE)),
                leased(new Lease(LeaseKind.SESSION, 1)),
                leased(new Lease(LeaseKind.UNTIL_RELEASED, 1)),
                new Command.Release(MUTEX, ANN, 0, 0),
                new Command.Release(MUTEX, ANN, -1, 0),
                new Command.Release(MUTEX, ANN, 1, -1),
                new Command.Release(MUTEX, ANN, 1, Limits.PERMITS_MAX + 1),
                new Command.Extend(MUTEX, ANN, 0, 1),
                new Command.Extend(MUTEX, ANN, Long.MIN_VALUE, 1),
                new Command.Extend(MUTEX, ANN, 1, 0),
                new Command.Extend(MUTEX, ANN, 1, Long.MAX_VALUE),
                new Command.Attach(MUTEX, ANN, 0),
                new Command.Leave(MUTEX, ANN, -1),
                new Command.Leave(LockableKey.semaphore("pool"), ANN, 1),
                new Command.ExpireIn(MUTEX, ANN, 0, 1, 1),
                new Command.ExpireIn(MUTEX, ANN, 1, 0, 1),
                new Command.ExpireIn(MUTEX, ANN, 1, Limits.TTL_MS_MAX + 1, 1),
                new Command.Drain(MUTEX, ANN, 1, Lease.SESSION),
                new Command.Drain(POOL, ANN, 0, Lease.SESSION),
                new Command.Drain(POOL, ANN, Limits.PERMITS_MAX + 1, Lease.SESSION),
                new Command.Drain(POOL, ANN, 1, Lease.ttl(0)),
                new Command.ForceRelease(MUTEX, -1),
                new Command.CancelAcquire(0));
    }

    @Test
    void a_session_lease_out_of_range_is_refused() {
        refusesOpen(new Command.OpenSession(0, "host", "name"), RejectionCode.INVALID);
        refusesOpen(new Command.OpenSession(Limits.SESSION_LEASE_MS_MIN - 1, "host", "name"), RejectionCode.INVALID);
        refusesOpen(new Command.OpenSession(Limits.SESSION_LEASE_MS_MAX + 1, "host", "name"), RejectionCode.INVALID);
    }

    @Test
    void the_longest_and_oddest_permitted_texts_are_accepted() {
        for (String text : List.of("x".repeat(255), "\u00e9".repeat(127), "\u20ac".repeat(85), PAIR.repeat(63), " ")) {
            Owner owner = new Owner(text, text, new Owner.Scope(text, text));
            assertThat(execute(machine, session, acquire(LockableKey.mutex(text.repeat(4)), owner)))
                    .isInstanceOf(Outcome.Granted.class);
            execute(machine, session, new Command.ForceRelease(LockableKey.mutex(text.repeat(4)), 0));
        }
    }

    private void refuses(ClientCommand command, RejectionCode code) {
        Outcome outcome = execute(machine, session, command);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(code));
        machine.state.sessions.get(session).acknowledgeOutcomes(lastSequence);
        assertThat(machine.stateHash()).as("state without the stored outcome").isEqualTo(untouched());
    }

    /** The state as if each command had been an acknowledgement only. */
    private String untouched() {
        LockMachine other = new LockMachine();
        SessionId id = open(other);
        other.apply(machine.appliedIndex(), 1000, Batch.of());
        other.state.sessions.get(id).acknowledgeOutcomes(lastSequence);
        return other.stateHash();
    }

    private Outcome execute(LockMachine target, SessionId id, ClientCommand command) {
        SequencedCommand sequenced = new SequencedCommand(++lastSequence, command);
        return TestSession.outcomeOf(target.apply(
                target.appliedIndex() + 1, 1000, Batch.of(new SessionBatch(id, 0, 0, List.of(sequenced)))));
    }

    private void refusesOpen(Command.OpenSession open, RejectionCode code) {
        SessionBatch batch = new SessionBatch(new SessionId(9, 0), 0, 0, List.of(new SequencedCommand(0, open)));

        Outcome outcome = TestSession.outcomeOf(machine.apply(machine.appliedIndex() + 1, 1000, Batch.of(batch)));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(code));
        assertThat(machine.stateHash()).isEqualTo(untouched());
    }

    private static ClientCommand acquire(LockableKey lockable, Owner owner) {
        return Acquires.mutex(lockable, owner, false, Lease.SESSION, 0);
    }

    private static ClientCommand permits(int permits, int limit) {
        return Acquires.permits(POOL, ANN, permits, limit, 0);
    }

    private static ClientCommand waiting(long waitMs) {
        return Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, waitMs);
    }

    private static ClientCommand leased(Lease lease) {
        return Acquires.mutex(MUTEX, ANN, false, lease, 0);
    }
}
