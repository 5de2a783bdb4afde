package dev.holdfast.client.internal.pipeline;

import java.util.HashSet;
import java.util.Set;

/** Knows up to which sequence everything is done with, so that the cluster may forget it. Not thread-safe. */
final class AckTracker {
    private final Set<Long> doneAhead = new HashSet<>();
    private long acknowledged;

    /** The session has received the outcome of that command, or will never ask for it. */
    void done(long sequence) {
        if (sequence <= acknowledged) {
            return;
        }
        doneAhead.add(sequence);
        while (doneAhead.remove(acknowledged + 1)) {
            acknowledged++;
        }
    }

    /** Every sequence up to this one is done with; 0 if not even the first is. */
    long acknowledged() {
        return acknowledged;
    }
}
