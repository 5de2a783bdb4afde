package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.LoadResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What callers in several processes at the same time got. */
final class EmbeddedRows {

    /**
     * A row for each process, and one for all of them together.
     *
     * @param callers in each process
     * @param results that of the leader's process first
     */
    static List<Findings> of(String part, int callers, List<LoadResult> results, @Nullable CpuShares cpu) {
        List<Findings> rows = new ArrayList<>();
        LoadResult leader = results.get(0);
        rows.add(new Findings(part, Place.LEADER, callers, leader, List.of(), cpu));
        List<Figure> together = new ArrayList<>();
        together.add(Figure.count("callers in each process", callers));
        together.add(new Figure(
                "pairs",
                results.stream().mapToDouble(LoadResult::pairsPerSecond).sum(),
                Figure.PER_SECOND));
        for (int i = 1; i < results.size(); i++) {
            LoadResult follower = results.get(i);
            rows.add(new Findings(part + " " + i, Place.FOLLOWER, callers, follower, List.of(), cpu));
            together.add(new Figure(
                    "pair p50 of follower " + i, Ratio.of(follower.pairP50(), leader.pairP50()), "times the leader's"));
        }
        rows.add(new Findings(part, null, results.size() * callers, null, together, cpu));
        return rows;
    }

    private EmbeddedRows() {}
}
