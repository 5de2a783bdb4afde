package dev.holdfast.bench.trial;

import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.WatchedLoad;
import dev.holdfast.bench.load.Workload;
import java.util.ArrayList;
import java.util.List;

/** One caller, from the start of everything on, looked at in stretches of equal length. */
final class Stretches {
    private final LoadPlan plan;

    /**
     * @param seconds in all; a last stretch that is not whole is left out, unless it is the only one
     * @param each of a stretch
     * @param rate pairs per second; 0 for as many as possible
     */
    Stretches(int seconds, int each, int rate) {
        int length = Math.min(seconds, each);
        plan = new LoadPlan(Workload.OWN_KEY, 1, 0, length, seconds / length, rate);
    }

    LoadPlan plan() {
        return plan;
    }

    /** Such as "5-10 s". */
    String name(int stretch) {
        return stretch * plan.windowSeconds() + "-" + (stretch + 1) * plan.windowSeconds() + " s";
    }

    List<Findings> rows(WatchedLoad measured) {
        List<Findings> rows = new ArrayList<>();
        for (int i = 0; i < measured.windows().size(); i++) {
            WatchedLoad.WatchedWindow window = measured.windows().get(i);
            rows.add(new Findings(name(i), 1, window.load(), window.cpu()));
        }
        return rows;
    }
}
