package dev.holdfast.bench.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A {@link BenchHolder}, as its parent sees it. Used by one thread. */
public final class HolderProcess implements AutoCloseable {
    private final ChildJvm jvm;

    HolderProcess(Path log, String peers, Duration sessionLease) throws IOException {
        jvm = ChildJvm.start(
                "the holder",
                log,
                List.of("-Xmx3g"),
                BenchHolder.class,
                List.of(peers, String.valueOf(sessionLease.toMillis())));
    }

    /**
     * Has it take those of {@link dev.holdfast.bench.load.Holds}, and blocks until all are held.
     *
     * @return how many were acquired per second
     */
    public double take(int from, int to) throws IOException {
        return Double.parseDouble(jvm.ask("take " + from + " " + to));
    }

    /** SIGKILL; it is gone when this returns. */
    public void kill() {
        jvm.close();
    }

    @Override
    public void close() {
        kill();
    }
}
