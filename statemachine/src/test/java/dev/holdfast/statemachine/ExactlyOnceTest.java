package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static dev.holdfast.statemachine.Acquires.granted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ExactlyOnceTest {
    private static final Command.Acquire TWO_PERMITS = Acquires.permits(POOL, ANN, 2, 10, 0);

    private final Scenario scenario = new Scenario();
    private final TestSession session = scenario.open();
    private final TestSession other = scenario.open();

    @Test
    void a_repeated_command_has_the_same_outcome_and_no_effect() {
        assertThat(session.sendAs(1, TWO_PERMITS)).isEqualTo(granted(1, 2));
        assertThat(session.sendAs(1, TWO_PERMITS)).isEqualTo(granted(1, 2));

        assertThat(other.acquirePermits(POOL, BOB, 8, 10)).isEqualTo(granted(2, 8));
    }

    @Test
    void a_repeated_refusal_stays_a_refusal() {
        other.acquire(MUTEX, BOB);
        Command.Acquire acquire = Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0);
        session.sendAs(1, acquire);
        other.release(MUTEX, BOB, 1);

        assertThat(session.sendAs(1, acquire)).isEqualTo(new Outcome.Refused(BOB, 1, 0));
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_repeated_command_in_one_batch_is_executed_once() {
        SequencedCommand command = new SequencedCommand(1, TWO_PERMITS);

        Applied applied = scenario.apply(
                new SessionBatch(session.id(), 0, 0, List.of(command, command)),
                new SessionBatch(session.id(), 0, 0, List.of(command)));

        assertThat(applied.replies())
                .hasSize(2)
                .allSatisfy(reply -> assertThat(reply.outcomes())
                        .allSatisfy(outcome -> assertThat(outcome.outcome()).isEqualTo(granted(1, 2))));
    }

    @Test
    void a_repeated_queued_acquire_queues_once() {
        other.acquire(MUTEX, BOB);
        Command.Acquire acquire = Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 100);

        assertThat(session.sendAs(1, acquire)).isEqualTo(new Outcome.Queued(0));
        assertThat(session.sendAs(1, acquire)).isEqualTo(new Outcome.Queued(0));
        assertThat(scenario.machine().waiterCount()).isEqualTo(1);
    }

    @Test
    void outcomes_survive_a_restart() throws CorruptSnapshotException {
        session.sendAs(1, TWO_PERMITS);

        scenario.restart();

        assertThat(session.sendAs(1, TWO_PERMITS)).isEqualTo(granted(1, 2));
        assertThat(scenario.state().lockables.get(POOL).held()).isEqualTo(2);
    }

    @Test
    void a_late_copy_of_an_acknowledged_command_is_stale() {
        session.sendAs(1, TWO_PERMITS);
        session.acknowledge(1, 0);

        assertThat(session.sendAs(1, TWO_PERMITS)).satisfies(rejectedAs(RejectionCode.SEQUENCE_STALE));
        assertThat(scenario.state().lockables.get(POOL).held()).isEqualTo(2);
    }

    @Test
    void an_acknowledgement_is_never_taken_back() {
        session.acknowledge(5, 0);
        session.acknowledge(2, 0);

        assertThat(session.sendAs(5, TWO_PERMITS)).satisfies(rejectedAs(RejectionCode.SEQUENCE_STALE));
        assertThat(session.sendAs(6, TWO_PERMITS)).isEqualTo(granted(1, 2));
    }

    @Test
    void sequences_below_one_are_stale() {
        assertThat(session.sendAs(0, TWO_PERMITS)).satisfies(rejectedAs(RejectionCode.SEQUENCE_STALE));
        assertThat(session.sendAs(Long.MIN_VALUE, TWO_PERMITS)).satisfies(rejectedAs(RejectionCode.SEQUENCE_STALE));
    }

    @Test
    void commands_of_one_session_may_arrive_out_of_order() {
        assertThat(session.sendAs(3, TWO_PERMITS)).isEqualTo(granted(1, 2));
        assertThat(session.sendAs(1, TWO_PERMITS)).isEqualTo(Acquires.reacquired(1, 4));
        assertThat(session.sendAs(3, TWO_PERMITS)).isEqualTo(granted(1, 2));
    }

    @Test
    void a_sequence_too_far_ahead_is_refused() {
        long tooFar = Limits.UNACKNOWLEDGED_OUTCOMES_MAX + 1L;

        assertThat(session.sendAs(tooFar, TWO_PERMITS)).satisfies(rejectedAs(RejectionCode.LIMIT_REACHED));
        assertThat(session.sendAs(Long.MAX_VALUE, TWO_PERMITS)).satisfies(rejectedAs(RejectionCode.LIMIT_REACHED));
        assertThat(scenario.state().lastToken).isZero();

        assertThat(session.sendAs(tooFar - 1, TWO_PERMITS)).isEqualTo(granted(1, 2));
        session.acknowledge(1, 0);
        assertThat(session.sendAs(tooFar, TWO_PERMITS)).isEqualTo(Acquires.reacquired(1, 4));
    }

    @Test
    void even_the_greatest_acknowledgement_harms_nobody_else() throws CorruptSnapshotException {
        session.sendAs(1, TWO_PERMITS);

        session.acknowledge(Long.MAX_VALUE, Long.MAX_VALUE);

        assertThat(session.sendAs(2, TWO_PERMITS)).satisfies(rejectedAs(RejectionCode.SEQUENCE_STALE));
        scenario.restart();
        assertThat(other.acquirePermits(POOL, BOB, 8, 10)).isEqualTo(granted(2, 8));
    }

    private static Consumer<Outcome> rejectedAs(RejectionCode code) {
        return outcome -> assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(code));
    }
}
