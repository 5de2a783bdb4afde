package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.LoadResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of what a trial found.
 *
 * @param part which part of the trial, if it has several; empty otherwise
 * @param place where the callers were; {@code null} if there were some in each of the peers' processes
 * @param callers how many
 * @param load {@code null} if something else was measured
 * @param figures empty likewise
 * @param cpu who else used the processors; {@code null} if that is not known, or only of the trial as a whole
 */
public record Findings(
        String part,
        @Nullable Place place,
        int callers,
        @Nullable LoadResult load,
        List<Figure> figures,
        @Nullable CpuShares cpu) {
    public Findings {
        figures = List.copyOf(figures);
    }

    Findings(int callers, List<Figure> figures) {
        this("", Place.THIN, callers, null, figures, null);
    }

    /** Of callers on a thin client. */
    Findings(String part, int callers, LoadResult load, @Nullable CpuShares cpu) {
        this(part, Place.THIN, callers, load, List.of(), cpu);
    }
}
