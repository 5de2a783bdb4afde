package dev.holdfast.client.internal.facade;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/** One sequence of several, each of which is in order. Reads them when it is read itself. Not thread-safe. */
final class Merged<T> implements Iterator<T> {
    private record Head<T>(T value, Iterator<T> rest) {}

    private final List<Iterator<T>> unread;
    private final PriorityQueue<Head<T>> heads;

    Merged(List<Iterator<T>> sources, Comparator<T> order) {
        this.unread = new ArrayList<>(sources);
        this.heads = new PriorityQueue<>(Comparator.comparing(Head::value, order));
    }

    @Override
    public boolean hasNext() {
        unread.forEach(this::read);
        unread.clear();
        return !heads.isEmpty();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Head<T> head = heads.remove();
        unread.add(head.rest);
        return head.value;
    }

    private void read(Iterator<T> source) {
        if (source.hasNext()) {
            heads.add(new Head<>(source.next(), source));
        }
    }
}
