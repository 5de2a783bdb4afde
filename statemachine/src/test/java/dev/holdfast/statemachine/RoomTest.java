package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomTest {
    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();

    @Test
    void an_empty_state_takes_what_its_sessions_take_and_gives_back_the_rest() {
        long before = scenario.machine().bytes();
        Outcome.Granted granted = (Outcome.Granted) one.acquire(LockableKey.mutex("k".repeat(500)), ANN);
        assertThat(scenario.machine().bytes()).isGreaterThan(before + 1000);

        one.release(LockableKey.mutex("k".repeat(500)), ANN, granted.token());
        one.acknowledge(one.lastSequence(), 0);

        assertThat(scenario.machine().bytes()).isEqualTo(before);
    }

    @Test
    void a_full_state_takes_releases_only() {
        Outcome.Granted granted = (Outcome.Granted) one.acquire(MUTEX, ANN);
        scenario.system(new Command.BoundState(scenario.machine().bytes()));

        assertFull(two.acquire(LockableKey.mutex("another"), BOB));
        assertFull(two.send(Acquires.mutex(MUTEX, BOB, false, Lease.SESSION, 100)));
        assertFull(two.send(new Command.AcquireAll(
                List.of(LockableKey.mutex("a"), LockableKey.mutex("b")), BOB, false, Lease.SESSION, 0)));
        assertThat(two.send(new Command.Extend(MUTEX, ANN, granted.token(), 1000)))
                .isInstanceOf(Outcome.Extended.class);
        assertThat(one.release(MUTEX, ANN, granted.token())).isEqualTo(new Outcome.Released(0));

        one.acknowledge(one.lastSequence(), 0);
        two.acknowledge(two.lastSequence(), 0);
        assertThat(two.acquire(LockableKey.mutex("another"), BOB)).isInstanceOf(Outcome.Granted.class);
    }

    @Test
    void there_are_no_new_sessions_while_those_that_are_open_still_have_room() {
        long bytes = scenario.machine().bytes();
        scenario.system(new Command.BoundState(bytes + bytes / 5));

        Applied applied = scenario.apply(TestSession.openBatch(99));

        assertFull(TestSession.outcomeOf(applied));
        assertThat(one.acquire(MUTEX, ANN)).isInstanceOf(Outcome.Granted.class);
        SessionId again =
                TestSession.opened(scenario.apply(TestSession.openBatch(one.id().high())));
        assertThat(again).as("of a session that is open").isEqualTo(one.id());
    }

    @Test
    void one_session_gets_half_of_the_room_at_most() {
        scenario.system(new Command.BoundState(200_000));
        Outcome last = one.acquire(LockableKey.mutex("k0"), ANN);
        for (int i = 1; last instanceof Outcome.Granted && i < 2000; i++) {
            last = one.acquire(LockableKey.mutex("k" + i), ANN);
        }

        assertFull(last);
        assertThat(scenario.machine().bytes()).isBetween(80_000L, 190_000L);
        assertThat(two.acquire(MUTEX, BOB)).isInstanceOf(Outcome.Granted.class);
    }

    @Test
    void all_sessions_of_one_account_get_half_of_the_room_together() throws CorruptSnapshotException {
        assertShareRoom(new Caller("alice", "10.0.0.7", 1), new Caller("alice", "10.0.0.8", 2), "principal 'alice'");
        assertShareRoom(new Caller("", "10.0.0.7", 1), new Caller("", "10.0.0.7", 2), "address 10.0.0.7");
    }

    private static void assertShareRoom(Caller first, Caller second, String account) throws CorruptSnapshotException {
        Scenario scenario = new Scenario();
        TestSession[] pair = {scenario.openAs(first), scenario.openAs(second)};
        TestSession other = scenario.openAs(new Caller("", "10.0.0.9", 3));
        scenario.system(new Command.BoundState(200_000));
        Outcome last = new Outcome.Acknowledged();
        for (int i = 0; !(last instanceof Outcome.Rejected) && i < 2000; i++) {
            last = pair[i % 2].acquire(LockableKey.mutex("k" + i), ANN);
        }

        assertFull(last);
        assertThat(last).asString().contains(account + " takes ", " KiB of the state, and may take 97 KiB");
        assertThat(scenario.machine().bytes()).isBetween(80_000L, 110_000L);
        scenario.restart();
        assertFull(pair[0].acquire(LockableKey.mutex("one more"), ANN));
        assertFull(
                TestSession.outcomeOf(scenario.apply(TestSession.openBatch(99).withCaller(first))));
        assertThat(other.acquire(MUTEX, BOB)).isInstanceOf(Outcome.Granted.class);

        pair[0].close();
        scenario.catchUp();
        assertThat(pair[1].acquire(LockableKey.mutex("one more"), ANN)).isInstanceOf(Outcome.Granted.class);
    }

    @Test
    void whoever_is_on_the_same_machine_and_has_no_principal_has_no_account() {
        for (String address : List.of("", "127.0.0.1", "::1", "0:0:0:0:0:0:0:1")) {
            scenario.openAs(new Caller("", address, 1));
        }
        assertThat(scenario.state().accounts.size()).isZero();

        scenario.openAs(new Caller("alice", "127.0.0.1", 1));
        assertThat(scenario.state().accounts.size()).isEqualTo(1);
    }

    @Test
    void the_bound_is_in_snapshots_and_can_be_lifted() throws CorruptSnapshotException {
        scenario.system(new Command.BoundState(1));
        scenario.restart();
        assertThat(scenario.machine().bytesMax()).isEqualTo(1);
        assertFull(one.acquire(MUTEX, ANN));

        scenario.system(new Command.BoundState(0));

        assertThat(one.acquire(MUTEX, ANN)).isInstanceOf(Outcome.Granted.class);
    }

    private static void assertFull(Outcome outcome) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Rejected.class, rejected -> {
            assertThat(rejected.code()).isEqualTo(RejectionCode.STATE_FULL);
            assertThat(rejected.detail()).contains("KiB");
        });
    }
}
