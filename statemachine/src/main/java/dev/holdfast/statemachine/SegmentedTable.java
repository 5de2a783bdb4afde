package dev.holdfast.statemachine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A hash table that can be captured while it goes on changing. Its entries lie in many small segments, each a chain that
 * goes through the entries themselves. A {@link Capture} takes no copy when it begins; it encodes segment after segment as
 * it is asked to, and a segment that is about to change before its turn is encoded first ("save the pre-image"). So a
 * capture costs its beginner nothing, and each change at most one small segment.
 *
 * <p>Every change of a value must be announced with {@link #touch} first. Walks go by segment, and within one in the
 * order of keys: an order that depends on the content alone.
 */
final class SegmentedTable<K extends Comparable<K>, V extends SegmentedTable.Entry<K, V>> {

    /** What a table can hold. Of one table at a time. */
    abstract static class Entry<K, V> {
        private int hash;
        private @Nullable V next;

        /** Never changes. */
        abstract K key();
    }

    private final @Nullable V[] segments;
    private int size;

    private @Nullable Capture<K, V> capture;

    /** @param segmentCount a power of two */
    @SuppressWarnings("unchecked")
    SegmentedTable(int segmentCount) {
        if (Integer.bitCount(segmentCount) != 1) {
            throw new IllegalArgumentException("not a power of two: " + segmentCount);
        }
        this.segments = (V[]) new Entry<?, ?>[segmentCount];
    }

    int size() {
        return size;
    }

    @Nullable
    V get(K key) {
        int hash = spread(key);
        for (V entry = segments[index(hash)]; entry != null; entry = after(entry)) {
            if (hash(entry) == hash && entry.key().equals(key)) {
                return entry;
            }
        }
        return null;
    }

    /** Its key must not be in the table. */
    void add(V entry) {
        int hash = spread(entry.key());
        int index = index(hash);
        beforeChange(index);
        Entry<K, V> link = entry;
        link.hash = hash;
        link.next = segments[index];
        segments[index] = entry;
        size++;
    }

    void remove(K key) {
        int hash = spread(key);
        int index = index(hash);
        V before = null;
        for (V entry = segments[index]; entry != null; before = entry, entry = after(entry)) {
            if (hash(entry) == hash && entry.key().equals(key)) {
                beforeChange(index);
                unlink(index, before, entry);
                size--;
                return;
            }
        }
    }

    private void unlink(int index, @Nullable V before, V gone) {
        Entry<K, V> link = gone;
        if (before == null) {
            segments[index] = link.next;
        } else {
            ((Entry<K, V>) before).next = link.next;
        }
        link.next = null;
    }

    /** Announces that the value of that key is about to change. */
    void touch(K key) {
        beforeChange(index(spread(key)));
    }

    /** All values: by segment, then in the order of keys. */
    Iterable<V> inOrder() {
        return () -> new SegmentWalk<>(segments.length, this::sorted);
    }

    /** Begins a capture; at most one is under way. */
    Capture<K, V> capture(Function<List<V>, byte[]> encoder) {
        if (capture != null) {
            throw new IllegalStateException("a capture is under way");
        }
        capture = new Capture<>(this, encoder);
        return capture;
    }

    private void beforeChange(int index) {
        if (capture != null) {
            capture.savePreImage(index);
        }
    }

    // Depends on the key's content alone, alike in every JVM: keys are made of strings and numbers.
    private static int spread(Object key) {
        int h = key.hashCode() * 0x9E3779B9;
        return h ^ (h >>> 16);
    }

    private int index(int hash) {
        return hash & (segments.length - 1);
    }

    // As an Entry's: its fields are its own, and V's is another class.
    private static int hash(Entry<?, ?> entry) {
        return entry.hash;
    }

    private static <V> @Nullable V after(Entry<?, V> entry) {
        return entry.next;
    }

    private List<V> sorted(int index) {
        V first = segments[index];
        if (first == null) {
            return List.of();
        }
        if (after(first) == null) {
            return List.of(first);
        }
        List<V> values = new ArrayList<>();
        for (V entry = first; entry != null; entry = after(entry)) {
            values.add(entry);
        }
        values.sort(Comparator.comparing(Entry::key));
        return values;
    }

    /** The table's content as it was when the capture began, piece by piece. */
    static final class Capture<K extends Comparable<K>, V extends Entry<K, V>> {
        private static final byte[] TAKEN = new byte[0];

        private final SegmentedTable<K, V> table;
        private final Function<List<V>, byte[]> encoder;
        private final byte[] @Nullable [] images;
        private int next;

        private Capture(SegmentedTable<K, V> table, Function<List<V>, byte[]> encoder) {
            this.table = table;
            this.encoder = encoder;
            this.images = new byte[table.segments.length][];
        }

        /** Encodes the next segments, about that many entries; there may be no piece. */
        List<byte[]> take(int entriesAtLeast) {
            List<byte[]> pieces = new ArrayList<>();
            List<V> together = new ArrayList<>();
            int entries = 0;
            while (next < images.length && entries < entriesAtLeast) {
                byte[] image = images[next];
                if (image == null) {
                    List<V> values = table.sorted(next);
                    together.addAll(values);
                    entries += values.size();
                } else {
                    addPiece(together, pieces);
                    if (image.length > 0) {
                        pieces.add(image);
                    }
                    entries++;
                }
                images[next++] = TAKEN;
            }
            addPiece(together, pieces);
            if (isComplete()) {
                close();
            }
            return pieces;
        }

        private void addPiece(List<V> values, List<byte[]> pieces) {
            if (!values.isEmpty()) {
                pieces.add(encoder.apply(values));
                values.clear();
            }
        }

        boolean isComplete() {
            return next == images.length;
        }

        /** Ends the capture, complete or not. */
        void close() {
            if (table.capture == this) {
                table.capture = null;
            }
        }

        private void savePreImage(int index) {
            if (index >= next && images[index] == null) {
                List<V> values = table.sorted(index);
                images[index] = values.isEmpty() ? TAKEN : encoder.apply(values);
            }
        }
    }

    private static final class SegmentWalk<V> implements Iterator<V> {
        private final int segmentCount;
        private final IntFunction<List<V>> segment;
        private int nextSegment;
        private Iterator<V> current = Collections.emptyIterator();

        SegmentWalk(int segmentCount, IntFunction<List<V>> segment) {
            this.segmentCount = segmentCount;
            this.segment = segment;
        }

        @Override
        public boolean hasNext() {
            while (!current.hasNext() && nextSegment < segmentCount) {
                current = segment.apply(nextSegment++).iterator();
            }
            return current.hasNext();
        }

        @Override
        public V next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return current.next();
        }
    }
}
