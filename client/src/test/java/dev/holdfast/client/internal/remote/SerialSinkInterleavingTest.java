package dev.holdfast.client.internal.remote;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.support.EveryOrder;
import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.support.LincheckTest;
import dev.holdfast.client.support.Race;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.NumberedEvent;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Events come on one thread while another breaks the subscription, or two do. */
class SerialSinkInterleavingTest {
    private static final TransportException GONE = new TransportException(Kind.UNREACHABLE, "gone");

    @LincheckTest
    void calls_do_not_overlap_and_the_break_comes_last_and_once() {
        Interleavings.explore(() -> eventsAndBreaks(Race.FREE, sink -> new Real(sink)));
    }

    @LincheckTest
    void a_sink_that_only_looks_whether_it_is_over_is_rejected() {
        Interleavings.assertRaceIsFound(() -> eventsAndBreaks(Race.FREE, sink -> new Unserialized(sink)));
    }

    @Test
    void in_every_order_of_their_steps_calls_do_not_overlap_and_the_break_comes_last_and_once() {
        EveryOrder.holds(race -> eventsAndBreaks(race, sink -> new Real(sink)));
        EveryOrder.breaks(race -> eventsAndBreaks(race, sink -> new Unserialized(sink)));
    }

    private static void eventsAndBreaks(Race race, Function<EventSink, EventSink> kind) {
        Strict strict = new Strict(race);
        EventSink sink = kind.apply(strict);
        race.together(
                () -> {
                    sink.onEvents(List.of());
                    race.pause();
                    sink.onBroken(GONE);
                },
                () -> {
                    sink.onEvents(List.of());
                    race.pause();
                    sink.onBroken(GONE);
                });
        require(strict.problem.isEmpty(), strict.problem);
        require(strict.breaks == 1, "broken " + strict.breaks + " times");
    }

    /** Notices a breach of the contract. Its plain fields are of one thread at a time, if the contract is kept. */
    private static final class Strict implements EventSink {
        private volatile boolean busy;
        private String problem = "";
        private int breaks;
        private final Race race;

        Strict(Race race) {
            this.race = race;
        }

        @Override
        public void onEvents(List<NumberedEvent> events) {
            enter();
            race.pause();
            busy = false;
        }

        @Override
        public void onBroken(TransportException cause) {
            enter();
            breaks++;
            race.pause();
            busy = false;
        }

        private void enter() {
            if (busy) {
                problem = "calls overlap";
            }
            if (breaks > 0) {
                problem = "a call after the break";
            }
            busy = true;
        }
    }

    private static final class Real implements EventSink {
        private final SerialSink sink;

        Real(EventSink behind) {
            sink = new SerialSink(behind);
        }

        @Override
        public void onEvents(List<NumberedEvent> events) {
            sink.events(events);
        }

        @Override
        public void onBroken(TransportException cause) {
            sink.broken(cause);
        }
    }

    private static final class Unserialized implements EventSink {
        private final EventSink behind;
        private volatile boolean over;

        Unserialized(EventSink behind) {
            this.behind = behind;
        }

        @Override
        public void onEvents(List<NumberedEvent> events) {
            if (!over) {
                behind.onEvents(events);
            }
        }

        @Override
        public void onBroken(TransportException cause) {
            if (!over) {
                over = true;
                behind.onBroken(cause);
            }
        }
    }
}
