package dev.holdfast.shedlock;

import dev.holdfast.client.LockHandle;

/** One job under one hold, which its extensions keep. */
final class RunningJob {
    final String name;
    final LockHandle handle;
    private volatile boolean ended;

    RunningJob(String name, LockHandle handle) {
        this.name = name;
        this.handle = handle;
    }

    boolean hasEnded() {
        return ended;
    }

    void end() {
        ended = true;
    }
}
