package dev.holdfast.bench;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.load.LoadResult;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One measurement.
 *
 * @param build which build of Holdfast, where two are compared; empty otherwise
 * @param workload as the command line names it
 * @param load {@code null} for holds
 * @param holds {@code null} for the others
 */
record Row(
        String build,
        Place place,
        String workload,
        int callers,
        @Nullable LoadResult load,
        @Nullable HoldsResult holds) {
    /**
     * @param perSecond how many locks were taken per second
     * @param leaderBytesPerHold what each costs the leader's heap, live
     */
    record HoldsResult(int count, double perSecond, double leaderBytesPerHold) {}

    String title() {
        return place.name().toLowerCase(Locale.ROOT) + ", " + workload + ", " + callers
                + (callers == 1 ? " caller" : " callers");
    }

    /** What is compared between builds. */
    double perSecond() {
        return load != null ? load.pairsPerSecond() : holds != null ? holds.perSecond() : 0;
    }
}
