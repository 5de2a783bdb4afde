package dev.holdfast.bench.load;

import java.util.List;

/**
 * The figures of a workload. Each is the median over the windows; times are in milliseconds.
 *
 * @param pairsPerSecond acquires and releases
 * @param windowsPerSecond the same for each window
 * @param grantsLeast how many pairs the unluckiest caller completed, over all windows
 * @param errors pairs that failed
 */
public record LoadResult(
        double pairsPerSecond,
        List<Double> windowsPerSecond,
        double acquireP50,
        double acquireP99,
        double pairP50,
        double pairP99,
        double pairMax,
        long grantsLeast,
        long grantsMost,
        long errors) {
    public LoadResult {
        windowsPerSecond = List.copyOf(windowsPerSecond);
    }
}
