package dev.holdfast.bench.load;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a workload, or of one of its windows. Those of a workload are medians over its windows, unless said
 * otherwise. Times are in milliseconds.
 *
 * @param pairsPerSecond acquires and releases
 * @param grantsLeast how many pairs the unluckiest caller completed, over all windows
 * @param errors pairs that failed, in all windows and before
 * @param windows each by itself; empty for a window
 * @param course {@code null} for a window, and of a build that does not tell
 */
public record LoadResult(
        double pairsPerSecond,
        double acquireP50,
        double acquireP99,
        double pairP50,
        double pairP90,
        double pairP99,
        double pairMax,
        long grantsLeast,
        long grantsMost,
        long errors,
        List<LoadResult> windows,
        @Nullable LoadCourse course) {
    public LoadResult {
        // The JSON of an older build does not have them.
        windows = windows == null ? List.of() : List.copyOf(windows);
    }

    /** One without a course. */
    public LoadResult(
            double pairsPerSecond,
            double acquireP50,
            double acquireP99,
            double pairP50,
            double pairP90,
            double pairP99,
            double pairMax,
            long grantsLeast,
            long grantsMost,
            long errors,
            List<LoadResult> windows) {
        this(
                pairsPerSecond,
                acquireP50,
                acquireP99,
                pairP50,
                pairP90,
                pairP99,
                pairMax,
                grantsLeast,
                grantsMost,
                errors,
                windows,
                null);
    }

    static LoadResult of(
            List<LoadResult> windows, long grantsLeast, long grantsMost, long errors, @Nullable LoadCourse course) {
        return new LoadResult(
                median(windows, LoadResult::pairsPerSecond),
                median(windows, LoadResult::acquireP50),
                median(windows, LoadResult::acquireP99),
                median(windows, LoadResult::pairP50),
                median(windows, LoadResult::pairP90),
                median(windows, LoadResult::pairP99),
                median(windows, LoadResult::pairMax),
                grantsLeast,
                grantsMost,
                errors,
                windows,
                course);
    }

    private static double median(List<LoadResult> windows, ToDoubleFunction<LoadResult> figure) {
        return Median.of(windows.stream().map(figure::applyAsDouble).toList());
    }
}
