package dev.holdfast.bench.micro;

import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.SnapshotImage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The turns of a capture: how long a snapshot keeps the machine from applying. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SnapshotTurnBenchmark {
    @Param({"100000", "1000000"})
    int holds;

    private final Log log = new Log();
    SnapshotCapture capture = log.machine().capture();

    @Setup
    public void hold() {
        capture.close();
        Held.take(log, holds);
        capture = log.machine().capture();
    }

    /** Starting a capture is part of its first turn. */
    @Benchmark
    public SnapshotImage turn() {
        if (capture.isComplete()) {
            capture = log.machine().capture();
        }
        return capture.take(SnapshotBenchmark.PARTS_PER_TURN);
    }
}
