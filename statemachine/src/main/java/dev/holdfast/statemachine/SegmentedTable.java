package dev.holdfast.statemachine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A hash table that can be captured while it goes on changing. Its entries lie in many small segments. A {@link Capture}
 * takes no copy when it begins; it encodes segment after segment as it is asked to, and a segment that is about to change
 * before its turn is encoded first ("save the pre-image"). So a capture costs its beginner nothing, and each change at
 * most one small segment.
 *
 * <p>Every change of a value must be announced with {@link #touch} first. Walks go by segment, and within one in the
 * order of keys: an order that depends on the content alone.
 */
final class SegmentedTable<K extends Comparable<K>, V> {
    private final @Nullable Map<K, V>[] segments;
    private final ToIntFunction<K> hash;
    private int size;

    private @Nullable Capture<K, V> capture;

    /**
     * @param segmentCount a power of two
     * @param hash must depend on the key's content alone, alike in every JVM
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    SegmentedTable(int segmentCount, ToIntFunction<K> hash) {
        if (Integer.bitCount(segmentCount) != 1) {
            throw new IllegalArgumentException("not a power of two: " + segmentCount);
        }
        this.segments = (Map<K, V>[]) new Map[segmentCount];
        this.hash = hash;
    }

    int size() {
        return size;
    }

    @Nullable
    V get(K key) {
        Map<K, V> segment = segments[index(key)];
        return segment == null ? null : segment.get(key);
    }

    void put(K key, V value) {
        int index = index(key);
        beforeChange(index);
        Map<K, V> segment = segments[index];
        if (segment == null) {
            segment = new HashMap<>(4);
            segments[index] = segment;
        }
        if (segment.put(key, value) == null) {
            size++;
        }
    }

    void remove(K key) {
        int index = index(key);
        Map<K, V> segment = segments[index];
        if (segment == null || !segment.containsKey(key)) {
            return;
        }
        beforeChange(index);
        segment.remove(key);
        size--;
        if (segment.isEmpty()) {
            segments[index] = null;
        }
    }

    /** Announces that the value of that key is about to change. */
    void touch(K key) {
        beforeChange(index(key));
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

    private int index(K key) {
        int h = hash.applyAsInt(key) * 0x9E3779B9;
        return (h ^ (h >>> 16)) & (segments.length - 1);
    }

    private List<V> sorted(int index) {
        Map<K, V> segment = segments[index];
        if (segment == null) {
            return List.of();
        }
        List<K> keys = new ArrayList<>(segment.keySet());
        if (keys.size() > 1) {
            keys.sort(null);
        }
        List<V> values = new ArrayList<>(keys.size());
        for (K key : keys) {
            V value = segment.get(key);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    /** The table's content as it was when the capture began, piece by piece. */
    static final class Capture<K extends Comparable<K>, V> {
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

        /** Encodes the next segments, about that many entries; empty pieces are left out. */
        List<byte[]> take(int entriesAtLeast) {
            List<byte[]> pieces = new ArrayList<>();
            int entries = 0;
            while (next < images.length && entries < entriesAtLeast) {
                byte[] image = images[next];
                if (image == null) {
                    List<V> values = table.sorted(next);
                    image = values.isEmpty() ? TAKEN : encoder.apply(values);
                    entries += values.size();
                } else {
                    entries++;
                }
                images[next++] = TAKEN;
                if (image.length > 0) {
                    pieces.add(image);
                }
            }
            if (isComplete()) {
                close();
            }
            return pieces;
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
