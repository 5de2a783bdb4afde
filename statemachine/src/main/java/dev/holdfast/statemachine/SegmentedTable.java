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
 * chain through the entries themselves. Starting a {@link Capture} copies nothing. The capture takes an image of one
 * segment after another when asked to, and of a segment that is about to change before its turn an image is taken first:
 * its pre-image is saved. So starting a capture costs nothing, and each change costs at most one small segment.
 *
 * <p>Entries announce their own changes, with {@link Entry#beforeChange}. Walks go by segment, and within a segment in
 * key order: an order that depends on the content alone. See docs/adr/004-snapshots-by-saved-pre-images.md.
 */
final class SegmentedTable<K extends Comparable<K>, V extends SegmentedTable.Entry<K, V>> {

    /**
     * A value of a table, in one table at a time. What an image of it contains must be private to the entry and its
     * parts, and each method that changes it must begin with {@link #beforeChange}. Then no caller can forget to.
     */
    abstract static class Entry<K, V> {
        private int hash;
        private @Nullable V next;
        private @Nullable SegmentedTable<?, ?> table;

        /** Never changes. */
        abstract K key();

        /** Whether it is in a table. */
        final boolean isKept() {
            return table != null;
        }

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

    private @Nullable Capture<K, V, ?> capture;

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

    /** Whether a capture is in progress. */
    boolean isCaptured() {
        return capture != null;
    }

    /**
     * Starts a capture.
     *
     * @param imageOf makes an image, which later changes of the entry leave as it is
     * @throws IllegalStateException if one is in progress
     */
    <I extends Image> Capture<K, V, I> capture(Function<V, I> imageOf) {
        if (capture != null) {
            throw new IllegalStateException("a capture is in progress");
        }
        Capture<K, V, I> started = new Capture<>(this, imageOf);
        capture = started;
        return started;
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

    /** What an entry was at the start of a capture. */
    interface Image {
        /** How many parts were copied, which is what it cost. */
        int parts();
    }

    /** The table's content at the start of the capture, as images. */
    static final class Capture<K extends Comparable<K>, V extends Entry<K, V>, I extends Image> {
        private final SegmentedTable<K, V> table;
        private final Function<V, I> imageOf;

        /** The images of the segments that changed before their turn. */
        private final Map<Integer, List<I>> preImages = new HashMap<>();

        private int next;

        /** The segment whose change was announced last; a command announces the same one several times. */
        private int lastAnnounced = -1;

        private Capture(SegmentedTable<K, V> table, Function<V, I> imageOf) {
            this.table = table;
            this.imageOf = imageOf;
        }

        /** Adds the images of the next segments, of {@code partsAtLeast} parts or some more. May add none. */
        void take(int partsAtLeast, List<? super I> images) {
            long parts = 0;
            while (!isComplete() && parts < partsAtLeast) {
                if (preImages.isEmpty()) {
                    next = table.skipUnusedPages(next);
                    if (isComplete()) {
                        break;
                    }
                }
                List<I> preImage = preImages.isEmpty() ? null : preImages.remove(next);
                for (I image : preImage == null ? imagesOf(next) : preImage) {
                    images.add(image);
                    parts += preImage == null ? 1 + image.parts() : 1;
                }
                next++;
            }
            if (isComplete()) {
                close();
            }
        }

        private List<I> imagesOf(int index) {
            List<V> values = table.sorted(index);
            if (values.isEmpty()) {
                return List.of();
            }
            List<I> images = new ArrayList<>(values.size());
            for (V value : values) {
                images.add(imageOf.apply(value));
            }
            return images;
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
                preImages.put(index, imagesOf(index));
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
