package dev.holdfast.bench.cluster;

import java.lang.management.ManagementFactory;

/** This JVM's heap. */
public final class LiveHeap {
    private static final int COLLECTIONS_MAX = 20;
    private static final long PAUSE_MILLIS = 100;

    /** A collection that frees less than this part of the heap is the last. */
    private static final int SETTLED_PART = 500;

    /**
     * Bytes in use after collections until they free no more: what threads and reference queues let go of only after the
     * first is not live. Blocks for some tenths of a second, for 2 s at most.
     */
    public static long bytes() throws InterruptedException {
        long before = Long.MAX_VALUE;
        long now = collected();
        for (int n = 1; n < COLLECTIONS_MAX && before - now > now / SETTLED_PART; n++) {
            Thread.sleep(PAUSE_MILLIS);
            before = now;
            now = Math.min(before, collected());
        }
        return now;
    }

    private static long collected() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private LiveHeap() {}
}
