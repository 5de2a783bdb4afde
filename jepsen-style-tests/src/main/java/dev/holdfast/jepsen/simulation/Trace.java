package dev.holdfast.jepsen.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What happened in one run, for people to read. Kept only if somebody will. */
final class Trace {
    private final Scheduler scheduler;
    private final boolean kept;
    private final List<String> lines = new ArrayList<>();

    Trace(Scheduler scheduler, boolean kept) {
        this.scheduler = scheduler;
        this.kept = kept;
    }

    void add(String who, Supplier<String> what) {
        if (kept) {
            lines.add(String.format("%10.3f ms  %-9s %s", scheduler.nowNanos() / 1e6, who, what.get()));
        }
    }

    List<String> lines() {
        return lines;
    }
}
