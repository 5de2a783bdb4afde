package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.OTHER_MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionEvents;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private final Scenario scenario = new Scenario();
    private final TestSession session = scenario.open();
    private Applied applied;

    @BeforeEach
    void three_holds_expire() {
        session.acquire(MUTEX, ANN, Lease.ttl(10), 0);
        session.acquire(OTHER_MUTEX, ANN, Lease.ttl(20), 0);
        session.acquire(MUTEX, ANN, Lease.ttl(30), 0);
        session.send(new Command.Acquire(POOL, ANN, 1, 1, false, Lease.ttl(40), 0));
        applied = scenario.tickAfter(50);
    }

    @Test
    void events_are_numbered_from_one_and_reported_when_they_happen() {
        assertThat(numbersAfter(0)).containsExactly(1L, 2L, 3L);
        assertThat(applied.events())
                .containsExactly(
                        new SessionEvents(session.id(), scenario.machine().eventsAfter(session.id(), 0)));
    }

    @Test
    void events_are_resumed_by_number() {
        assertThat(numbersAfter(2)).containsExactly(3L);
        assertThat(numbersAfter(3)).isEmpty();
    }

    @Test
    void events_are_read_page_by_page() {
        assertThat(scenario.machine().eventsAfter(session.id(), 0, 2))
                .extracting(NumberedEvent::number)
                .containsExactly(1L, 2L);
        assertThat(scenario.machine().eventsAfter(session.id(), 2, 2))
                .extracting(NumberedEvent::number)
                .containsExactly(3L);
    }

    @Test
    void events_are_kept_until_acknowledged() throws CorruptSnapshotException {
        session.acknowledge(0, 1);
        scenario.restart();

        assertThat(numbersAfter(0)).containsExactly(2L, 3L);
        session.acknowledge(0, 3);
        assertThat(numbersAfter(0)).isEmpty();
    }

    @Test
    void numbers_continue_after_all_events_were_acknowledged() throws CorruptSnapshotException {
        session.acknowledge(0, 3);
        scenario.restart();
        session.acquire(MUTEX, ANN, Lease.ttl(10), 0);
        scenario.tickAfter(10);

        assertThat(numbersAfter(0)).containsExactly(4L);
    }

    @Test
    void an_acknowledgement_of_future_events_removes_none_of_them() {
        session.acknowledge(0, Long.MAX_VALUE);
        session.acquire(MUTEX, ANN, Lease.ttl(10), 0);
        scenario.tickAfter(10);

        assertThat(numbersAfter(0)).containsExactly(4L);
    }

    private List<Long> numbersAfter(long number) {
        return scenario.machine().eventsAfter(session.id(), number).stream()
                .map(NumberedEvent::number)
                .toList();
    }
}
