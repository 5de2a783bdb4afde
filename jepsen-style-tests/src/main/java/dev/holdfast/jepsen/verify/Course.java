package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.verify.TrialReport.FaultReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a trial's clients saw in the course of time, in a fixed number of bins of equal length, so that its size does not
 * depend on how long the trial took. Times are in seconds since the first operation, and latencies in milliseconds.
 *
 * @param seconds how long it took
 * @param grants how many there were in each bin
 * @param latencies by operation and outcome
 * @param longestGap the longest time without a grant, from the first grant on; empty if nothing was granted
 */
record Course(double seconds, List<Integer> grants, List<Latency> latencies, Gap longestGap) {
    static final int BINS = 160;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MS = 1e6;

    /**
     * How long one operation took that ended in one way. Where the outcome is unknown there is nothing but the count.
     *
     * @param bins those in which there are any, by when they were invoked
     */
    record Latency(String operation, Outcome outcome, int count, double p50, double p99, double max, List<Bin> bins) {
        Latency {
            bins = List.copyOf(bins);
        }
    }

    /** @param number from 0 on */
    record Bin(int number, int count, double min, double p50, double max) {}

    /** A time without a grant. */
    record Gap(double from, double until) {
        double seconds() {
            return until - from;
        }
    }

    /** What was asked for and how it ended. */
    private record Series(String operation, Outcome outcome) implements Comparable<Series> {
        @Override
        public int compareTo(Series other) {
            int order = operation.compareTo(other.operation);
            return order == 0 ? outcome.compareTo(other.outcome) : order;
        }
    }

    Course {
        grants = List.copyOf(grants);
        latencies = List.copyOf(latencies);
    }

    double binSeconds() {
        return seconds / BINS;
    }

    /** When that history begins, by {@link System#nanoTime}; {@code otherwise} if there is nothing in it. */
    static long beginOf(List<Operation> history, long otherwise) {
        return history.stream().mapToLong(Operation::invokedNanos).min().orElse(otherwise);
    }

    /** @param faults with times since the history began */
    static Course of(List<Operation> history, List<FaultReport> faults) {
        long began = beginOf(history, 0);
        long endOfFaults = faults.stream()
                .mapToLong(fault -> fault.startedMs() + fault.lastedMs())
                .max()
                .orElse(0);
        double seconds = Math.max(endOfFaults / 1e3, 1e-3);
        for (Operation operation : history) {
            long last = operation.isUnknown() ? operation.invokedNanos() : operation.completedNanos();
            seconds = Math.max(seconds, (last - began) / NANOS_PER_SECOND);
        }
        double[] grants = grantsOf(history, began);
        return new Course(
                seconds, counted(grants, seconds), latencies(history, began, seconds), longestGap(grants, seconds));
    }

    private static double[] grantsOf(List<Operation> history, long began) {
        return history.stream()
                .filter(operation -> operation.result() instanceof Result.Granted)
                .mapToDouble(operation -> (operation.completedNanos() - began) / NANOS_PER_SECOND)
                .sorted()
                .toArray();
    }

    private static List<Integer> counted(double[] times, double seconds) {
        Integer[] counts = new Integer[BINS];
        Arrays.fill(counts, 0);
        for (double time : times) {
            counts[bin(time, seconds)]++;
        }
        return List.of(counts);
    }

    private static int bin(double time, double seconds) {
        return Math.min(BINS - 1, (int) (time / seconds * BINS));
    }

    /** The time after the last grant counts too: that may be when it all ended. */
    private static Gap longestGap(double[] grants, double seconds) {
        Gap longest = new Gap(0, 0);
        for (int i = 0; i < grants.length; i++) {
            Gap gap = new Gap(grants[i], i + 1 < grants.length ? grants[i + 1] : seconds);
            longest = gap.seconds() > longest.seconds() ? gap : longest;
        }
        return longest;
    }

    private static List<Latency> latencies(List<Operation> history, long began, double seconds) {
        Map<Series, Map<Integer, List<Double>>> all = new TreeMap<>();
        for (Operation operation : history) {
            // A belief is asked of nobody but the client itself.
            if (!(operation.call() instanceof Call.Believe)) {
                int bin = bin((operation.invokedNanos() - began) / NANOS_PER_SECOND, seconds);
                double ms = operation.isUnknown()
                        ? 0
                        : (operation.completedNanos() - operation.invokedNanos()) / NANOS_PER_MS;
                all.computeIfAbsent(new Series(nameOf(operation.call()), Outcome.of(operation)), any -> new TreeMap<>())
                        .computeIfAbsent(bin, any -> new ArrayList<>())
                        .add(ms);
            }
        }
        List<Latency> latencies = new ArrayList<>();
        all.forEach((series, bins) -> latencies.add(latency(series, bins)));
        return latencies;
    }

    private static Latency latency(Series series, Map<Integer, List<Double>> bins) {
        List<Bin> counted = new ArrayList<>();
        List<Double> all = new ArrayList<>();
        bins.forEach((number, times) -> {
            double[] sorted = sorted(times);
            counted.add(new Bin(number, sorted.length, sorted[0], percentile(sorted, 50), sorted[sorted.length - 1]));
            all.addAll(times);
        });
        double[] sorted = sorted(all);
        return new Latency(
                series.operation,
                series.outcome,
                sorted.length,
                percentile(sorted, 50),
                percentile(sorted, 99),
                sorted[sorted.length - 1],
                counted);
    }

    private static double[] sorted(List<Double> times) {
        return times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    /** The smallest that at least so many percent do not exceed. */
    private static double percentile(double[] sorted, double percent) {
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100) - 1)];
    }

    /** Such as "force-release". */
    static String nameOf(Call call) {
        return call.getClass()
                .getSimpleName()
                .replaceAll("(?<=.)([A-Z])", "-$1")
                .toLowerCase(Locale.ROOT);
    }
}
