package dev.holdfast.bench.trial;

import java.util.List;

/** One row of what a trial found, and its number of callers. */
public record Findings(int callers, List<Figure> figures) {
    public Findings {
        figures = List.copyOf(figures);
    }
}
