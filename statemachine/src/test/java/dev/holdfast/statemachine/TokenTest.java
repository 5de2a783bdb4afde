package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.OTHER_MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static dev.holdfast.statemachine.Acquires.granted;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenTest {
    private final Scenario scenario = new Scenario();

    @Test
    void tokens_rise_across_lockables() {
        TestSession session = scenario.open();

        assertThat(session.acquire(MUTEX, ANN)).isEqualTo(granted(1));
        assertThat(session.acquire(OTHER_MUTEX, BOB)).isEqualTo(granted(2));
        assertThat(session.acquirePermits(POOL, ANN, 1, 1)).isEqualTo(granted(3));
    }

    @Test
    void a_lockable_that_was_idle_gets_a_larger_token() {
        TestSession session = scenario.open();
        session.acquire(MUTEX, ANN);
        session.release(MUTEX, ANN, 1);

        assertThat(session.acquire(MUTEX, ANN)).isEqualTo(granted(2));
    }

    @Test
    void tokens_keep_rising_after_a_snapshot_with_nothing_held() throws CorruptSnapshotException {
        TestSession session = scenario.open();
        session.acquire(MUTEX, ANN);
        session.close();
        assertThat(scenario.state().lockables.size()).isZero();
        assertThat(scenario.state().sessions.size()).isZero();

        scenario.restart();

        assertThat(scenario.open().acquire(MUTEX, ANN)).isEqualTo(granted(2));
    }

    @Test
    void refused_and_queued_acquires_use_no_token() {
        TestSession session = scenario.open();
        session.acquire(MUTEX, ANN);
        session.acquire(MUTEX, BOB);
        session.acquireOrWait(MUTEX, BOB);

        assertThat(session.acquire(OTHER_MUTEX, BOB)).isEqualTo(granted(2));
    }
}
