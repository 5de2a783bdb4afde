package dev.holdfast.bench.micro;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the benchmarks, each in a JVM of its own. */
public final class MicroRun {
    private static final int WARM_UPS = 3;
    private static final int ITERATIONS = 5;
    private static final int SNAPSHOTS = 10;
    private static final List<Integer> SNAPSHOT_HOLDS = List.of(100_000, 1_000_000);

    private final PrintStream progress;

    public MicroRun(PrintStream progress) {
        this.progress = progress;
    }

    /** Blocks until it is done. */
    public MicroReport run() {
        List<MicroRow> rows = new ArrayList<>();
        for (Class<?> benchmark : List.of(
                ApplyBenchmark.class, HandOverBenchmark.class, CodecBenchmark.class, SnapshotTurnBenchmark.class)) {
            rows.addAll(run(options(benchmark).warmupIterations(WARM_UPS).measurementIterations(ITERATIONS)));
        }
        for (int holds : SNAPSHOT_HOLDS) {
            rows.addAll(run(options(SnapshotBenchmark.class)
                    .param("holds", "" + holds)
                    .operationsPerInvocation(holds)
                    .warmupIterations(SNAPSHOTS)
                    .measurementIterations(SNAPSHOTS)));
        }
        return new MicroReport(rows);
    }

    private static ChainedOptionsBuilder options(Class<?> benchmark) {
        return new OptionsBuilder()
                .include("^" + benchmark.getName().replace(".", "\\.") + "\\.")
                .forks(1)
                .jvmArgsAppend("-Xms2g", "-Xmx2g")
                .warmupTime(TimeValue.seconds(1))
                .measurementTime(TimeValue.seconds(1))
                .shouldFailOnError(true);
    }

    private List<MicroRow> run(ChainedOptionsBuilder options) {
        try {
            return new Runner(options.build(), OutputFormatFactory.createFormatInstance(progress, VerboseMode.NORMAL))
                    .run().stream().map(MicroRow::of).toList();
        } catch (RunnerException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }
}
