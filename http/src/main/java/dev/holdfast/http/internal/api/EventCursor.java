package dev.holdfast.http.internal.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Up to which of its events a session has come, in each group: their numbers, with dots between them. Immutable. */
final class EventCursor {
    private final List<Long> numbers;

    private EventCursor(List<Long> numbers) {
        this.numbers = numbers;
    }

    /** Before the first event. */
    static EventCursor start(int groups) {
        Long[] numbers = new Long[groups];
        Arrays.fill(numbers, 0L);
        return new EventCursor(List.of(numbers));
    }

    /** @param name of the parameter that has it */
    static EventCursor parse(String name, String text, int groups) {
        List<Long> numbers = new ArrayList<>();
        try {
            for (String number : text.split("\\.", -1)) {
                numbers.add(Long.parseLong(number));
            }
        } catch (NumberFormatException e) {
            throw malformed(name);
        }
        if (numbers.size() != groups || numbers.stream().anyMatch(number -> number < 0)) {
            throw malformed(name);
        }
        return new EventCursor(List.copyOf(numbers));
    }

    private static Problem malformed(String name) {
        return Problem.badRequest("'" + name + "' should be the id of an event, or what a heartbeat gave as 'events'");
    }

    long of(int group) {
        return numbers.get(group);
    }

    /** The same, but that far in that group. */
    EventCursor with(int group, long number) {
        List<Long> changed = new ArrayList<>(numbers);
        changed.set(group, number);
        return new EventCursor(List.copyOf(changed));
    }

    @Override
    public String toString() {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining("."));
    }
}
