package dev.holdfast.bench.load;

/**
 * How a workload is to be run.
 *
 * @param callers threads
 * @param firstCaller the number of the first, from which its key follows; that of callers in another process is another
 * @param warmUpSeconds before the first window, not measured
 * @param windowSeconds length of a measured window
 * @param windows how many, back to back
 * @param ratePerSecond pairs that all callers together begin per second, whether earlier ones are done or not; 0 for as
 *     many as possible
 */
public record LoadPlan(
        Workload workload,
        int callers,
        int firstCaller,
        int warmUpSeconds,
        int windowSeconds,
        int windows,
        int ratePerSecond) {
    public LoadPlan {
        if (callers < 1
                || firstCaller < 0
                || warmUpSeconds < 0
                || windowSeconds < 1
                || windows < 1
                || ratePerSecond < 0) {
            throw new IllegalArgumentException("nothing to measure");
        }
    }

    /** For callers that are all in one process. */
    public LoadPlan(
            Workload workload, int callers, int warmUpSeconds, int windowSeconds, int windows, int ratePerSecond) {
        this(workload, callers, 0, warmUpSeconds, windowSeconds, windows, ratePerSecond);
    }

    /** The same for callers of other numbers. */
    public LoadPlan from(int first) {
        return new LoadPlan(workload, callers, first, warmUpSeconds, windowSeconds, windows, ratePerSecond);
    }
}
