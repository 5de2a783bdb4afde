package dev.holdfast.bench.micro;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * One measurement.
 *
 * @param benchmark what is done once in {@code nanos}
 * @param parameter what {@code count} counts
 * @param nanos the mean
 * @param errorNanos half of the mean's 99.9 % confidence interval
 * @param single {@code null} if single times are not measured
 */
record MicroRow(
        String benchmark,
        String parameter,
        int count,
        double nanos,
        double errorNanos,
        @Nullable Single single) {
    /** Single times, including pauses of the JVM and of the machine. */
    record Single(double p50Nanos, double p999Nanos, double longestNanos) {}

    private static final double PERCENT_50 = 50;
    private static final double PERCENT_99_9 = 99.9;

    /** Each benchmark has one parameter, and nanoseconds as its unit. */
    static MicroRow of(RunResult run) {
        BenchmarkParams params = run.getParams();
        String parameter = params.getParamsKeys().iterator().next();
        Result<?> result = run.getPrimaryResult();
        return new MicroRow(
                result.getLabel(),
                parameter,
                Integer.parseInt(params.getParam(parameter)),
                result.getScore(),
                result.getScoreError(),
                params.getMode() == Mode.SampleTime ? single(result.getStatistics()) : null);
    }

    private static Single single(Statistics times) {
        return new Single(times.getPercentile(PERCENT_50), times.getPercentile(PERCENT_99_9), times.getMax());
    }

    /** With more locks or waiters it should take no longer. */
    boolean shouldBeFlat() {
        return !parameter.equals("commands");
    }
}
