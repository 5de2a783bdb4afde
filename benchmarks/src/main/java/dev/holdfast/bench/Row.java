package dev.holdfast.bench;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.trial.Figure;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One measurement.
 *
 * @param build which build of Holdfast, or whether over TLS, if two are compared; empty otherwise
 * @param workload as the command line names it
 * @param load {@code null} if something else was measured
 * @param holds {@code null} likewise
 * @param figures empty likewise
 */
record Row(
        String build,
        Place place,
        String workload,
        int callers,
        @Nullable LoadResult load,
        @Nullable HoldsResult holds,
        List<Figure> figures) {
    Row {
        figures = List.copyOf(figures);
    }

    /**
     * @param perSecond how many locks were acquired per second
     * @param leaderBytesPerHold what each costs the leader's heap, live
     * @param leaderBytesLeftPerHold what is left of that once all are released
     * @param leaderResidentMb the resident memory of the leader's process then, its free heap included; 0 if the system
     *     does not report it
     * @param clientBytesPerHold what each costs the client's heap, live
     */
    record HoldsResult(
            int count,
            double perSecond,
            double leaderBytesPerHold,
            double leaderBytesLeftPerHold,
            double leaderResidentMb,
            double clientBytesPerHold) {
        HoldsResult withLeft(double bytes) {
            return new HoldsResult(count, perSecond, leaderBytesPerHold, bytes, leaderResidentMb, clientBytesPerHold);
        }
    }

    /** The same, of that build. */
    Row named(String name) {
        return new Row(name, place, workload, callers, load, holds, figures);
    }

    String title() {
        return place.name().toLowerCase(Locale.ROOT) + ", " + workload + ", " + callers
                + (callers == 1 ? " caller" : " callers");
    }

    /** The figure that is compared between builds. */
    double perSecond() {
        return load != null ? load.pairsPerSecond() : holds != null ? holds.perSecond() : 0;
    }
}
