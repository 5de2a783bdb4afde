package dev.holdfast.shedlock;

import dev.holdfast.client.LockHandle;
import java.time.Duration;
import java.util.function.LongSupplier;

/** One job under one hold, which its extensions keep. */
final class RunningJob {
    final String name;
    final LockHandle handle;
    private final LongSupplier nanoTime;
    private volatile Span latestEnd;
    private volatile boolean ended;

    /** @param atMost for how long, at most, the hold lives from now on if nothing extends it */
    RunningJob(String name, LockHandle handle, LongSupplier nanoTime, Duration atMost) {
        this.name = name;
        this.handle = handle;
        this.nanoTime = nanoTime;
        this.latestEnd = new Span(nanoTime.getAsLong(), atMost);
    }

    long nowNanos() {
        return nanoTime.getAsLong();
    }

    /** For how long, at most, the cluster keeps the hold if nobody extends it. Not a belief: that is shorter, or cut in doubt. */
    Duration latestLeft() {
        return latestEnd.leftAt(nowNanos());
    }

    /** The cluster has certainly decided that the hold lives that long. */
    void endsIn(Duration atMost) {
        latestEnd = new Span(nowNanos(), atMost);
    }

    /** The cluster may have decided that. */
    void mayEndIn(Duration atMost) {
        if (atMost.compareTo(latestLeft()) > 0) {
            endsIn(atMost);
        }
    }

    boolean hasEnded() {
        return ended;
    }

    void end() {
        ended = true;
    }
}
