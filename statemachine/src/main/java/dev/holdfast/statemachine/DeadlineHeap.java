package dev.holdfast.statemachine;

import dev.holdfast.protocol.LogTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary min-heap of deadlines (Williams, "Algorithm 232: Heapsort", CACM 1964). Its elements know their index, so an
 * extend or a release costs O(log n). The order in which elements come out depends only on their deadlines and
 * tie-breaks, not on the history of the heap. Elements without a deadline are not in it.
 */
final class DeadlineHeap {
    private @Nullable Timed[] heap = new Timed[16];
    private int size;

    int size() {
        return size;
    }

    /** The earliest deadline; {@link LogTime#NEVER} if there is none. */
    long earliest() {
        return size == 0 ? LogTime.NEVER : at(0).deadlineMs();
    }

    /** Removes and returns the element that ends first if it ends no later than {@code nowMs}, else {@code null}. */
    @Nullable
    Timed pollDue(long nowMs) {
        if (size == 0 || at(0).deadlineMs() > nowMs) {
            return null;
        }
        Timed first = at(0);
        remove(first);
        return first;
    }

    /** Sets the element's deadline, adding it if necessary; {@link LogTime#NEVER} removes it. */
    void schedule(Timed timed, long deadlineMs) {
        if (deadlineMs == LogTime.NEVER) {
            remove(timed);
            timed.setDeadlineMs(LogTime.NEVER);
            return;
        }
        timed.setDeadlineMs(deadlineMs);
        if (timed.heapIndex == Timed.NOT_IN_HEAP) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            place(timed, size++);
        }
        siftUp(timed);
        siftDown(timed);
    }

    /** Removes the element if it is in the heap; its deadline stays as it is. */
    void remove(Timed timed) {
        int index = timed.heapIndex;
        if (index == Timed.NOT_IN_HEAP) {
            return;
        }
        timed.heapIndex = Timed.NOT_IN_HEAP;
        Timed last = at(--size);
        heap[size] = null;
        if (last != timed) {
            place(last, index);
            siftUp(last);
            siftDown(last);
        }
        shrinkWhenMostlyEmpty();
    }

    private void shrinkWhenMostlyEmpty() {
        if (heap.length > 1024 && size < heap.length / 4) {
            heap = Arrays.copyOf(heap, heap.length / 2);
        }
    }

    private void siftUp(Timed timed) {
        int index = timed.heapIndex;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            Timed above = at(parent);
            if (!timed.endsBefore(above)) {
                break;
            }
            place(above, index);
            index = parent;
        }
        place(timed, index);
    }

    private void siftDown(Timed timed) {
        int index = timed.heapIndex;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && at(child + 1).endsBefore(at(child))) {
                child++;
            }
            Timed below = at(child);
            if (!below.endsBefore(timed)) {
                break;
            }
            place(below, index);
            index = child;
        }
        place(timed, index);
    }

    private void place(Timed timed, int index) {
        heap[index] = timed;
        timed.heapIndex = index;
    }

    private Timed at(int index) {
        Timed timed = heap[index];
        if (timed == null) {
            throw new IllegalStateException("hole in the heap at " + index);
        }
        return timed;
    }
}
