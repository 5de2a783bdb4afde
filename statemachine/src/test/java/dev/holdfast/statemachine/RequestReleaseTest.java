package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Outcome;
import org.junit.jupiter.api.Test;

class RequestReleaseTest {
    private static final Event ASKED = new Event.ReleaseRequested(MUTEX, ANN, 1);

    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();

    private static Outcome asked(int holds) {
        return new Outcome.ReleaseRequested(holds);
    }

    @Test
    void a_holder_is_asked_and_may_go_on() {
        one.acquire(MUTEX, ANN);

        assertThat(two.requestRelease(MUTEX)).isEqualTo(asked(1));
        assertThat(one.events()).containsExactly(ASKED);
        assertThat(two.acquire(MUTEX, BOB)).isEqualTo(new Outcome.Refused(ANN, 1, 0));
    }

    @Test
    void nobody_is_asked_for_what_nobody_holds() {
        assertThat(two.requestRelease(MUTEX)).isEqualTo(asked(0));
        assertThat(scenario.state().lockables.size()).isZero();
    }

    @Test
    void requests_do_not_pile_up() throws CorruptSnapshotException {
        one.acquire(MUTEX, ANN);
        for (int i = 0; i < 10; i++) {
            assertThat(two.requestRelease(MUTEX)).isEqualTo(asked(1));
            scenario.restart();
        }

        assertThat(one.events()).containsExactly(ASKED);
    }

    @Test
    void a_holder_that_acknowledged_a_request_hears_of_the_next() throws CorruptSnapshotException {
        one.acquire(MUTEX, ANN);
        two.requestRelease(MUTEX);
        one.acknowledge(0, 1);
        scenario.restart();

        assertThat(two.requestRelease(MUTEX)).isEqualTo(asked(1));
        assertThat(one.events()).containsExactly(ASKED);
    }

    @Test
    void a_later_hold_is_asked_for_anew() {
        one.acquire(MUTEX, ANN);
        two.requestRelease(MUTEX);
        one.release(MUTEX, ANN, 1);
        one.acquire(MUTEX, ANN);
        two.requestRelease(MUTEX);

        assertThat(one.events()).containsExactly(ASKED, new Event.ReleaseRequested(MUTEX, ANN, 2));
    }

    @Test
    void all_sessions_of_all_holds_are_asked() {
        one.acquirePermits(POOL, ANN, 1, 5);
        two.acquirePermits(POOL, ANN, 1, 5);
        two.acquirePermits(POOL, BOB, 1, 5);

        assertThat(one.requestRelease(POOL)).isEqualTo(asked(2));
        assertThat(one.events()).containsExactly(new Event.ReleaseRequested(POOL, ANN, 1));
        assertThat(two.events())
                .containsExactly(new Event.ReleaseRequested(POOL, ANN, 1), new Event.ReleaseRequested(POOL, BOB, 2));
    }

    @Test
    void a_session_that_follows_a_hold_is_asked() {
        one.acquire(MUTEX, ANN, Lease.UNTIL_RELEASED, 0);
        scenario.expire(one);
        assertThat(two.requestRelease(MUTEX)).isEqualTo(asked(0));

        TestSession next = scenario.open();
        next.send(new Command.Attach(MUTEX, ANN, 1));
        assertThat(two.requestRelease(MUTEX)).isEqualTo(asked(1));
        assertThat(next.events()).containsExactly(ASKED);
    }
}
