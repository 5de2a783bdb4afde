package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventWindowTest {
    private final EventWindow window = new EventWindow();

    private static Event event(long number) {
        return new Event.WaitEnded(number, Event.WaitEnd.TIMED_OUT);
    }

    @Test
    void it_does_what_a_list_would() {
        List<NumberedEvent> list = new ArrayList<>();
        Random random = new Random(7);
        for (int step = 0; step < 5000; step++) {
            if (random.nextInt(5) > 0) {
                list.add(window.add(event(window.last() + 1)));
            } else {
                long upTo = window.last() - random.nextInt(100);
                List<Event> forgotten = new ArrayList<>();
                window.acknowledge(upTo, forgotten::add);
                List<NumberedEvent> gone =
                        list.stream().filter(e -> e.number() <= upTo).toList();
                assertThat(forgotten)
                        .isEqualTo(gone.stream().map(NumberedEvent::event).toList());
                list.removeAll(gone);
            }
            long after = window.last() - random.nextInt(150) + 10;
            int max = random.nextInt(20);
            assertThat(window.after(after, max))
                    .isEqualTo(list.stream()
                            .filter(e -> e.number() > after)
                            .limit(max)
                            .toList());
            assertThat(window.size()).isEqualTo(list.size());
        }
        List<NumberedEvent> all = new ArrayList<>();
        window.forEach(all::add);
        assertThat(all).isEqualTo(list);
    }

    @Test
    void numbers_go_on_where_a_snapshot_ended() {
        window.restore(7);
        window.add(event(8));
        window.add(event(9));

        assertThat(window.add(event(10)).number()).isEqualTo(10);
        assertThat(window.after(0, 9)).extracting(NumberedEvent::number).containsExactly(8L, 9L, 10L);
    }

    @Test
    void numbers_go_on_though_all_events_were_acknowledged() {
        window.restore(9);

        assertThat(window.size()).isZero();
        assertThat(window.add(event(10)).number()).isEqualTo(10);
    }

    @Test
    void an_acknowledgement_of_the_future_is_one_of_all_there_is() {
        window.add(event(1));
        window.acknowledge(Long.MAX_VALUE, forgotten -> {});

        assertThat(window.add(event(2)).number()).isEqualTo(2);
        assertThat(window.after(Long.MAX_VALUE, 5)).isEmpty();
    }
}
