package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.granted;
import static dev.holdfast.statemachine.Acquires.released;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SessionTest {
    private static final long NONCE = 0xFEDCBA9876543210L;

    private final Scenario scenario = new Scenario();

    @Test
    void an_open_adds_a_number_to_the_nonce() {
        assertThat(scenario.openNonce(NONCE)).isEqualTo(new SessionId(NONCE, 1));
        assertThat(scenario.openNonce(5)).isEqualTo(new SessionId(5, 2));
    }

    @Test
    void a_repeated_open_answers_the_open_session() throws CorruptSnapshotException {
        scenario.openNonce(NONCE);

        Applied repeated = scenario.apply(TestSession.openBatch(NONCE));
        assertThat(TestSession.opened(repeated)).isEqualTo(new SessionId(NONCE, 1));
        assertThat(repeated.opened()).isEmpty();

        scenario.restart();
        assertThat(scenario.openNonce(NONCE)).isEqualTo(new SessionId(NONCE, 1));
        assertThat(scenario.machine().sessionCount()).isEqualTo(1);
    }

    @Test
    void a_late_open_after_the_close_opens_another_session_that_no_late_command_reaches() {
        TestSession session = scenario.open(NONCE);
        SessionBatch acquire = session.batch(1, Acquires.mutex(MUTEX, ANN, false, Lease.SESSION, 0));
        scenario.apply(acquire);
        session.sendAs(2, new Command.CloseSession());

        assertThat(scenario.openNonce(NONCE)).isEqualTo(new SessionId(NONCE, 2));
        assertThat(TestSession.outcomeOf(scenario.apply(acquire))).satisfies(this::unknownSession);
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_session_that_another_ends_loses_what_it_holds_and_is_unknown_from_then_on() {
        TestSession stuck = scenario.open();
        TestSession other = scenario.open();
        stuck.acquire(MUTEX, ANN);

        assertThat(other.send(new Command.EndSession(stuck.id()))).isEqualTo(new Outcome.Acknowledged());

        assertThat(other.acquire(MUTEX, BOB)).isInstanceOf(Outcome.Granted.class);
        assertThat(stuck.acquire(MUTEX, ANN)).satisfies(this::unknownSession);
        assertThat(other.send(new Command.EndSession(stuck.id()))).isEqualTo(new Outcome.Acknowledged());
    }

    @Test
    void whoever_ends_a_session_needs_none() {
        TestSession stuck = scenario.open();
        stuck.acquire(MUTEX, ANN);

        Applied applied = scenario.apply(new SessionBatch(
                new SessionId(NONCE, 0), 0, 0, List.of(new SequencedCommand(0, new Command.EndSession(stuck.id())))));

        assertThat(TestSession.outcomeOf(applied)).isEqualTo(new Outcome.Acknowledged());
        assertThat(applied.ended()).containsExactly(stuck.id());
        assertThat(scenario.machine().holdCount()).isZero();
        assertThat(scenario.machine().sessionCount()).isZero();
    }

    @Test
    void the_audit_names_the_session_that_ended_another_even_if_it_closed_itself_just_before() {
        TestSession stuck = scenario.open();
        TestSession alice = scenario.openAs(new Caller("alice", "10.0.0.7", 1));

        scenario.apply(new SessionBatch(
                alice.id(),
                0,
                0,
                List.of(
                        new SequencedCommand(1, new Command.CloseSession()),
                        new SequencedCommand(2, new Command.EndSession(stuck.id())))));

        assertThat(scenario.state().audit.list()).singleElement().satisfies(record -> {
            assertThat(record.principal()).isEqualTo("alice");
            assertThat(record.address()).isEqualTo("10.0.0.7");
        });
    }

    @Test
    void a_session_that_ends_itself_ends() {
        TestSession session = scenario.open();

        assertThat(session.send(new Command.EndSession(session.id()))).isEqualTo(new Outcome.Acknowledged());

        assertThat(session.acquire(MUTEX, ANN)).satisfies(this::unknownSession);
    }

    @Test
    void a_session_number_is_never_assigned_again() throws CorruptSnapshotException {
        scenario.open().close();
        scenario.restart();

        assertThat(scenario.open().id().low()).isEqualTo(2);
    }

    @Test
    void an_open_reports_its_lease_to_the_driver() {
        Applied applied = scenario.apply(TestSession.openBatch(NONCE));

        assertThat(applied.opened()).containsExactly(new Applied.OpenSession(new SessionId(NONCE, 1), 1000, ""));
        List<Applied.OpenSession> all = new ArrayList<>();
        scenario.machine().forEachSession(all::add);
        assertThat(all).isEqualTo(applied.opened());
    }

    @Test
    void an_open_must_stand_alone_and_come_without_a_number() {
        SequencedCommand open = new SequencedCommand(0, new Command.OpenSession(1000, "host", "name"));
        SessionId unopened = new SessionId(NONCE, 0);

        Applied applied = scenario.apply(
                new SessionBatch(unopened, 0, 0, List.of(open, open)),
                new SessionBatch(new SessionId(NONCE, 1), 0, 0, List.of(open)));

        assertThat(applied.replies())
                .allSatisfy(reply -> assertThat(reply.outcomes())
                        .allSatisfy(
                                outcome -> assertThat(outcome.outcome()).satisfies(rejected(RejectionCode.INVALID))));
        assertThat(scenario.machine().sessionCount()).isZero();
    }

    @Test
    void commands_of_a_session_that_never_existed_are_refused() {
        TestSession stranger = new TestSession(scenario, new SessionId(NONCE, 7));

        assertThat(stranger.acquire(MUTEX, ANN)).satisfies(this::unknownSession);
        assertThat(scenario.state().lockables.size()).isZero();
    }

    @Test
    void commands_after_a_close_are_refused() {
        TestSession session = scenario.open();

        Applied applied = scenario.apply(new SessionBatch(
                session.id(),
                0,
                0,
                List.of(
                        new SequencedCommand(1, new Command.CloseSession()),
                        new SequencedCommand(2, Acquires.mutex(MUTEX, ANN, false, Lease.UNTIL_RELEASED, 0)))));

        assertThat(applied.replies().get(0).outcomes().get(0).outcome()).isEqualTo(new Outcome.SessionClosed());
        assertThat(applied.replies().get(0).outcomes().get(1).outcome()).satisfies(this::unknownSession);
        assertThat(applied.ended()).containsExactly(session.id());
        assertThat(scenario.machine().holdCount()).isZero();
    }

    @Test
    void a_repeated_close_or_expiry_is_harmless() {
        TestSession session = scenario.open();
        session.close();

        assertThat(session.close()).satisfies(this::unknownSession);
        assertThat(scenario.expire(session).ended()).isEmpty();
    }

    @Test
    void an_expired_session_cannot_continue() {
        TestSession session = scenario.open();
        session.acquire(MUTEX, ANN);
        scenario.expire(session);

        assertThat(session.release(MUTEX, ANN, 1)).satisfies(this::unknownSession);
        assertThat(scenario.machine().eventsAfter(session.id(), 0)).isNull();
    }

    @Test
    void an_ended_session_leaves_nothing_behind() {
        TestSession session = scenario.open();
        session.acquire(MUTEX, ANN);
        session.close();

        assertThat(scenario.machine().sessionCount()).isZero();
        assertThat(scenario.state().lockables.size()).isZero();
        assertThat(scenario.state().deadlines.size()).isZero();
    }

    @Test
    void one_client_may_have_many_locks_and_release_them_in_one_batch() {
        TestSession session = scenario.open();
        assertThat(session.acquire(MUTEX, ANN)).isEqualTo(granted(1));
        assertThat(session.acquire(Acquires.OTHER_MUTEX, ANN)).isEqualTo(granted(2));

        Applied applied = scenario.apply(new SessionBatch(
                session.id(),
                2,
                0,
                List.of(
                        new SequencedCommand(3, new Command.Release(MUTEX, ANN, 1, 0)),
                        new SequencedCommand(4, new Command.Release(Acquires.OTHER_MUTEX, ANN, 2, 0)))));

        assertThat(applied.replies().get(0).outcomes())
                .allSatisfy(outcome -> assertThat(outcome.outcome()).isEqualTo(released()));
    }

    private void unknownSession(Outcome outcome) {
        assertThat(outcome).satisfies(rejected(RejectionCode.SESSION_UNKNOWN));
    }

    private static Consumer<Outcome> rejected(RejectionCode code) {
        return outcome -> assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(code));
    }
}
