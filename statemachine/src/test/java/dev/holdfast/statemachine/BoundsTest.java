package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class BoundsTest {
    private static final int PER_BATCH = 1000;

    private final LockMachine machine = new LockMachine();

    @Test
    void the_queue_of_a_lockable_is_bounded() {
        SessionId session = open(1);
        send(session, 1, 1, sequence -> Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0));

        int waiters = Limits.WAITERS_PER_LOCKABLE_MAX;
        assertThat(send(session, 2, waiters, sequence -> waiting("bob" + sequence)))
                .isEqualTo(new Outcome.Queued(waiters - 1));
        assertLimit(send(session, waiters + 2, 1, sequence -> waiting("one too many")));
        assertThat(machine.waiterCount()).isEqualTo(waiters);
    }

    @Test
    void the_holders_of_a_semaphore_are_bounded() {
        SessionId session = open(1);
        int holders = Limits.HOLDERS_PER_LOCKABLE_MAX;

        assertThat(send(session, 1, holders, sequence -> permits(Owner.of("user", "bob" + sequence), 1)))
                .isInstanceOf(Outcome.Granted.class);
        assertLimit(send(session, holders + 1, 1, sequence -> permits(Owner.of("user", "one too many"), 1)));
        assertThat(send(session, holders + 2, 1, sequence -> permits(Owner.of("user", "bob1"), 1)))
                .isInstanceOf(Outcome.Granted.class);
    }

    @Test
    void the_sessions_are_bounded() {
        for (long nonce = 1; nonce <= Limits.SESSIONS_MAX; nonce++) {
            open(nonce);
        }

        Applied oneTooMany = apply(TestSession.openBatch(Limits.SESSIONS_MAX + 1L));

        assertLimit(TestSession.outcomeOf(oneTooMany));
        assertThat(open(1)).isEqualTo(new SessionId(1, 1));
    }

    @Test
    void the_sessions_of_an_account_are_bounded() {
        for (long nonce = 1; nonce <= Limits.SESSIONS_PER_ACCOUNT_MAX; nonce++) {
            openAs(nonce, "alice");
        }

        assertLimit(openAs(0, "alice"));
        assertThat(openAs(0, "bob")).isInstanceOf(Outcome.SessionOpened.class);
    }

    @Test
    void the_rules_and_the_audit_are_bounded() {
        SessionId session = open(1);
        Caller admin = new Caller("root", "10.0.0.7", 1);
        for (int i = 1; i <= Limits.RULES_MAX; i++) {
            assertThat(put(session, i, admin)).isEqualTo(new Outcome.RulesChanged(true));
        }

        assertLimit(put(session, Limits.RULES_MAX + 1, admin));
        assertThat(machine.rules()).hasSize(Limits.RULES_MAX);
        assertThat(machine.state.audit.list())
                .hasSize(Limits.AUDIT_RECORDS_MAX)
                .first()
                .satisfies(each -> {
                    assertThat(each.number()).isEqualTo(2);
                    assertThat(each.target()).isEqualTo("s2 lock *");
                });
    }

    private Outcome put(SessionId session, int number, Caller caller) {
        Rule rule = new Rule("s" + number, Role.LOCK, "", OwnerBinding.ANY);
        SequencedCommand command = new SequencedCommand(number, new Command.PutRule(rule));
        return TestSession.outcomeOf(apply(new SessionBatch(session, number - 1, 0, List.of(command), caller)));
    }

    private Outcome openAs(long nonce, String principal) {
        return TestSession.outcomeOf(
                apply(TestSession.openBatch(nonce).withCaller(new Caller(principal, "10.0.0.7", 1))));
    }

    @Test
    void the_count_of_a_hold_is_bounded() {
        SessionId session = open(1);
        send(session, 1, 1, sequence -> Acquires.mutex(MUTEX, ANN, true, Lease.SESSION, 0));
        machine.state.lockables.get(MUTEX).holdOf(ANN).add(Limits.PERMITS_MAX - 1);

        assertLimit(send(session, 2, 1, sequence -> Acquires.mutex(MUTEX, ANN, true, Lease.SESSION, 0)));
    }

    @Test
    void permits_of_a_semaphore_are_bounded_without_overflow() {
        SessionId session = open(1);
        send(session, 1, 1, sequence -> permits(ANN, Limits.PERMITS_MAX));

        assertThat(send(session, 2, 1, sequence -> permits(BOB, Limits.PERMITS_MAX)))
                .isEqualTo(new Outcome.Refused(ANN, 1, 0));
    }

    @Test
    void a_session_that_acknowledges_no_events_acquires_nothing_more() {
        SessionId session = open(1);
        Session kept = machine.state.sessions.get(session);
        for (int i = 0; i < Limits.UNACKNOWLEDGED_EVENTS_MAX; i++) {
            kept.addEvent(new Event.WaitEnded(1, Event.WaitEnd.TIMED_OUT));
        }

        assertLimit(send(session, 1, 1, sequence -> permits(ANN, 1)));

        apply(new SessionBatch(session, 0, 1, List.of()));
        assertThat(send(session, 2, 1, sequence -> permits(ANN, 1))).isInstanceOf(Outcome.Granted.class);
    }

    private static ClientCommand waiting(String id) {
        return Acquires.mutex(MUTEX, Owner.of("user", id), false, Lease.SESSION, Command.Acquire.WAIT_FOREVER);
    }

    private static ClientCommand permits(Owner owner, int permits) {
        return Acquires.permits(POOL, owner, permits, Limits.PERMITS_MAX, 0);
    }

    private static void assertLimit(Outcome outcome) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(RejectionCode.LIMIT_REACHED));
    }

    private SessionId open(long nonce) {
        return TestSession.opened(apply(TestSession.openBatch(nonce)));
    }

    /** Sends {@code count} commands in batches that acknowledge those before, and returns the last outcome. */
    private Outcome send(SessionId session, long first, int count, LongFunction<ClientCommand> command) {
        SequencedOutcome last = null;
        for (long from = first; from < first + count; from += PER_BATCH) {
            List<SequencedCommand> commands = new ArrayList<>();
            for (long sequence = from; sequence < Math.min(from + PER_BATCH, first + count); sequence++) {
                commands.add(new SequencedCommand(sequence, command.apply(sequence)));
            }
            List<SequencedOutcome> outcomes = apply(new SessionBatch(session, from - 1, 0, commands))
                    .replies()
                    .get(0)
                    .outcomes();
            last = outcomes.get(outcomes.size() - 1);
        }
        return last.outcome();
    }

    private Applied apply(SessionBatch batch) {
        return machine.apply(machine.appliedIndex() + 1, 1000, Batch.of(batch));
    }
}
