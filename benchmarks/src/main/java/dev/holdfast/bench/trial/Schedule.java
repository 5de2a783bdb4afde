package dev.holdfast.bench.trial;

import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.Workload;

/** How long a trial warms up and measures, all in seconds. */
public record Schedule(int prewarmSeconds, int warmUpSeconds, int windowSeconds, int windows) {
    /** One window is measured of it, of which nobody wants to know. */
    private static final int REST_SECONDS = 1;

    LoadPlan plan(Workload workload, int callers) {
        return new LoadPlan(workload, callers, warmUpSeconds, windowSeconds, windows, 0);
    }

    /** What compiles the paths of all sides beforehand. Not for a schedule without. */
    LoadPlan prewarm(int callers) {
        return new LoadPlan(Workload.OWN_KEY, callers, prewarmSeconds, REST_SECONDS, 1, 0);
    }

    /** More than all of it takes. */
    int boundSeconds() {
        return 2 * (prewarmSeconds + warmUpSeconds + windowSeconds * windows) + 60;
    }
}
