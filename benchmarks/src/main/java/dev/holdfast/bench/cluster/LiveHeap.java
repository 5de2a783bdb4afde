package dev.holdfast.bench.cluster;

import java.lang.management.ManagementFactory;

/** This JVM's heap. */
public final class LiveHeap {

    /** Bytes in use after a collection. */
    public static long bytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private LiveHeap() {}
}
