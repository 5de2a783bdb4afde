package dev.holdfast.bench.load;

import java.util.List;

/**
 * A load in the course of time, and how its times are spread, for plots. Its size does not depend on how long the load took.
 *
 * @param binSeconds the length of a bin
 * @param warmUpSeconds how long it is from the start of the callers to the first window
 * @param pairsPerSecond in each bin, from the start of the callers on
 * @param acquire over all windows
 * @param pair likewise
 */
public record LoadCourse(
        double binSeconds,
        double warmUpSeconds,
        List<Double> pairsPerSecond,
        List<Percentile> acquire,
        List<Percentile> pair) {
    public LoadCourse {
        pairsPerSecond = List.copyOf(pairsPerSecond);
        acquire = List.copyOf(acquire);
        pair = List.copyOf(pair);
    }

    /** So many percent took at most so many milliseconds. */
    public record Percentile(double percent, double ms) {}
}
