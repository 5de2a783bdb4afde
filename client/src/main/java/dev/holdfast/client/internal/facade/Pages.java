package dev.holdfast.client.internal.facade;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reads a listing page by page, each when the one before is used up. Not thread-safe. */
final class Pages<T> implements Iterator<T> {
    private final Source<T> source;
    private final ArrayDeque<T> page = new ArrayDeque<>();
    private boolean more = true;
    private @Nullable T last;

    /** Fetches the page after an entry; {@code null} asks for the first. */
    interface Source<T> {
        Page<T> after(@Nullable T last);
    }

    record Page<T>(List<T> entries, boolean more) {}

    Pages(Source<T> source) {
        this.source = source;
    }

    /** Reads nothing ahead. */
    static <T> Stream<T> stream(Iterator<T> source) {
        Spliterator<T> entries = Spliterators.spliteratorUnknownSize(
                source, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT);
        return StreamSupport.stream(entries, false);
    }

    @Override
    public boolean hasNext() {
        while (page.isEmpty() && more) {
            Page<T> next = source.after(last);
            page.addAll(next.entries());
            // An empty page that promises more would be asked for again and again.
            more = next.more() && !next.entries().isEmpty();
        }
        return !page.isEmpty();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        T entry = page.remove();
        last = entry;
        return entry;
    }
}
