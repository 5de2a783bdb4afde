package dev.holdfast.statemachine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A hash table that can be captured while it keeps changing. Its entries lie in many small segments; each segment is a
 * chain through the entries themselves. Starting a {@link Capture} copies nothing. The capture encodes one segment
 * after another when asked to, and a segment that is about to change before its turn is encoded first: its pre-image is
 * saved. So starting a capture costs nothing, and each change costs at most one small segment.
 *
 * <p>Entries announce their own changes, with {@link Entry#beforeChange}. Walks go by segment, and within a segment in
 * key order: an order that depends on the content alone. See docs/adr/004-snapshots-by-saved-pre-images.md.
 */
final class SegmentedTable<K extends Comparable<K>, V extends SegmentedTable.Entry<K, V>> {

    /**
     * A value of a table, in one table at a time. What a capture encodes of it must be private to the entry and its
     * parts, and each method that changes it must begin with {@link #beforeChange}. Then no caller can forget to.
     */
    abstract static class Entry<K, V> {
        private int hash;
        private @Nullable V next;
        private @Nullable SegmentedTable<?, ?> table;

        /** Never changes. */
        abstract K key();

        /** Saves the pre-image if a capture still needs it. Does nothing while the entry is in no table. */
        final void beforeChange() {
            if (table != null) {
                table.beforeChange(table.index(hash));
            }
        }
    }

    /** Pages are created when the first entry falls into them, so a small table has few. */
    private static final int SEGMENTS_PER_PAGE = 1 << 8;

    private final int segmentCount;
    private final @Nullable V[] @Nullable [] pages;
    private int size;

    private @Nullable Capture<K, V> capture;

    /** @param segmentCount a power of two */
    @SuppressWarnings("unchecked")
    SegmentedTable(int segmentCount) {
        if (Integer.bitCount(segmentCount) != 1) {
            throw new IllegalArgumentException("not a power of two: " + segmentCount);
        }
        this.segmentCount = segmentCount;
        this.pages = (V[][]) new Entry<?, ?>[(segmentCount + SEGMENTS_PER_PAGE - 1) / SEGMENTS_PER_PAGE][];
    }

    private @Nullable V first(int index) {
        V[] page = pages[index / SEGMENTS_PER_PAGE];
        return page == null ? null : page[index % SEGMENTS_PER_PAGE];
    }

    @SuppressWarnings("unchecked")
    private void setFirst(int index, @Nullable V entry) {
        V[] page = pages[index / SEGMENTS_PER_PAGE];
        if (page == null) {
            page = (V[]) new Entry<?, ?>[Math.min(segmentCount, SEGMENTS_PER_PAGE)];
            pages[index / SEGMENTS_PER_PAGE] = page;
        }
        page[index % SEGMENTS_PER_PAGE] = entry;
    }

    /** The first segment at or after {@code index} that may have entries; the number of segments if there is none. */
    private int skipUnusedPages(int index) {
        int from = index;
        while (from < segmentCount && from % SEGMENTS_PER_PAGE == 0 && pages[from / SEGMENTS_PER_PAGE] == null) {
            from = Math.min(segmentCount, from + SEGMENTS_PER_PAGE);
        }
        return from;
    }

    int size() {
        return size;
    }

    @Nullable
    V get(K key) {
        int hash = spread(key);
        for (V entry = first(index(hash)); entry != null; entry = after(entry)) {
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
        link.table = this;
        link.next = first(index);
        setFirst(index, entry);
        size++;
    }

    void remove(K key) {
        int hash = spread(key);
        int index = index(hash);
        V before = null;
        for (V entry = first(index); entry != null; before = entry, entry = after(entry)) {
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
            setFirst(index, link.next);
        } else {
            ((Entry<K, V>) before).next = link.next;
        }
        link.next = null;
        link.table = null;
    }

    /** All values, by segment and then by key. */
    Iterable<V> inOrder() {
        return () -> new SegmentWalk<>(this);
    }

    /**
     * Starts a capture.
     *
     * @throws IllegalStateException if one is in progress
     */
    Capture<K, V> capture(Function<List<V>, byte[]> encoder) {
        if (capture != null) {
            throw new IllegalStateException("a capture is in progress");
        }
        capture = new Capture<>(this, encoder);
        return capture;
    }

    private void beforeChange(int index) {
        if (capture != null) {
            capture.savePreImage(index);
        }
    }

    // Depends on the key's content alone and is the same in every JVM: keys are made of strings and numbers.
    private static int spread(Object key) {
        int h = key.hashCode() * 0x9E3779B9;
        return h ^ (h >>> 16);
    }

    private int index(int hash) {
        return hash & (segmentCount - 1);
    }

    // Entry's private fields are not visible through V, which is a subclass.
    private static int hash(Entry<?, ?> entry) {
        return entry.hash;
    }

    private static <V> @Nullable V after(Entry<?, V> entry) {
        return entry.next;
    }

    private List<V> sorted(int index) {
        V first = first(index);
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

    /** The table's content at the start of the capture, piece by piece. */
    static final class Capture<K extends Comparable<K>, V extends Entry<K, V>> {
        private static final byte[] EMPTY = new byte[0];

        private final SegmentedTable<K, V> table;
        private final Function<List<V>, byte[]> encoder;

        /** The encoded segments that changed before their turn. An empty segment has no bytes. */
        private final Map<Integer, byte[]> preImages = new HashMap<>();

        private int next;

        /** The segment whose change was announced last; a command announces the same one several times. */
        private int lastAnnounced = -1;

        private Capture(SegmentedTable<K, V> table, Function<List<V>, byte[]> encoder) {
            this.table = table;
            this.encoder = encoder;
        }

        /** Encodes the next segments, {@code entriesAtLeast} entries or a few more. May return no piece. */
        List<byte[]> take(int entriesAtLeast) {
            List<byte[]> pieces = new ArrayList<>();
            List<V> together = new ArrayList<>();
            int entries = 0;
            while (!isComplete() && entries < entriesAtLeast) {
                if (preImages.isEmpty()) {
                    next = table.skipUnusedPages(next);
                    if (isComplete()) {
                        break;
                    }
                }
                byte[] preImage = preImages.isEmpty() ? null : preImages.remove(next);
                if (preImage == null) {
                    List<V> values = table.sorted(next);
                    together.addAll(values);
                    entries += values.size();
                } else {
                    addPiece(together, pieces);
                    if (preImage.length > 0) {
                        pieces.add(preImage);
                    }
                    entries++;
                }
                next++;
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
            return next == table.segmentCount;
        }

        /** Ends the capture, complete or not. */
        void close() {
            if (table.capture == this) {
                table.capture = null;
            }
        }

        private void savePreImage(int index) {
            if (index == lastAnnounced) {
                return;
            }
            lastAnnounced = index;
            if (index >= next && !preImages.containsKey(index)) {
                List<V> values = table.sorted(index);
                preImages.put(index, values.isEmpty() ? EMPTY : encoder.apply(values));
            }
        }
    }

    private static final class SegmentWalk<V extends Entry<?, V>> implements Iterator<V> {
        private final SegmentedTable<?, V> table;
        private int nextSegment;
        private Iterator<V> current = Collections.emptyIterator();

        SegmentWalk(SegmentedTable<?, V> table) {
            this.table = table;
        }

        @Override
        public boolean hasNext() {
            while (!current.hasNext()) {
                nextSegment = table.skipUnusedPages(nextSegment);
                if (nextSegment == table.segmentCount) {
                    return false;
                }
                current = table.sorted(nextSegment++).iterator();
            }
            return true;
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
