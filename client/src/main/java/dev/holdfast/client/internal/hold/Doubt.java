package dev.holdfast.client.internal.hold;

import java.util.List;

/**
 * What a release may have given back while it is not known what became of it, which may be for ever.
 *
 * @param whole whether it gives the whole hold back, with whatever any handle stands for
 * @param parts what it takes of which handles, as far as that is known
 */
record Doubt(boolean whole, List<Part> parts) {

    /** Some of what a handle stands for. */
    record Part(HoldHandle handle, int permits) {}

    /** Whether that handle may have nothing left because of it, or not as much as it says. */
    boolean touches(HoldHandle handle) {
        return whole || permitsOf(handle) > 0;
    }

    int permitsOf(HoldHandle handle) {
        return parts.stream()
                .filter(part -> part.handle() == handle)
                .mapToInt(Part::permits)
                .sum();
    }
}
