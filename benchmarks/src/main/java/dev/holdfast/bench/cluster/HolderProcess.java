package dev.holdfast.bench.cluster;

import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A {@link BenchHolder}, as its parent sees it. Used by one thread. */
public final class HolderProcess implements AutoCloseable {
    private static final Duration TAKE_TIMEOUT = Duration.ofHours(2);

    private final ChildJvm jvm;

    HolderProcess(Path log, String peers, Duration sessionLease) throws IOException {
        jvm = ChildJvm.plan("the holder", BenchHolder.class)
                .jvmOptions("-Xmx3g", "-Dlogback.configurationFile=holdfast-logback.xml")
                .arguments(peers, String.valueOf(sessionLease.toMillis()))
                .log(log)
                .start();
    }

    /**
     * Takes those of {@link dev.holdfast.bench.load.Holds}, and blocks until all are held.
     *
     * @return how many were acquired per second
     */
    public double take(int from, int to) throws IOException, InterruptedException {
        return Double.parseDouble(jvm.ask("take " + from + " " + to, any -> true, TAKE_TIMEOUT));
    }

    /** SIGKILL; it is gone when this returns. */
    public void kill() {
        jvm.kill();
    }

    @Override
    public void close() {
        kill();
    }
}
