package dev.holdfast.bench.micro;

import dev.holdfast.statemachine.CorruptSnapshotException;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.SnapshotRestore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A whole snapshot in memory, per hold. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SnapshotBenchmark {
    /** As many as a peer takes under its lock at a time. */
    static final int PARTS_PER_TURN = 256;

    /** What the time is divided by. Annotations cannot say it, so {@link MicroRun} sets it. */
    @Param({"100000", "1000000"})
    int holds;

    private final Log log = new Log();
    private List<byte[]> pieces = List.of();

    @Setup
    public void hold() {
        Held.take(log, holds);
        pieces = captureHold();
    }

    @Benchmark
    public List<byte[]> captureHold() {
        List<byte[]> captured = new ArrayList<>();
        try (SnapshotCapture capture = log.machine().capture()) {
            while (!capture.isComplete()) {
                captured.addAll(capture.take(PARTS_PER_TURN).pieces());
            }
        }
        return captured;
    }

    @Benchmark
    public LockMachine restoreHold() throws CorruptSnapshotException {
        SnapshotRestore restore = new SnapshotRestore();
        for (byte[] piece : pieces) {
            restore.accept(piece);
        }
        return restore.finish();
    }
}
