package dev.holdfast.statemachine;

import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of one session that its client has not acknowledged, by number. They are numbered without gaps, so this is a
 * ring: its length is a power of two, and the slot of an event is its number modulo that length.
 */
final class EventWindow {
    private static final @Nullable NumberedEvent[] NONE = new NumberedEvent[0];

    private @Nullable NumberedEvent[] ring = NONE;
    private long acknowledged;
    private long last;

    /** The number of the last event; 0 if there never was one. */
    long last() {
        return last;
    }

    /** How many events are not acknowledged. */
    int size() {
        return (int) (last - acknowledged);
    }

    /** Adds the event with the next number. */
    NumberedEvent add(Event event) {
        if (size() == ring.length) {
            grow();
        }
        NumberedEvent numbered = new NumberedEvent(++last, event);
        ring[slot(last)] = numbered;
        return numbered;
    }

    /** Begins after the event with that number. */
    void restore(long lastNumber) {
        ring = NONE;
        acknowledged = lastNumber;
        last = lastNumber;
    }

    /** Forgets all events, as if they had been acknowledged. */
    void clear() {
        restore(last);
    }

    /** Forgets the events up to that number and passes each to {@code forgotten}. */
    void acknowledge(long upTo, Consumer<Event> forgotten) {
        while (acknowledged < Math.min(upTo, last)) {
            acknowledged++;
            NumberedEvent first = ring[slot(acknowledged)];
            ring[slot(acknowledged)] = null;
            if (first != null) {
                forgotten.accept(first.event());
            }
        }
        if (size() == 0 && ring.length > 64) {
            ring = NONE;
        }
    }

    /** The first {@code max} events whose number is above {@code number}, oldest first. Takes time in proportion to these. */
    List<NumberedEvent> after(long number, int max) {
        long before = Math.min(last, Math.max(number, acknowledged));
        int count = (int) Math.min(max, last - before);
        List<NumberedEvent> page = new ArrayList<>(count);
        for (int i = 1; i <= count; i++) {
            NumberedEvent event = ring[slot(before + i)];
            if (event != null) {
                page.add(event);
            }
        }
        return page;
    }

    /** Calls {@code consumer} for each event, oldest first. */
    void forEach(Consumer<NumberedEvent> consumer) {
        for (long number = acknowledged + 1; number <= last; number++) {
            NumberedEvent event = ring[slot(number)];
            if (event != null) {
                consumer.accept(event);
            }
        }
    }

    private int slot(long number) {
        return (int) (number & (ring.length - 1));
    }

    private void grow() {
        @Nullable NumberedEvent[] old = ring;
        ring = Arrays.copyOf(NONE, Math.max(4, 2 * old.length));
        for (long number = acknowledged + 1; number <= last; number++) {
            ring[slot(number)] = old[(int) (number & (old.length - 1))];
        }
    }
}
