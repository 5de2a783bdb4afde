package dev.holdfast.bench;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.trial.Figure;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One measurement.
 *
 * @param build which build of Holdfast, or whether over TLS, if two are compared; empty otherwise
 * @param place where the callers were; {@code null} if there were some in each of the peers' processes
 * @param workload as the command line names it
 * @param part which part of the workload, if it has several; empty otherwise
 * @param load {@code null} if something else was measured
 * @param holds {@code null} likewise
 * @param figures empty likewise
 * @param cpu who else used the processors meanwhile; {@code null} where the system does not tell
 */
record Row(
        String build,
        @Nullable Place place,
        String workload,
        String part,
        int callers,
        @Nullable LoadResult load,
        @Nullable HoldsResult holds,
        List<Figure> figures,
        @Nullable CpuShares cpu) {
    Row {
        // The JSON of an older build does not have it.
        part = part == null ? "" : part;
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
        return new Row(name, place, workload, part, callers, load, holds, figures, cpu);
    }

    String title() {
        return where() + ", " + what(", ") + ", " + callers + (callers == 1 ? " caller" : " callers");
    }

    /** Where the callers were, as the command line names it. */
    String where() {
        return place == null ? "all" : place.name().toLowerCase(Locale.ROOT);
    }

    /** The workload, and which part of it. */
    String what(String separator) {
        return part.isEmpty() ? workload : workload + separator + part;
    }

    /** The rate that is compared between builds; 0 if there is none. */
    double perSecond() {
        if (load != null) {
            return load.pairsPerSecond();
        }
        if (holds != null) {
            return holds.perSecond();
        }
        return figures.stream()
                .filter(figure -> figure.unit().equals(Figure.PER_SECOND))
                .mapToDouble(Figure::value)
                .findFirst()
                .orElse(0);
    }
}
